#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/governance/error.hpp>
#include <mailpod/text/toml.hpp>

namespace mailpod::governance {

using text::quoted;
using text::quoted_lines;
using text::TomlTable;
using text::TomlValue;

/// `text::parse_toml` for signed files; `file` names it in complaints.
Verdict<TomlTable> parse_toml(std::string_view text, std::string_view file);

/// `2026-11-23T08:00:00Z`; times from year 1970 to 9999.
std::string time_text(base::Time time);

}  // namespace mailpod::governance
