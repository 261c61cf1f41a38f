#include "signed_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/charter.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::governance {
namespace {

std::size_t line_at(std::string_view octets, std::size_t offset) {
  return 1 + static_cast<std::size_t>(std::ranges::count(octets.substr(0, offset), '\n'));
}

}  // namespace

Verdict<TomlTable> parse_signed_text(std::string_view octets, std::string_view type, std::string_view file) {
  Findings findings(file);
  if (octets.size() > largest_signed_file) {
    findings.complain(Errc::too_large, 0, fmt::format("has {} octets", octets.size()), "at most 65536 are allowed");
  } else if (octets.starts_with("\xef\xbb\xbf")) {
    findings.complain(Errc::byte_order_mark, 1, "begins with a byte order mark", "save it as UTF-8 without one");
  } else if (const auto at = octets.find('\r'); at != std::string_view::npos) {
    findings.complain(Errc::carriage_return, line_at(octets, at), "has a carriage return", "end lines in LF alone");
  } else if (!text::is_utf8(octets)) {
    findings.complain(Errc::not_utf8, 0, "is not UTF-8", "save it as UTF-8");
  }
  if (!findings.ok()) return findings.complaint();

  auto table = parse_toml(octets, file);
  if (!table) return table;
  TableReader reader(*table, "", findings);
  const std::string given = reader.text("type");
  if (findings.ok() && given != type) {
    findings.complain(Errc::wrong_type, reader.line_of("type"), fmt::format("is a file of type \"{}\"", given),
                      fmt::format("a file of type \"{}\" is wanted here", type));
  }
  if (type_of(octets) != given) {
    findings.complain(Errc::bad_value, reader.line_of("type"), "a file begins with its type",
                      fmt::format("make `type = \"{}\"` its first line, apart from comments", type));
  }
  if (!findings.ok()) return findings.complaint();
  return table;
}

std::string_view type_of(std::string_view octets) {
  constexpr std::string_view prefix = "type = \"";
  while (octets.starts_with('#') || octets.starts_with('\n')) {
    const auto end = octets.find('\n');
    if (end == std::string_view::npos) return {};
    octets.remove_prefix(end + 1);
  }
  if (!octets.starts_with(prefix)) return {};
  octets.remove_prefix(prefix.size());
  const auto end = octets.find('"');
  return end == std::string_view::npos ? std::string_view{} : octets.substr(0, end);
}

}  // namespace mailpod::governance
