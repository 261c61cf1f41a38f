#pragma once

#include <algorithm>
#include <string_view>

#include <mailpod/text/cursor.hpp>

namespace mailpod::http {

/// RFC 9110 §5.6.2 tchar.
inline constexpr text::OctetSet tchar = text::octets::alnum | text::OctetSet("!#$%&'*+-.^_`|~");
/// RFC 9110 §5.5: what a field value may hold, obs-text included.
inline constexpr text::OctetSet value_octets = text::octets::vchar | text::octets::wsp | text::octets::beyond_ascii;
/// RFC 3986 §3.3 pchar, but for the `%` of pct-encoded.
inline constexpr text::OctetSet pchar = text::octets::alnum | text::OctetSet("-._~!$&'()*+,;=:@");
/// RFC 3986 §3.4, with the `%`.
inline constexpr text::OctetSet query_octets = pchar | text::OctetSet("%/?");
/// What the name of a host is made of here: letters, digits, hyphen, dot, and the underscore that some have.
inline constexpr text::OctetSet host_octets = text::octets::alnum | text::OctetSet("-._");

inline bool all_of(std::string_view octets, const text::OctetSet& set) {
  return std::ranges::all_of(octets, [&set](char octet) { return set.contains(octet); });
}

inline bool is_token(std::string_view text) {
  return !text.empty() && all_of(text, tchar);
}

inline bool is_field_value(std::string_view text) {
  return all_of(text, value_octets);
}

}  // namespace mailpod::http
