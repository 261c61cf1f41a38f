#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

namespace mailpod::mailauth {

/// A client's address. IPv4 that is mapped into IPv6 is IPv4: RFC 7208 §5.
class IpAddress {
public:
  /// Numeric, without a prefix.
  static std::optional<IpAddress> parse(std::string_view text);

  bool is_v4() const { return v4_; }
  /// Whether the first `prefix` bits are those of `network`; never if the other is of another family.
  bool is_in(const IpAddress& network, unsigned prefix) const;
  /// As inet_ntop writes it.
  std::string str() const;
  /// As the macro `i` has it: IPv6 in 32 hexadecimal digits with dots between. RFC 7208 §7.3.
  std::string dotted() const;

private:
  std::array<unsigned char, 16> octets_{};  ///< of IPv4 the first four
  bool v4_ = false;
};

}  // namespace mailpod::mailauth
