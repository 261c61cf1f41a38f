// Any octets as TOML. A fault names a line of the document; what is read, written out plainly, reads back to the same.

#include <algorithm>
#include <cstdint>
#include <cstdlib>

#include <mailpod/text/toml.hpp>
#include <mailpod/text/unicode.hpp>

#include "../../src/governance/toml_text.hpp"

using namespace mailpod;
using text::TomlTable;
using text::TomlValue;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

/// What stands right of `=`.
struct Literal {
  std::string operator()(const text::TomlForeign&) const { return "1.5"; }
  std::string operator()(bool choice) const { return choice ? "true" : "false"; }
  std::string operator()(std::int64_t number) const { return std::to_string(number); }
  std::string operator()(const std::string& utf8) const {
    return utf8.size() % 2 == 0 ? text::quoted(utf8) : text::quoted_lines(utf8);
  }
  std::string operator()(base::Time time) const {
    return governance::time_text(time);
  }
  std::string operator()(const std::vector<TomlValue>& list) const {
    std::string out = "[";
    for (const auto& item : list) out += std::visit(*this, item.value) + ",\n";
    return out + "]";
  }
  std::string operator()(const TomlTable&) const { std::abort(); }  // only sections are tables
};

const std::vector<TomlValue>* sections_in(const TomlValue& value) {
  const auto* list = std::get_if<std::vector<TomlValue>>(&value.value);
  return list != nullptr && !list->empty() && list->front().from_header ? list : nullptr;
}

std::string write(const TomlTable& table) {
  std::string keys, sections;
  for (const auto& [name, value] : table.entries) {
    if (const auto* section = std::get_if<TomlTable>(&value.value)) {
      sections += "[" + name + "]\n" + write(*section);
    } else if (const auto* many = sections_in(value)) {
      for (const auto& one : *many) sections += "[[" + name + "]]\n" + write(std::get<TomlTable>(one.value));
    } else {
      keys += name + " = " + std::visit(Literal(), value.value) + "\n";
    }
  }
  return keys + sections;
}

void check_lines(const TomlTable& table, std::size_t last) {
  require(table.line >= 1 && table.line <= last);
  for (const auto& [name, value] : table.entries) {
    require(value.line >= 1 && value.line <= last);
    if (const auto* below = std::get_if<TomlTable>(&value.value)) check_lines(*below, last);
  }
}

void check(std::string_view octets, text::TomlSections sections) {
  const std::size_t last = 1 + static_cast<std::size_t>(std::ranges::count(octets, '\n'));
  const auto document = text::parse_toml(octets, sections);
  if (!document) {
    require(document.error().line >= 1 && document.error().line <= last && !document.error().what.empty());
    return;
  }
  check_lines(*document, last);
  const std::string written = write(*document);
  const auto again = text::parse_toml(written, sections);
  require(again.has_value() && write(*again) == written);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  // As those who call it see to.
  if (!text::is_utf8(octets) || octets.find('\r') != std::string_view::npos) return 0;
  check(octets, text::TomlSections::plain);
  check(octets, text::TomlSections::dotted);
  return 0;
}
