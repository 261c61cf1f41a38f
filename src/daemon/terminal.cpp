#include "terminal.hpp"

#include <array>
#include <csignal>
#include <iostream>

#include <poll.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <mailpod/crypto/keys.hpp>

namespace mailpod::daemon {
namespace {

/// Standard input without echo, as long as it lives. Ctrl-C must not leave the terminal so: SIGINT and SIGTERM wait
/// meanwhile, and take effect once the echo is back.
class Quiet {
public:
  Quiet() {
    sigset_t deadly;
    sigemptyset(&deadly);
    sigaddset(&deadly, SIGINT);
    sigaddset(&deadly, SIGTERM);
    ::pthread_sigmask(SIG_BLOCK, &deadly, &mask_before_);
    signal_ = ::signalfd(-1, &deadly, SFD_CLOEXEC);
    if (::tcgetattr(STDIN_FILENO, &before_) != 0) return;
    termios quiet = before_;
    quiet.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    changed_ = ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) == 0;
  }
  ~Quiet() {
    if (changed_) ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
    if (signal_ >= 0) ::close(signal_);
    ::pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
  }
  Quiet(const Quiet&) = delete;
  Quiet& operator=(const Quiet&) = delete;

  /// Until a line can be read; false if a signal waits.
  bool await_line() const {
    if (std::cin.rdbuf()->in_avail() > 0) return true;
    std::array<pollfd, 2> wanted{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signal_, POLLIN, 0}};
    while (::poll(wanted.data(), wanted.size(), -1) < 0) {
    }
    return wanted[1].revents == 0;
  }

private:
  sigset_t mask_before_{};
  int signal_ = -1;
  termios before_{};
  bool changed_ = false;
};

}  // namespace

bool read_line(std::string& line) {
  if (!std::getline(std::cin, line)) return false;
  if (line.ends_with('\r')) line.pop_back();
  return true;
}

governance::Verdict<std::string> read_secret(const std::string& prompt) {
  std::string line;
  bool got = false;
  if (::isatty(STDIN_FILENO) == 1) {
    remark("{}: ", prompt);
    const Quiet quiet;
    got = quiet.await_line() && read_line(line);
    remark("\n");
  } else {
    got = read_line(line);
  }
  if (!got || line.empty())
    return governance::Complaint{governance::Errc::missing_key, "standard input", 0, prompt + " is missing",
                                 "type it, or give it as a line of standard input"};
  return line;
}

governance::Verdict<std::string> ask_server_key_passphrase() {
  return read_secret("passphrase of the server key");
}

governance::Verdict<std::string> read_passphrase(int descriptor) {
  constexpr std::size_t longest = 1024;
  std::string line;
  char octet = 0;
  // One at a time: what follows the line is not ours.
  while (line.size() < longest && ::read(descriptor, &octet, 1) == 1 && octet != '\n') line += octet;
  ::close(descriptor);
  if (!line.empty()) return line;
  return governance::Complaint{governance::Errc::missing_key, "--passphrase-fd", 0,
                               "there is no passphrase of the server key", "write it there as one line"};
}

governance::Verdict<std::string> read_new_password() {
  auto password = read_secret("new password");
  if (!password.has_value()) return password.error();
  auto again = read_secret("the same again");
  if (!again.has_value()) return again.error();
  const bool same = *password == *again;
  crypto::wipe(*again);
  if (same) return password;
  crypto::wipe(*password);
  return governance::Complaint{governance::Errc::bad_value, "standard input", 0, "the two passwords differ",
                               "type the same twice"};
}

int complain(const governance::Complaint& complaint) {
  remark("mailpod: {}\n", complaint.text());
  return 1;
}

}  // namespace mailpod::daemon
