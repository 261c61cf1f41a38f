#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::queue {

/// An IP address as inet_ntop writes it; an IPv4 address mapped into IPv6 is the IPv4 address.
struct NumericAddress {
  std::string text;
  bool reaches_ourselves = false;  ///< loopback, or the unspecified address, which is as good
};
std::optional<NumericAddress> parse_numeric_address(std::string_view text);

/// `[192.0.2.1]` or `[IPv6:2001:db8::1]`, RFC 5321 §4.1.3; also an IPv6 address without its tag, which people write.
std::optional<NumericAddress> parse_address_literal(std::string_view literal);

}  // namespace mailpod::queue
