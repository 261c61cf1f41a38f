#pragma once

#include <string_view>

#include <mailpod/governance/signatures.hpp>

#include "table_reader.hpp"

namespace mailpod::governance {

/// A signed file's text, past what is asked of every one: at most 64 KiB, UTF-8 without byte order mark, LF, TOML, and
/// the first key is `type` with the type expected.
Verdict<TomlTable> parse_signed_text(std::string_view octets, std::string_view type, std::string_view file);

}  // namespace mailpod::governance
