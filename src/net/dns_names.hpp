#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/bytes.hpp>

namespace mailpod::net {

/// Domain names as text: lower case, labels joined by dots, without the final dot. Text cannot carry every label that
/// the wire can; what has an octet outside printable ASCII, a dot or a backslash inside a label is refused.

/// `name` as it is asked for, in lower case; nothing if no such name can exist (RFC 1035 §2.3.4: labels of 1 to 63
/// octets, 255 in all).
std::optional<std::string> question_name(std::string_view name);

/// The name under which the names of a numeric address are found: in-addr.arpa (RFC 1035 §3.5), ip6.arpa
/// (RFC 3596 §2.5).
std::optional<std::string> reverse_name(const std::string& address);

/// Takes one uncompressed name (RFC 1035 §3.1) from the input; the root is the empty text. Marks it as malformed if
/// there is none.
std::string take_name(base::Decoder& in);

}  // namespace mailpod::net
