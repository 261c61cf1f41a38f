#pragma once

#include <string>
#include <string_view>

#include <mailpod/members/error.hpp>

namespace mailpod::members {

/// local-part@domain as the directory keeps it: the domain in lower case, the local part as given; compared without
/// regard to ASCII case.
struct Address {
  std::string local_part;
  std::string domain;
  std::string str() const { return local_part + "@" + domain; }
  /// What addresses are compared by: all lower case.
  std::string key() const;
  /// Dot-string local part (RFC 5321 §4.1.2, at most 64 octets) and a domain of at most 255. Errors: bad_address.
  static Result<Address> parse(std::string_view text);
  /// The same, or with letters beyond ASCII in the local part, as what its owner chose after a separator may have
  /// (RFC 6531 §3.3). Whether they are UTF-8 is not asked.
  static Result<Address> parse_reached(std::string_view text);
  friend bool operator==(const Address&, const Address&) = default;
};

}  // namespace mailpod::members
