#include "search_return.hpp"

#include <string_view>

namespace mailpod::imap {
namespace {

struct Row {
  std::string_view name;
  bool SearchReturn::* option;  ///< nullptr: taken, and nothing follows from it
};

constexpr Row rows[] = {
    {"MIN", &SearchReturn::min},  // RFC 4731
    {"MAX", &SearchReturn::max},
    {"ALL", &SearchReturn::all},
    {"COUNT", &SearchReturn::count},
    {"SAVE", &SearchReturn::save},            // RFC 5182
    {"CONTEXT", nullptr},                     // RFC 5267 §4.2: a hint
    {"UPDATE", &SearchReturn::update},        // RFC 5267 §4.3
    {"RELEVANCY", &SearchReturn::relevancy},  // RFC 6203 §4
};

/// `SP (UID FLAGS)` after UPDATE, or nothing of it. RFC 5465 §8.
std::optional<text::ParseError> parse_shown(text::Cursor& in, const Dialect& dialect, SearchReturn& options) {
  auto next = in;
  if (!next.take_space() || !next.next_is('(')) return std::nullopt;
  in = next;
  SectionLimits limits;
  limits.header_fields = dialect.settings.header_fields;
  auto items = parse_fetch_items(in, dialect.settings.fetch_items, limits);
  if (items.has_error()) return items.error();
  options.shown = std::move(*items);
  return std::nullopt;
}

std::optional<text::ParseError> parse_option(text::Cursor& in, const Dialect& dialect, SearchReturn& options) {
  const auto start = in;
  for (const auto& row : rows) {
    if (!in.take_word(row.name)) continue;
    if (row.option != nullptr) options.*row.option = true;
    if (row.option == &SearchReturn::update) return parse_shown(in, dialect, options);
    return std::nullopt;
  }
  if (!in.take_word("PARTIAL")) return in.error("a RETURN option");
  if (options.partial) return start.error("PARTIAL once");
  if (!in.take_space()) return in.error("SP and a range");
  const auto range = parse_partial_range(in);
  if (range.has_error()) return range.error();
  options.partial = *range;
  return std::nullopt;
}

}  // namespace

text::Parsed<SearchReturn> parse_search_return(text::Cursor& in, const Dialect& dialect) {
  SearchReturn options;
  auto after = in;
  if (!after.take_space() || !after.take_word("RETURN")) return options;
  if (!after.take_space() || !after.take('(')) return after.error("SP and a list of RETURN options");
  options.said = true;
  options.all = after.take(')');
  in = after;
  if (options.all) return options;
  constexpr unsigned limit = 20;
  unsigned count = 0;
  do {
    if (++count > limit) return in.error("fewer RETURN options");
    if (const auto error = parse_option(in, dialect, options)) return *error;
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  if (options.partial && options.all) return in.error("PARTIAL or ALL, not both");  // RFC 9394 §3.1
  return options;
}

}  // namespace mailpod::imap
