#pragma once

#include <string>
#include <string_view>

namespace mailpod::text {

/// What the collation i;unicode-casemap compares octet by octet: each character in titlecase, then decomposed (NFKD).
/// In it case does not count, but accents do. Malformed input is repaired first. Linear. RFC 5051 §2.
std::string casemap(std::string_view utf8);

}  // namespace mailpod::text
