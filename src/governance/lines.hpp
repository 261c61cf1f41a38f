#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/governance/signatures.hpp>

/// What the lines of checkpoints and proofs are made of.
namespace mailpod::governance {

/// The octets up to the next LF, which is taken too; nothing if there is none.
std::optional<std::string_view> take_line(std::string_view& rest);
/// Decimal without leading zeros, below 2^62.
std::optional<std::uint64_t> parse_count(std::string_view text);
/// Base64.
std::optional<Hash> parse_hash(std::string_view text);
std::string write_hash(const Hash& hash);

}  // namespace mailpod::governance
