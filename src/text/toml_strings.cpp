#include <fmt/format.h>

#include "toml_parser.hpp"

/// TOML's four kinds of string.
namespace mailpod::text {
namespace {

std::string utf8(char32_t code) {
  const auto octet = [](char32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  const auto tail = [&](unsigned shift) { return [=](char32_t c) { return octet(0x80 | (c >> shift & 0x3f)); }; };
  if (code < 0x80) return {octet(code)};
  if (code < 0x800) return {octet(0xc0 | code >> 6), tail(0)(code)};
  if (code < 0x10000) return {octet(0xe0 | code >> 12), tail(6)(code), tail(0)(code)};
  return {octet(0xf0 | code >> 18), tail(12)(code), tail(6)(code), tail(0)(code)};
}

int digit_of(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

/// One octet of a comment or string as it stands. `line_ends` is "\n" where lines may end.
bool TomlParser::plain_character(std::string& into, std::string_view line_ends) {
  const char c = rest_.front();
  const auto code = static_cast<unsigned char>(c);
  const bool control = (code < 0x20 && c != '\t') || code == 0x7f;
  if (control && line_ends.find(c) == std::string_view::npos) {
    return fail(c == '\n' ? "the string does not end on its line" : "a control character stands here");
  }
  into += next();
  return true;
}

/// At quotes inside of a multi-line string: three of them close it, one or two before these belong to it.
bool TomlParser::closing_quotes(std::string& into, char quote, bool& closed) {
  std::size_t run = 0;
  while (!rest_.empty() && rest_.front() == quote) {
    next();
    ++run;
  }
  closed = run >= 3;
  if (run > 5) return fail("too many quotation marks");
  into.append(closed ? run - 3 : run, quote);
  return true;
}

bool TomlParser::literal_string(std::string& into) {
  const bool many = take("'''");
  if (many) {
    take("\n");
  } else {
    take("'");
  }
  while (!rest_.empty()) {
    bool closed = false;
    if (!many && take("'")) return true;
    if (many && starts_with("'")) {
      if (!closing_quotes(into, '\'', closed)) return false;
      if (closed) return true;
      continue;
    }
    if (!plain_character(into, many ? "\n" : "")) return false;
  }
  return fail("the string is not closed");
}

bool TomlParser::basic_string(std::string& into) {
  const bool many = take("\"\"\"");
  if (many) {
    take("\n");
  } else {
    take("\"");
  }
  const std::string_view line_ends = many ? "\n" : "";
  while (!rest_.empty()) {
    bool closed = false;
    if (!many && take("\"")) return true;
    if (many && starts_with("\"")) {
      if (!closing_quotes(into, '"', closed)) return false;
      if (closed) return true;
      continue;
    }
    if (take("\\")) {
      if (!escape(into, line_ends)) return false;
    } else if (!plain_character(into, line_ends)) {
      return false;
    }
  }
  return fail("the string is not closed");
}

bool TomlParser::escape(std::string& into, std::string_view line_ends) {
  constexpr std::string_view letters = "btnfr\"\\";
  constexpr std::string_view meanings = "\b\t\n\f\r\"\\";
  if (rest_.empty()) return fail("the string is not closed");
  if (const auto at = letters.find(rest_.front()); at != std::string_view::npos) {
    next();
    into += meanings[at];
    return true;
  }
  if (take("u")) return code_point(into, 4);
  if (take("U")) return code_point(into, 8);
  // A backslash at a line's end joins the next line to it.
  skip_spaces();
  if (line_ends.empty() || !take("\n")) return fail("an unknown escape");
  for (skip_spaces(); take("\n"); skip_spaces()) {
  }
  return true;
}

bool TomlParser::code_point(std::string& into, std::size_t digits) {
  char32_t code = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const int digit = rest_.empty() ? -1 : digit_of(rest_.front());
    if (digit < 0) return fail(fmt::format("an escape needs {} hexadecimal digits", digits));
    code = code << 4 | static_cast<char32_t>(digit);
    next();
  }
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return fail("an escape names no character");
  into += utf8(code);
  return true;
}

}  // namespace mailpod::text
