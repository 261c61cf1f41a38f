#include "spf_macros.hpp"

#include <algorithm>
#include <vector>

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::mailauth {

namespace {

using text::Cursor;
namespace octets = text::octets;

constexpr text::OctetSet literals = octets::vchar - text::OctetSet("%");
constexpr text::OctetSet delimiters(".-+,/_=");
constexpr text::OctetSet unreserved = octets::alnum | text::OctetSet("-._~");  // RFC 3986 §2.3
constexpr std::uint64_t most_parts = 128;                                      // a name has no more labels

/// `%{` letter transformers delimiters `}`
struct Macro {
  char letter = 's';
  bool escaped = false;   ///< the letter is a capital
  std::size_t parts = 0;  ///< from the right; 0: all
  bool reversed = false;
  std::string_view splits;  ///< empty: at dots
};

bool is_letter(char lower, MacroPlace place) {
  constexpr std::string_view everywhere = "slodiphv";
  constexpr std::string_view explaining = "crt";
  return everywhere.find(lower) != std::string_view::npos ||
         (place == MacroPlace::explanation && explaining.find(lower) != std::string_view::npos);
}

/// Behind `%{`.
std::optional<Macro> take_macro(Cursor& in, MacroPlace place) {
  Macro macro;
  const auto letter = in.take_one(octets::alpha);
  if (!letter || !is_letter(text::lower(*letter), place)) return std::nullopt;
  macro.letter = text::lower(*letter);
  macro.escaped = macro.letter != *letter;
  if (in.next_is(octets::digit)) {
    const auto parts = in.number();
    if (!parts || *parts == 0) return std::nullopt;
    macro.parts = static_cast<std::size_t>(std::min(*parts, most_parts));
  }
  macro.reversed = in.take("r");
  macro.splits = in.take_while(delimiters);
  if (!in.take('}')) return std::nullopt;
  return macro;
}

std::string joined(const std::vector<std::string_view>& parts) {
  std::string out;
  for (const auto& part : parts) {
    if (&part != &parts.front()) out += '.';
    out += part;
  }
  return out;
}

std::string transformed(std::string_view value, const Macro& macro) {
  const text::OctetSet splits(macro.splits.empty() ? "." : macro.splits);
  std::vector<std::string_view> parts;
  Cursor in(value);
  do {
    parts.push_back(in.take_until(splits));
  } while (in.take_one(splits));
  if (macro.reversed) std::ranges::reverse(parts);
  if (macro.parts != 0 && macro.parts < parts.size())
    parts.erase(parts.begin(), parts.end() - static_cast<std::ptrdiff_t>(macro.parts));
  return joined(parts);
}

std::string url_escaped(std::string_view value) {
  std::string out;
  for (const char octet : value) {
    if (unreserved.contains(octet)) {
      out += octet;
    } else {
      out += fmt::format("%{:02X}", static_cast<unsigned char>(octet));
    }
  }
  return out;
}

std::string value_of(char letter, const MacroValues& values) {
  const auto& query = values.query;
  const std::string local_part = query.local_part.empty() ? "postmaster" : query.local_part;
  switch (letter) {
    case 's':
      return local_part + '@' + std::string(values.sender_domain);
    case 'l':
      return local_part;
    case 'o':
      return std::string(values.sender_domain);
    case 'd':
      return std::string(values.domain);
    case 'i':
      return values.client.dotted();
    case 'p':
      return values.validated_name();
    case 'v':
      return values.client.is_v4() ? "in-addr" : "ip6";
    case 'h':
      return query.helo;
    case 'c':
      return values.client.str();
    case 'r':
      return query.receiver.empty() ? "unknown" : query.receiver;
    default:
      return std::to_string(base::to_seconds(query.now));
  }
}

}  // namespace

bool is_macro_string(std::string_view text, MacroPlace place) {
  const auto plain = place == MacroPlace::explanation ? literals | text::OctetSet(" ") : literals;
  Cursor in(text);
  while (!in.at_end()) {
    if (!in.take_while(plain).empty()) continue;
    if (!in.take('%')) return false;
    if (in.take('{') ? !take_macro(in, place).has_value() : !in.take_one(text::OctetSet("%_-"))) return false;
  }
  return true;
}

bool is_domain_spec(std::string_view text) {
  if (text.empty() || !is_macro_string(text, MacroPlace::domain)) return false;
  if (text.ends_with('}') && text.find("%{") != std::string_view::npos) return true;
  if (text.ends_with('.')) text.remove_suffix(1);
  const auto dot = text.rfind('.');
  if (dot == std::string_view::npos) return false;
  const auto top = text.substr(dot + 1);
  constexpr text::OctetSet ldh = octets::alnum | text::OctetSet("-");
  Cursor in(top);
  if (top.empty() || in.take_while(ldh).size() != top.size()) return false;
  const bool all_digits = std::ranges::all_of(top, [](char octet) { return octets::digit.contains(octet); });
  return !all_digits && top.front() != '-' && top.back() != '-';
}

std::optional<std::string> expand_macros(std::string_view text, const MacroValues& values, std::size_t most) {
  std::string out;
  Cursor in(text);
  while (!in.at_end() && out.size() <= most) {
    out += in.take_until(text::OctetSet("%"));
    if (!in.take('%')) break;
    if (in.take('{')) {
      const auto macro = take_macro(in, MacroPlace::explanation);
      if (!macro) break;
      const auto value = transformed(value_of(macro->letter, values), *macro);
      out += macro->escaped ? url_escaped(value) : value;
    } else if (in.take('-')) {
      out += "%20";
    } else if (in.take('_')) {
      out += ' ';
    } else {
      out += '%';
      in.take('%');
    }
  }
  if (out.size() > most) return std::nullopt;
  return out;
}

}  // namespace mailpod::mailauth
