#include <array>
#include <cerrno>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "checks.hpp"

namespace mailpod::daemon {
namespace {

namespace fs = std::filesystem;

/// The inode of a socket that listens on `port`, by /proc/net/tcp and tcp6. proc_net_tcp(5): fields 2, 4 and 10.
std::optional<std::string> inode_on(std::uint16_t port) {
  const std::string wanted = fmt::format(":{:04X}", port);
  for (const char* table : {"/proc/net/tcp", "/proc/net/tcp6"}) {
    std::ifstream lines(table);
    for (std::string line; std::getline(lines, line);) {
      std::istringstream fields(line);
      std::array<std::string, 10> field;
      for (auto& each : field) fields >> each;
      if (field[1].ends_with(wanted) && field[3] == "0A") return field[9];
    }
  }
  return std::nullopt;
}

/// `process 12 (exim4)`; only root sees the files of others.
std::string holder_of(std::uint16_t port) {
  const auto inode = inode_on(port);
  if (!inode) return "another program";
  const std::string socket = "socket:[" + *inode + "]";
  try {
    std::error_code failed;
    for (const auto& process : fs::directory_iterator("/proc", failed)) {
      for (const auto& file : fs::directory_iterator(process.path() / "fd", failed)) {
        if (fs::read_symlink(file.path(), failed) != socket) continue;
        std::string name;
        std::ifstream(process.path() / "comm") >> name;
        return "process " + process.path().filename().string() + " (" + base::printable(name) + ")";
      }
    }
  } catch (const fs::filesystem_error&) {
    // A process that ended while we looked.
  }
  return "a program of another user";
}

/// As the kernel would answer a listener; 0 if it would let us.
int trouble_with(std::uint16_t port) {
  const int made = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (made < 0) return errno == EAFNOSUPPORT ? 0 : errno;
  const int on = 1;
  const int off = 0;
  ::setsockopt(made, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(made, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof off);
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_port = htons(port);
  const int trouble =
      ::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 && ::listen(made, 1) == 0 ? 0
                                                                                                               : errno;
  ::close(made);
  return trouble;
}

}  // namespace

void check_ports(Findings& findings, const Surroundings& pod) {
  const auto& configuration = pod.configuration;
  bool free = true;
  for (const auto* listener :
       {&configuration.smtp, &configuration.submission, &configuration.submissions, &configuration.imap,
        &configuration.imaps, &configuration.pop3, &configuration.pop3s, &configuration.members}) {
    if (listener->port == 0 || trouble_with(listener->port) != EADDRINUSE) continue;
    free = false;
    findings.fault(fmt::format("port {} is held by {}", listener->port, holder_of(listener->port)),
                   "stop it, or choose another port");
  }
  if (free) findings.ok("no other program holds the pod's ports");
}

}  // namespace mailpod::daemon
