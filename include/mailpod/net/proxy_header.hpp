#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// What stands at the beginning of a connection that a proxy passes on: whom it comes from. HAProxy's PROXY protocol,
/// version 1 (a line of text) and 2 (binary); doc/proxy-protocol.txt there.
struct ProxyHeader {
  enum class State {
    incomplete,  ///< `more` further octets are part of it, at least
    malformed,   ///< or of a kind that we do not take: UDP, other families
    complete,
  };
  State state = State::incomplete;
  std::size_t more = 0;            ///< octets to read next, so that none of what follows the header is read with it
  std::optional<Endpoint> client;  ///< nothing: the proxy speaks for itself (LOCAL, UNKNOWN)
};

/// Octets: of version 1 with its CRLF, as specified; of version 2 as much as addresses and sensible TLVs need.
inline constexpr std::size_t longest_proxy_line = 107;
inline constexpr std::size_t longest_proxy_header = 2048;

/// `octets` are those that came so far, from the first.
ProxyHeader parse_proxy_header(std::string_view octets);

/// Reads the header and nothing behind it; everything is over within the stream's timeout for each octet group.
/// The client, or nothing. Throws std::errc::protocol_error if there is no such header.
awaitable<std::optional<Endpoint>> read_proxy_header(Stream& stream);

}  // namespace mailpod::net
