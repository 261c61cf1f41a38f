#include "toml_parser.hpp"

#include <charconv>

#include <fmt/format.h>

namespace mailpod::text {
namespace {

bool is_key_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

bool is_scalar_character(char c) {
  return is_key_character(c) || c == ':' || c == '.' || c == '+';
}

/// Decimal, one spelling: no leading zeros, no underscores, no plus.
std::optional<std::int64_t> number_from(std::string_view token) {
  const auto digits = token.substr(token.starts_with('-') ? 1 : 0);
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0')) return std::nullopt;
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), number);
  if (error != std::errc{} || end != token.data() + token.size() || token == "-0") return std::nullopt;
  return number;
}

/// `2026-11-23T08:00:00Z`, years 1970 to 9999.
std::optional<base::Time> time_from(std::string_view token) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:ddZ";
  if (token.size() != form.size()) return std::nullopt;
  for (std::size_t i = 0; i < form.size(); ++i) {
    const bool digit = token[i] >= '0' && token[i] <= '9';
    if (form[i] == 'd' ? !digit : token[i] != form[i]) return std::nullopt;
  }
  const auto field = [&](std::size_t at, std::size_t length) {
    int out = 0;
    for (const char c : token.substr(at, length)) out = out * 10 + (c - '0');
    return out;
  };
  const std::chrono::year_month_day date{std::chrono::year{field(0, 4)},
                                         std::chrono::month{static_cast<unsigned>(field(5, 2))},
                                         std::chrono::day{static_cast<unsigned>(field(8, 2))}};
  const int hour = field(11, 2);
  const int minute = field(14, 2);
  const int second = field(17, 2);
  if (!date.ok() || field(0, 4) < 1970 || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return base::Time{std::chrono::sys_days{date} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                    std::chrono::seconds{second}};
}

}  // namespace

bool TomlParser::fail(std::string what) {
  what_ = std::move(what);
  return false;
}

bool TomlParser::take(std::string_view text) {
  if (!starts_with(text)) return false;
  for (std::size_t i = 0; i < text.size(); ++i) next();
  return true;
}

char TomlParser::next() {
  const char c = rest_.front();
  rest_.remove_prefix(1);
  if (c == '\n') ++line_;
  return c;
}

void TomlParser::skip_spaces() {
  while (starts_with(" ") || starts_with("\t")) next();
}

/// To the next line, over a comment if there is one.
bool TomlParser::end_of_line() {
  skip_spaces();
  if (starts_with("#")) {
    std::string comment;
    while (!rest_.empty() && !starts_with("\n")) {
      if (!plain_character(comment, "")) return false;
    }
  }
  if (rest_.empty() || take("\n")) return true;
  return fail("there is more on this line than there may be");
}

bool TomlParser::parse(TomlTable& root) {
  root.line = 1;
  TomlTable* current = &root;
  while (!rest_.empty()) {
    if (!statement(root, current)) return false;
  }
  return true;
}

bool TomlParser::statement(TomlTable& root, TomlTable*& current) {
  skip_spaces();
  if (rest_.empty() || starts_with("\n") || starts_with("#")) return end_of_line();
  if (starts_with("[")) return header(root, current);
  TomlValue read;
  read.line = line_;
  std::string name;
  if (!key(name)) return false;
  skip_spaces();
  if (!take("=")) return fail(fmt::format("`{}` is not followed by =", name));
  skip_spaces();
  const auto line = line_;
  if (!value(read, 0)) return false;
  read.line = line;
  if (!current->entries.emplace(name, std::move(read)).second) {
    line_ = line;
    return fail(fmt::format("`{}` stands here a second time", name));
  }
  return end_of_line();
}

bool TomlParser::key(std::string& into) {
  while (!rest_.empty() && is_key_character(rest_.front())) into += next();
  return into.empty() ? fail("a key of letters, digits, _ and - is wanted") : true;
}

bool TomlParser::section_name(std::string& into) {
  if (!key(into)) return false;
  while (sections_ == TomlSections::dotted && take(".")) {
    std::string below;
    if (!key(below)) return false;
    into += '.' + below;
  }
  return true;
}

bool TomlParser::header(TomlTable& root, TomlTable*& current) {
  const auto line = line_;
  const bool many = take("[[");
  if (!many) take("[");
  skip_spaces();
  std::string name;
  if (!section_name(name)) return false;
  skip_spaces();
  if (!take(many ? "]]" : "]")) return fail("the section's name is not closed");
  auto [found, added] = root.entries.try_emplace(name);
  TomlValue& section = found->second;
  if (added) {
    section.line = line;
    if (many) section.value = std::vector<TomlValue>();
  }
  TomlValue table{.value = TomlTable{{}, line}, .line = line};
  if (many) {
    auto* items = std::get_if<std::vector<TomlValue>>(&section.value);
    // An array written with brackets may not be continued by sections: the first entry tells them apart.
    const bool sections = items != nullptr && (added || (!items->empty() && items->front().from_header));
    if (!sections || items->size() >= most_items) return fail(fmt::format("`{}` stands here a second time", name));
    table.from_header = true;
    items->push_back(std::move(table));
    current = &std::get<TomlTable>(items->back().value);
  } else {
    if (!added) return fail(fmt::format("`{}` stands here a second time", name));
    section = std::move(table);
    current = &std::get<TomlTable>(section.value);
  }
  return end_of_line();
}

bool TomlParser::value(TomlValue& into, int depth) {
  into.line = line_;
  if (rest_.empty()) return fail("a value is missing");
  if (starts_with("\"") || starts_with("'")) {
    std::string text;
    if (!(starts_with("\"") ? basic_string(text) : literal_string(text))) return false;
    into.value = std::move(text);
    return true;
  }
  if (starts_with("[")) return array(into, depth);
  return scalar(into);
}

bool TomlParser::scalar(TomlValue& into) {
  std::string token;
  while (!rest_.empty() && is_scalar_character(rest_.front())) token += next();
  if (token.empty()) return fail("this is no value: a string, number, time, true, false or [list] is wanted");
  if (token == "true" || token == "false") {
    into.value = token == "true";
  } else if (const auto number = number_from(token)) {
    into.value = *number;
  } else if (const auto time = time_from(token)) {
    into.value = *time;
  }
  return true;
}

bool TomlParser::skip_space_and_lines() {
  for (skip_spaces(); starts_with("\n") || starts_with("#"); skip_spaces()) {
    if (!end_of_line()) return false;
  }
  return true;
}

bool TomlParser::array(TomlValue& into, int depth) {
  if (depth >= deepest_array) return fail("lists are nested too deeply");
  take("[");
  std::vector<TomlValue> items;
  for (;;) {
    if (!skip_space_and_lines()) return false;
    if (take("]")) break;
    if (items.size() >= most_items) return fail("the list is too long");
    items.emplace_back();
    if (!value(items.back(), depth + 1) || !skip_space_and_lines()) return false;
    if (take("]")) break;
    if (!take(",")) return fail("a comma or ] is missing in this list");
  }
  into.value = std::move(items);
  return true;
}

}  // namespace mailpod::text
