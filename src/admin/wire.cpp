#include "wire.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

namespace mailpod::admin {
namespace {

[[noreturn]] void fail(const char* what) {
  throw std::system_error(errno, std::generic_category(), what);
}

/// The socket's address through the folder's descriptor: a path of its own may be longer than sun_path's 107 octets.
sockaddr_un address_in(const Descriptor& folder) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  const std::string path = "/proc/self/fd/" + std::to_string(folder.number()) + "/control.sock";
  std::memcpy(address.sun_path, path.c_str(), path.size() + 1);
  return address;
}

int open_folder(const std::string& folder) {
  const int number = ::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC);
  if (number < 0) fail(folder.c_str());
  return number;
}

int new_socket() {
  const int number = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (number < 0) fail("socket");
  return number;
}

void await(int socket, short events, const Patience& patience) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience.until - std::chrono::steady_clock::now());
    if (left.count() <= 0) throw std::system_error(ETIMEDOUT, std::generic_category(), "control.sock");
    // poll() passes over a negative descriptor.
    std::array<pollfd, 2> wanted{pollfd{socket, events, 0}, pollfd{patience.stop, POLLIN, 0}};
    const int ready = ::poll(wanted.data(), wanted.size(), static_cast<int>(left.count()));
    if (ready < 0 && errno != EINTR) fail("poll");
    if (ready <= 0) continue;
    // What needs no waiting goes on: an answer to what is done already must not get lost.
    if (wanted[0].revents != 0) return;
    if (wanted[1].revents != 0) throw std::system_error(ECANCELED, std::generic_category(), "control.sock");
  }
}

}  // namespace

Descriptor::~Descriptor() {
  if (number_ >= 0) ::close(number_);
}

int listen_at(const std::string& folder) {
  const Descriptor directory(open_folder(folder));
  const auto address = address_in(directory);
  if (::unlink(address.sun_path) != 0 && errno != ENOENT) fail("control.sock");
  const int number = new_socket();
  const mode_t before = ::umask(0177);
  const int bound = ::bind(number, reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int error = errno;
  ::umask(before);
  if (bound != 0 || ::listen(number, 16) != 0) {
    const int reason = bound != 0 ? error : errno;
    ::close(number);
    throw std::system_error(reason, std::generic_category(), "control.sock");
  }
  return number;
}

int connect_to(const std::string& folder) {
  const Descriptor directory(open_folder(folder));
  const auto address = address_in(directory);
  const int number = new_socket();
  if (::connect(number, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return number;
  const int error = errno;
  ::close(number);
  if (error == ENOENT || error == ECONNREFUSED) return -1;
  throw std::system_error(error, std::generic_category(), "control.sock");
}

std::optional<std::string> read_line(int socket, std::size_t limit, const Patience& patience) {
  std::string line;
  std::array<char, 16 * 1024> piece{};
  for (;;) {
    await(socket, POLLIN, patience);
    const auto got = ::recv(socket, piece.data(), piece.size(), MSG_DONTWAIT);
    if (got < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (got < 0) fail("control.sock");
    if (got == 0) return std::nullopt;
    const std::string_view octets(piece.data(), static_cast<std::size_t>(got));
    const auto end = octets.find('\n');
    line.append(octets.substr(0, end));
    crypto::wipe(std::span(reinterpret_cast<unsigned char*>(piece.data()), octets.size()));
    if (line.size() > limit) return std::nullopt;
    if (end != std::string_view::npos) return line;
  }
}

void write_line(int socket, std::string_view line, const Patience& patience) {
  std::string octets = std::string(line) + "\n";
  for (std::size_t done = 0; done < octets.size();) {
    await(socket, POLLOUT, patience);
    const auto sent = ::send(socket, octets.data() + done, octets.size() - done, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (sent < 0) fail("control.sock");
    done += static_cast<std::size_t>(sent);
  }
  crypto::wipe(octets);
}

nlohmann::json parse_message(std::string_view line) {
  using nlohmann::json;
  constexpr int deepest = 16;
  bool fits = true;
  const auto within = [&fits](int depth, json::parse_event_t, json&) {
    fits = fits && depth <= deepest;
    return fits;
  };
  json message = json::parse(line, within, /*allow_exceptions=*/false);
  if (!fits) return json(json::value_t::discarded);
  return message;
}

}  // namespace mailpod::admin
