#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::crypto {

/// minisign's files pad base64 (RFC 4648 §4), age's headers do not (RFC 4648 §3.2).
enum class Padding { required, none };

/// In constant time for the same length: secret keys pass through here.
std::string write_base64(std::string_view octets, Padding padding);
/// Nothing unless `text` is the one canonical form: no white space, exact padding, unused bits zero (RFC 4648 §3.5).
std::optional<std::string> parse_base64(std::string_view text, Padding padding);

}  // namespace mailpod::crypto
