#pragma once

#include <string_view>
#include <vector>

#include <mailpod/text/cursor.hpp>

namespace mailpod::imap {

/// One thing that SORT orders by. RFC 5256 §3, RFC 5957 §4.
struct SortCriterion {
  enum class Key {
    // Numbers:
    arrival,
    date,
    relevancy,  ///< RFC 6203 §6: the most relevant first
    size,
    // Texts:
    cc,
    display_from,
    display_to,
    from,
    subject,
    to,
  };
  enum class Order { ascending, descending };
  Key key;
  Order order = Order::ascending;

  bool is_text() const { return key >= Key::cc; }
};
using SortCriteria = std::vector<SortCriterion>;

/// `(SUBJECT REVERSE DATE)`. Not empty; each key counts once, where it first stands.
text::Parsed<SortCriteria> parse_sort_criteria(text::Cursor& in);

}  // namespace mailpod::imap
