#include "parameters.hpp"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include <mailpod/base/bytes.hpp>
#include <mailpod/text/ascii.hpp>
#include <mailpod/text/encoded_words.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::message {
namespace {

/// One `name*index*=value` as it stands; RFC 2231 §3.
struct Section {
  std::size_t position = 0;  ///< in the value
  std::size_t order = 0;     ///< of the parameter's first appearance
  std::uint32_t index = 0;
  bool numbered = false;
  bool extended = false;
  std::string value;
};

/// What a parameter's sections are gathered under.
struct Names {
  std::map<std::string, std::size_t, std::less<>> order;
  std::vector<std::string> by_order;

  std::size_t order_of(std::string name) {
    const auto [place, added] = order.try_emplace(std::move(name), by_order.size());
    if (added) by_order.push_back(place->first);
    return place->second;
  }
};

/// Splits `title*1*`; false if the stars make no sense.
bool split_name(std::string_view& name, Section& section) {
  const auto star = name.find('*');
  if (star == std::string_view::npos) return true;
  std::string_view suffix = name.substr(star + 1);
  name = name.substr(0, star);
  if (suffix.empty()) {
    section.extended = true;
    return true;
  }
  if (suffix.back() == '*') {
    section.extended = true;
    suffix.remove_suffix(1);
  }
  text::Cursor digits(suffix);
  const auto index = digits.number(1'000'000);
  if (!index || !digits.at_end() || (suffix.size() > 1 && suffix.front() == '0')) return false;
  section.index = static_cast<std::uint32_t>(*index);
  section.numbered = true;
  return true;
}

std::string take_value(Lexer& lexer) {
  lexer.skip_cfws();
  std::string value;
  if (lexer.in.next_is('"')) return lexer.quoted_string();
  static constexpr text::OctetSet ends = octets::fws | text::OctetSet(";");
  value = lexer.in.take_until(ends);
  lexer.skip_cfws();
  // `name=My file.pdf`: the rest up to the semicolon belongs to it.
  const std::string_view rest = text::trim(lexer.in.take_until(text::OctetSet(";\r\n")));
  if (!rest.empty()) value.append(" ").append(rest);
  std::erase(value, '\0');
  return value;
}

std::string percent_decoded(std::string_view value) {
  std::string out;
  for (std::size_t i = 0; i < value.size(); ++i) {
    const auto octet = value[i] == '%' ? base::unhex(value.substr(i + 1, 2)) : std::nullopt;
    if (octet && octet->size() == 1) {
      out += *octet;
      i += 2;
    } else {
      out += value[i];
    }
  }
  return out;
}

/// attribute-char of RFC 2231 §7.
constexpr text::OctetSet attribute_char = octets::token - text::OctetSet("*'%");

/// A charset or language as RFC 2231 §7 allows it; nothing if it is anything else: shown again, no reader could tell it
/// from the rest of the value.
std::string tag(std::string_view given) {
  const auto allowed = [](char octet) { return attribute_char.contains(octet); };
  return std::ranges::all_of(given, allowed) ? std::string(given) : std::string();
}

/// Takes `charset'language'` off the first section of an extended value. RFC 2231 §4.
void take_charset(std::string_view& value, Parameter& parameter) {
  const auto first = value.find('\'');
  if (first == std::string_view::npos) return;
  const auto second = value.find('\'', first + 1);
  if (second == std::string_view::npos) return;
  parameter.charset = tag(value.substr(0, first));
  parameter.language = tag(value.substr(first + 1, second - first - 1));
  value.remove_prefix(second + 1);
}

/// Joins the sections of one parameter, sorted by index; nothing if the first is missing.
std::optional<Parameter> join(std::string name, std::span<const Section> sections) {
  Parameter parameter;
  parameter.name = std::move(name);
  std::uint32_t expected = 0;
  for (const Section& section : sections) {
    if (section.index < expected) continue;  // the same section again
    if (section.index > expected) break;
    std::string_view value = section.value;
    if (section.extended && section.index == 0) {
      parameter.extended = true;
      take_charset(value, parameter);
    }
    parameter.value += section.extended ? percent_decoded(value) : std::string(value);
    ++expected;
  }
  if (expected == 0) return std::nullopt;
  return parameter;
}

/// Plain values and continued ones of one name: the ones of RFC 2231 win, being there for readers who know it.
std::optional<Parameter> choose(const std::string& name, std::span<const Section> sections) {
  const auto plain = std::ranges::find_if(
      sections, [](const Section& section) { return !section.numbered && !section.extended; });
  std::vector<Section> extended;
  for (const Section& section : sections) {
    if (section.numbered || section.extended) extended.push_back(section);
  }
  if (auto parameter = join(name, extended)) return parameter;
  if (plain == sections.end()) return std::nullopt;
  return join(name, std::span(&*plain, 1));
}

}  // namespace

std::vector<Parameter> parse_parameters(Lexer& lexer, std::size_t max) {
  Names names;
  std::vector<Section> sections;
  while (true) {
    lexer.skip_cfws();
    if (lexer.in.take(';')) continue;
    if (lexer.in.at_end()) break;
    std::string_view name = lexer.in.take_while(octets::token);
    lexer.skip_cfws();
    if (name.empty() || !lexer.in.take('=')) {
      lexer.in.take_until(text::OctetSet(";"));
      continue;
    }
    Section section;
    section.value = take_value(lexer);
    if (!split_name(name, section) || name.empty()) continue;
    section.order = names.order_of(text::lower(name));
    section.position = lexer.in.offset();
    if (section.order < max) sections.push_back(std::move(section));
  }
  std::ranges::sort(sections, [](const Section& left, const Section& right) {
    return std::tie(left.order, left.index, left.position) < std::tie(right.order, right.index, right.position);
  });
  std::vector<Parameter> parameters;
  for (auto at = sections.begin(); at != sections.end();) {
    const auto end = std::find_if(at, sections.end(), [&](const Section& other) { return other.order != at->order; });
    if (auto parameter = choose(names.by_order[at->order], std::span(at, end))) {
      parameters.push_back(std::move(*parameter));
    }
    at = end;
  }
  return parameters;
}

const Parameter* find_parameter(std::span<const Parameter> parameters, std::string_view name) {
  const auto found = std::ranges::find(parameters, name, &Parameter::name);
  return found == parameters.end() ? nullptr : &*found;
}

std::string Parameter::shown_value() const {
  if (!extended) return value;
  std::string out = charset + '\'' + language + '\'';
  for (const char octet : value) {
    if (attribute_char.contains(octet)) {
      out += octet;
    } else {
      out += '%' + text::upper(base::hex(std::string_view(&octet, 1)));
    }
  }
  return out;
}

std::string Parameter::text() const {
  if (!extended) return decode_header_value(value);
  if (auto converted = text::to_utf8(charset, value)) return *converted;
  return text::repaired_utf8(value);
}

}  // namespace mailpod::message
