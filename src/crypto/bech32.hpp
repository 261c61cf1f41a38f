#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::crypto {

/// Bech32 (BIP 173) in lower case, without its limit of 90 characters, as age uses it.
std::string write_bech32(std::string_view prefix, std::string_view octets);

/// The octets behind `prefix`, given in lower case. Nothing unless `text` is all upper or all lower case, its checksum
/// holds and its padding bits are zero. `text` above 1,000 characters is refused.
std::optional<std::string> parse_bech32(std::string_view prefix, std::string_view text);

}  // namespace mailpod::crypto
