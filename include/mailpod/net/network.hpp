#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace mailpod::net {

/// Some addresses of IPv4 or IPv6: `192.0.2.7`, `192.0.2.0/24`, `2001:db8::/32`.
class Network {
public:
  /// Nothing if the text is no numeric address with or without the length of a prefix, or if the address has bits
  /// beyond the prefix: who writes 192.0.2.7/24 means one thing or the other.
  static std::optional<Network> parse(std::string_view text);

  /// As parse() reads it; a single address stands without its prefix.
  std::string str() const;

  /// Whether a numeric address is one of them. IPv4 is the same address when mapped into IPv6.
  bool contains(std::string_view address) const;

  friend bool operator==(const Network&, const Network&) = default;

private:
  std::array<unsigned char, 16> address_{};  ///< IPv4 as ::ffff:a.b.c.d
  unsigned prefix_ = 128;                    ///< bits
};

/// Whether one of them contains the address.
bool any_contains(std::span<const Network> networks, std::string_view address);

}  // namespace mailpod::net
