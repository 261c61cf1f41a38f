#include "fetch_modifiers.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using text::Cursor;
using MaybeError = std::optional<text::ParseError>;

MaybeError parse_changed_since(Cursor& in, FetchModifiers& modifiers) {
  if (!in.take_space()) return in.error("SP and a mod-sequence");
  const auto since = parse_mod_seq(in);
  if (since.has_error()) return since.error();
  modifiers.changed_since = *since;
  return std::nullopt;
}

MaybeError parse_vanished(Cursor&, FetchModifiers& modifiers) {
  modifiers.vanished = FetchModifiers::Vanished::told;
  return std::nullopt;
}

MaybeError parse_partial(Cursor& in, FetchModifiers& modifiers) {
  if (!in.take_space()) return in.error("SP and a range such as 1:100 or -1:-100");
  const auto range = parse_partial_range(in);
  if (range.has_error()) return range.error();
  modifiers.partial = *range;
  return std::nullopt;
}

/// One modifier; in the order of their RFCs. The name is read already, its value is not.
struct Row {
  std::string_view name;
  MaybeError (*parse)(Cursor& in, FetchModifiers& modifiers);
  enum class Of { fetch, uid_fetch } of;
};
constexpr Row rows[] = {
    {"CHANGEDSINCE", parse_changed_since, Row::Of::fetch},  // RFC 7162
    {"VANISHED", parse_vanished, Row::Of::uid_fetch},
    {"PARTIAL", parse_partial, Row::Of::uid_fetch},  // RFC 9394
};

const Row* take_modifier(Cursor& in, Numbers by) {
  const auto* row = std::ranges::find_if(rows, [&](const Row& one) { return in.take_word(one.name); });
  if (row == std::end(rows) || (row->of == Row::Of::uid_fetch && by != Numbers::uid)) return nullptr;
  return row;
}

}  // namespace

text::Parsed<FetchModifiers> parse_fetch_modifiers(Cursor& in, Numbers by, const Dialect& dialect) {
  FetchModifiers modifiers;
  if (in.at_end()) return modifiers;
  if (!in.take_space() || !in.take('(')) return in.error("SP and FETCH modifiers in parentheses");
  std::set<const Row*> seen;
  do {
    const auto start = in;
    const auto* row = take_modifier(in, by);
    if (row == nullptr) return start.error("a FETCH modifier");
    if (!seen.insert(row).second) return start.error("each FETCH modifier once");
    if (const auto error = row->parse(in, modifiers)) return *error;
  } while (in.take_space());
  if (modifiers.vanished == FetchModifiers::Vanished::told) {
    if (!modifiers.changed_since) return in.error("CHANGEDSINCE beside VANISHED");
    if (!dialect.enabled.qresync) return in.error("ENABLE QRESYNC before VANISHED");
  }
  if (!in.take(')')) return in.error("')'");
  return modifiers;
}

}  // namespace mailpod::imap
