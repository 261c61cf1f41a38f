#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::guard {

/// 4 octets, or 16; nothing if it is no numeric address. What is mapped into IPv6 is IPv4.
std::optional<std::string> octets_of(std::string_view address);

/// The first octets of a network, and how many bits of them count.
struct Network {
  std::string octets;
  unsigned bits = 0;
  bool holds(std::string_view address) const;
};
std::optional<Network> parse_network(std::string_view text);

}  // namespace mailpod::guard
