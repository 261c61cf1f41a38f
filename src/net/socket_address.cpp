#include "socket_address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <system_error>

#include <fmt/format.h>

namespace mailpod::net {

namespace {

const sockaddr_in& as_v4(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in&>(address.storage);
}
const sockaddr_in6& as_v6(const SocketAddress& address) {
  return reinterpret_cast<const sockaddr_in6&>(address.storage);
}

std::string text(int family, const void* octets) {
  std::array<char, INET6_ADDRSTRLEN> out{};
  return inet_ntop(family, octets, out.data(), out.size()) != nullptr ? out.data() : "";
}

}  // namespace

SocketAddress socket_address(const Endpoint& endpoint) {
  SocketAddress made;
  auto& v4 = reinterpret_cast<sockaddr_in&>(made.storage);
  auto& v6 = reinterpret_cast<sockaddr_in6&>(made.storage);
  if (inet_pton(AF_INET, endpoint.address.c_str(), &v4.sin_addr) == 1) {
    v4.sin_family = AF_INET;
    v4.sin_port = htons(endpoint.port);
    made.size = sizeof v4;
  } else if (inet_pton(AF_INET6, endpoint.address.c_str(), &v6.sin6_addr) == 1) {
    v6.sin6_family = AF_INET6;
    v6.sin6_port = htons(endpoint.port);
    made.size = sizeof v6;
  } else {
    throw std::system_error(EINVAL, std::generic_category(),
                            fmt::format("\"{}\" is not a numeric IP address", endpoint.address));
  }
  return made;
}

Endpoint endpoint(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    return {text(AF_INET, &as_v4(address).sin_addr), ntohs(as_v4(address).sin_port)};
  }
  if (address.storage.ss_family == AF_INET6) {
    const auto& v6 = as_v6(address);
    if (IN6_IS_ADDR_V4MAPPED(&v6.sin6_addr)) return {text(AF_INET, &v6.sin6_addr.s6_addr[12]), ntohs(v6.sin6_port)};
    return {text(AF_INET6, &v6.sin6_addr), ntohs(v6.sin6_port)};
  }
  return {};
}

std::string written(const Endpoint& endpoint) {
  const bool is_v6 = endpoint.address.find(':') != std::string::npos;
  return is_v6 ? fmt::format("[{}]:{}", endpoint.address, endpoint.port)
               : fmt::format("{}:{}", endpoint.address, endpoint.port);
}

std::string neighbourhood(const SocketAddress& address) {
  if (address.storage.ss_family == AF_INET) {
    return {reinterpret_cast<const char*>(&as_v4(address).sin_addr), 4};
  }
  if (address.storage.ss_family == AF_INET6) {
    const auto* octets = reinterpret_cast<const char*>(as_v6(address).sin6_addr.s6_addr);
    if (IN6_IS_ADDR_V4MAPPED(&as_v6(address).sin6_addr)) return {octets + 12, 4};
    return {octets, 8};
  }
  return {};
}

Endpoint peer_of(int descriptor) {
  SocketAddress found;
  if (getpeername(descriptor, found.get(), &found.size) != 0) return {};
  return endpoint(found);
}

std::uint16_t local_port_of(int descriptor) {
  SocketAddress found;
  if (getsockname(descriptor, found.get(), &found.size) != 0) return 0;
  return endpoint(found).port;
}

}  // namespace mailpod::net
