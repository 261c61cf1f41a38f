#include "list_request.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

#include "annotation.hpp"
#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using text::Cursor;
using text::ParseError;

/// More make no sense; a client may say one twice. RFC 5258 §3.
constexpr std::size_t most_options = 32;
/// Each is held against each mailbox name.
constexpr std::size_t most_patterns = 32;

/// What an option means; `in` stands after its name.
template <class Options>
struct OptionRow {
  std::string_view name;
  std::optional<ParseError> (*take)(Cursor& in, const Dialect& dialect, Options& options);
};

using Selection = ListRequest::Selection;
using Return = ListRequest::Return;
using Trouble = std::optional<ParseError>;

Trouble take_nothing(Cursor&, const Dialect&, Selection&) {
  return std::nullopt;
}
Trouble take_subscribed(Cursor&, const Dialect&, Selection& selection) {
  selection.subscribed = true;
  return std::nullopt;
}
Trouble take_recursive_match(Cursor&, const Dialect&, Selection& selection) {
  selection.recursive_match = true;
  return std::nullopt;
}
Trouble take_special_use(Cursor&, const Dialect&, Selection& selection) {
  selection.special_use = true;
  return std::nullopt;
}

constexpr OptionRow<Selection> selection_rows[] = {
    {"SUBSCRIBED", take_subscribed},  // RFC 5258 §3.1
    {"REMOTE", take_nothing},
    {"RECURSIVEMATCH", take_recursive_match},
    {"SPECIAL-USE", take_special_use},  // RFC 6154 §3
};

Trouble return_what_is_always_told(Cursor&, const Dialect&, Return&) {
  return std::nullopt;
}
Trouble return_subscribed(Cursor&, const Dialect&, Return& returned) {
  returned.subscribed = true;
  return std::nullopt;
}
Trouble return_status(Cursor& in, const Dialect& dialect, Return& returned) {
  if (!in.take_space()) return in.error("SP and a list of status items");
  auto items = parse_status_items(in, dialect);
  if (items.has_error()) return items.error();
  returned.status = std::move(*items);
  return std::nullopt;
}
Trouble return_my_rights(Cursor&, const Dialect&, Return& returned) {
  returned.my_rights = true;
  return std::nullopt;
}
Trouble return_metadata(Cursor& in, const Dialect& dialect, Return& returned) {
  if (!in.take_space()) return in.error("SP and a list of entries");
  auto entries = parse_entries(in, dialect);
  if (entries.has_error()) return entries.error();
  returned.metadata = std::move(*entries);
  return std::nullopt;
}

constexpr OptionRow<Return> return_rows[] = {
    {"SUBSCRIBED", return_subscribed},  // RFC 5258 §3.2
    {"CHILDREN", return_what_is_always_told},
    {"SPECIAL-USE", return_what_is_always_told},  // RFC 6154 §3
    {"STATUS", return_status},                    // RFC 5819 §2
    {"MYRIGHTS", return_my_rights},               // RFC 8440 §3
    {"METADATA", return_metadata},                // RFC 9590 §3
};

/// `(SUBSCRIBED RECURSIVEMATCH)`, `()`
template <class Options, std::size_t Count>
Trouble take_options(Cursor& in, const Dialect& dialect, const OptionRow<Options> (&rows)[Count], Options& options) {
  if (!in.take('(')) return in.error("a list of options");
  if (in.take(')')) return std::nullopt;
  std::size_t count = 0;
  do {
    if (++count > most_options) return in.error("fewer options");
    const auto start = in;
    const auto name = in.take_while(octets::atom_char);
    const auto* row = std::ranges::find_if(rows, [&](const auto& one) { return text::equal_fold(one.name, name); });
    if (row == std::end(rows)) return start.error("an option of LIST");
    if (auto trouble = row->take(in, dialect, options)) return trouble;
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return std::nullopt;
}

/// One pattern, or `("INBOX" "Drafts" "Sent/%")`.
Trouble take_patterns(Cursor& in, const Dialect& dialect, ListRequest& list) {
  const bool several = in.take('(');
  list.extended = list.extended || several;
  do {
    if (list.patterns.size() == most_patterns) return in.error("fewer patterns");
    auto pattern = parse_list_mailbox(in, dialect);
    if (pattern.has_error()) return pattern.error();
    list.patterns.push_back(std::move(*pattern));
  } while (several && in.take_space());
  if (several && !in.take(')')) return in.error("')'");
  return std::nullopt;
}

Trouble take_selection(Cursor& in, const Dialect& dialect, ListRequest& list) {
  const auto start = in;
  list.extended = true;
  if (auto trouble = take_options(in, dialect, selection_rows, list.selection)) return trouble;
  // RFC 5258 §3.1: RECURSIVEMATCH says nothing alone.
  if (list.selection.recursive_match && !list.selection.any())
    return start.error("RECURSIVEMATCH beside another option");
  if (!in.take_space()) return in.error("SP and a reference name");
  return std::nullopt;
}

}  // namespace

text::Parsed<ListRequest> parse_list_request(Cursor& in, const Dialect& dialect) {
  ListRequest list;
  if (!in.take_space()) return in.error("SP and a reference name");
  if (in.next_is('(')) {
    if (const auto trouble = take_selection(in, dialect, list)) return *trouble;
  }
  auto reference = parse_mailbox(in, dialect);
  if (reference.has_error()) return reference.error();
  list.reference = std::move(*reference);
  if (!in.take_space()) return in.error("SP and a mailbox pattern");
  if (const auto trouble = take_patterns(in, dialect, list)) return *trouble;
  if (!in.take_space()) return list;
  list.extended = true;
  if (!in.take_word("RETURN") || !in.take_space()) return in.error("RETURN and a list of options");
  if (const auto trouble = take_options(in, dialect, return_rows, list.returned)) return *trouble;
  return list;
}

}  // namespace mailpod::imap
