#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/message/structure.hpp>
#include <mailpod/store/mailbox.hpp>
#include <mailpod/store/vault.hpp>
#include <mailpod/text/cursor.hpp>

#include "body_structure.hpp"
#include "section.hpp"

namespace mailpod::imap {

/// What must be at hand to answer an item, the cheapest first: the mailbox's state, the message's record, its
/// Structure, its octets. Who has the octets has the Structure.
enum class Need { state, record, structure, octets };

/// A message as items are written from it. Borrowed.
struct ShownMessage {
  const store::MessageState& state;
  std::span<const std::string> keywords;
  const message::Structure* structure;      ///< nullptr where no item needs it
  const store::Vault::Particulars* record;  ///< likewise
  MemberId member;                          ///< whose it is
  GlobalMessages global = GlobalMessages::as_basic;
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
  /// How octets of the message are shown: as they are, without their transfer encoding (RFC 3516), as the number of
  /// octets that this leaves, or as a glance at the text (RFC 8970).
  enum class Form { as_sent, decoded, decoded_size, preview } form = Form::as_sent;
  /// Whether the record is wanted beside what `need` says.
  enum class Record { passed_over, wanted } record = Record::passed_over;
};

/// The table; RFC order.
std::span<const FetchItemRow> fetch_item_rows();

struct FetchItem {
  const FetchItemRow* row;
  Section section;    ///< of items that need octets
  bool lazy = false;  ///< PREVIEW (LAZY): nothing is an answer too. RFC 8970 §4.1
};

/// `(FLAGS BODY[HEADER])`, one item without parentheses, or a macro: ALL, FAST, FULL.
text::Parsed<std::vector<FetchItem>> parse_fetch_items(text::Cursor& in, std::size_t max_items,
                                                       const SectionLimits& limits);

/// The items of a name without a section, for example `UID`.
FetchItem fetch_item(std::string_view name);

}  // namespace mailpod::imap
