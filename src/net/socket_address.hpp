#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <string>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// A socket address as the kernel has it.
struct SocketAddress {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  sockaddr* get() { return reinterpret_cast<sockaddr*>(&storage); }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&storage); }
};

/// Of a numeric address; throws std::system_error with EINVAL if it is none.
SocketAddress socket_address(const Endpoint& endpoint);
/// Empty for what is not IPv4 or IPv6.
Endpoint endpoint(const SocketAddress& address);
/// `192.0.2.1:25`, `[2001:db8::1]:25`.
std::string written(const Endpoint& endpoint);

/// What counts as one neighbour: an IPv4 address, or the /64 of an IPv6 address. Octets.
std::string neighbourhood(const SocketAddress& address);

Endpoint peer_of(int descriptor);
std::uint16_t local_port_of(int descriptor);

}  // namespace mailpod::net
