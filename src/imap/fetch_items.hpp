#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/message/structure.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "section.hpp"

namespace mailpod::imap {

/// What must be at hand to answer an item, the cheapest first: the mailbox's state, the message's Structure, its
/// octets.
enum class Need { state, structure, octets };

/// A message as items are written from it. Borrowed.
struct ShownMessage {
  const store::MessageState& state;
  std::span<const std::string> keywords;
  const message::Structure* structure;  ///< nullptr where no item needs it
};

/// One data item of FETCH. RFC 3501 §6.4.5.
struct FetchItemRow {
  std::string_view name;   ///< as asked for; `[` at its end: a section follows
  std::string_view shown;  ///< as answered
  Need need;
  /// Appends the value; nullptr for items that are octets of the message.
  void (*write)(std::string& out, const ShownMessage& message);
  /// For octets without a section of the client's own.
  message::SectionText text;
  /// Whether asking for it sets \Seen.
  enum class Seen { kept, set } seen;
};

/// The table; RFC order.
std::span<const FetchItemRow> fetch_item_rows();

struct FetchItem {
  const FetchItemRow* row;
  Section section;  ///< of items that need octets
};

/// `(FLAGS BODY[HEADER])`, one item without parentheses, or a macro: ALL, FAST, FULL.
text::Parsed<std::vector<FetchItem>> parse_fetch_items(text::Cursor& in, std::size_t max_items,
                                                       const SectionLimits& limits);

/// The items of a name without a section, for example `UID`.
FetchItem fetch_item(std::string_view name);

}  // namespace mailpod::imap
