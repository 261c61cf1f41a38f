#pragma once

#include <optional>
#include <string>
#include <string_view>

/// Codes that people read aloud and type: recovery codes, invitations.
///
/// Crockford's base 32: digits and letters without I, L, O and U; reading forgives case, hyphens, spaces, and I or L
/// for 1, O for 0. A last check character (the number modulo 37, as Crockford defines it) finds every single wrong
/// character and every swap of neighbours.
namespace mailpod::text {

/// The code of `octets` in groups of `group` characters joined by `-` (0: no groups), check character last.
std::string write_code(std::string_view octets, std::size_t group = 5);

/// The octets of a code; nothing if a character is foreign, the check character is wrong, or stray bits are set. The
/// caller compares the length.
std::optional<std::string> parse_code(std::string_view typed);

/// RFC 4648 §6, without padding: what authenticators read.
std::string write_base32(std::string_view octets);

}  // namespace mailpod::text
