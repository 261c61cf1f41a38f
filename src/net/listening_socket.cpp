#include "listening_socket.hpp"

#include <netinet/in.h>
#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include "socket_address.hpp"

namespace mailpod::net {

namespace {

const char* remedy_for(int error) {
  switch (error) {
    case EADDRINUSE:
      return "; another program listens there: stop it, or choose another port";
    case EACCES:
      return "; ports below 1024 need root or CAP_NET_BIND_SERVICE";
    case EADDRNOTAVAIL:
      return "; this machine does not have that address";
    default:
      return "";
  }
}

[[noreturn]] void fail(const Endpoint& where, int error) {
  throw std::system_error(error, std::generic_category(),
                          fmt::format("cannot listen on {}{}", written(where), remedy_for(error)));
}

void set(int descriptor, int level, int option, int value) {
  ::setsockopt(descriptor, level, option, &value, sizeof value);
}

}  // namespace

int make_listening_socket(Endpoint where, int backlog) {
  SocketAddress address = socket_address(where);
  int made = ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0 && errno == EAFNOSUPPORT && where.address == "::") {
    where.address = "0.0.0.0";
    return make_listening_socket(std::move(where), backlog);
  }
  if (made < 0) fail(where, errno);
  set(made, SOL_SOCKET, SO_REUSEADDR, 1);
  if (address.storage.ss_family == AF_INET6) set(made, IPPROTO_IPV6, IPV6_V6ONLY, 0);
  if (::bind(made, address.get(), address.size) != 0 || ::listen(made, backlog) != 0) {
    const int error = errno;
    ::close(made);
    fail(where, error);
  }
  return made;
}

int make_local_socket(const std::string& path, int backlog) {
  constexpr mode_t owner_and_group = 0660;
  const auto refuse = [&](int error) {
    throw std::system_error(error, std::generic_category(), fmt::format("cannot listen on {}", path));
  };
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (path.size() >= sizeof address.sun_path) refuse(ENAMETOOLONG);
  path.copy(address.sun_path, path.size());
  struct stat found {};
  if (::lstat(path.c_str(), &found) == 0 && S_ISSOCK(found.st_mode)) ::unlink(path.c_str());

  const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (made < 0) refuse(errno);
  const auto* const where = reinterpret_cast<const sockaddr*>(&address);
  if (::bind(made, where, sizeof address) != 0 || ::chmod(path.c_str(), owner_and_group) != 0 ||
      ::listen(made, backlog) != 0) {
    const int error = errno;
    ::close(made);
    refuse(error);
  }
  return made;
}

int adopt_listening_socket(int descriptor) {
  int listens = 0;
  int kind = 0;
  socklen_t size = sizeof listens;
  const bool usable = ::getsockopt(descriptor, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && listens != 0 &&
                      ::getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &kind, &size) == 0 && kind == SOCK_STREAM &&
                      ::fcntl(descriptor, F_SETFD, FD_CLOEXEC) == 0 &&
                      ::fcntl(descriptor, F_SETFL, ::fcntl(descriptor, F_GETFL) | O_NONBLOCK) == 0;
  if (usable) return descriptor;
  ::close(descriptor);
  throw std::system_error(EINVAL, std::generic_category(),
                          "a socket that was handed over does not listen for TCP connections; mend its unit");
}

}  // namespace mailpod::net
