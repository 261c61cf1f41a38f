#include "sort_criteria.hpp"

#include <algorithm>

#include "grammar.hpp"

namespace mailpod::imap {
namespace {

using Key = SortCriterion::Key;

struct Row {
  std::string_view name;
  Key key;
};

constexpr Row rows[] = {
    {"ARRIVAL", Key::arrival},  // RFC 5256
    {"CC", Key::cc},
    {"DATE", Key::date},
    {"FROM", Key::from},
    {"SIZE", Key::size},
    {"SUBJECT", Key::subject},
    {"TO", Key::to},
    {"DISPLAYFROM", Key::display_from},  // RFC 5957
    {"DISPLAYTO", Key::display_to},
    {"RELEVANCY", Key::relevancy},  // RFC 6203
};

text::Parsed<SortCriterion> parse_criterion(text::Cursor& in) {
  using enum SortCriterion::Order;
  auto order = ascending;
  if (in.take_word("REVERSE", octets::atom_char)) {
    if (!in.take_space()) return in.error("SP and what to sort by");
    order = descending;
  }
  for (const auto& row : rows) {
    if (in.take_word(row.name, octets::atom_char)) return SortCriterion{row.key, order};
  }
  return in.error("a sort key");
}

}  // namespace

text::Parsed<SortCriteria> parse_sort_criteria(text::Cursor& in) {
  constexpr unsigned limit = 50;
  if (!in.take('(')) return in.error("a list of sort keys");
  SortCriteria criteria;
  unsigned count = 0;
  do {
    if (++count > limit) return in.error("fewer sort keys");
    const auto criterion = parse_criterion(in);
    if (criterion.has_error()) return criterion.error();
    // What is equal by a key stays equal however often it is asked.
    if (std::ranges::find(criteria, criterion->key, &SortCriterion::key) == criteria.end())
      criteria.push_back(*criterion);
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return criteria;
}

}  // namespace mailpod::imap
