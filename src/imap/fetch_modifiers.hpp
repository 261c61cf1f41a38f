#pragma once

#include <optional>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "partial_range.hpp"
#include "sequence_set.hpp"

namespace mailpod::imap {

/// What FETCH says in parentheses after its items: which of the messages that were named it is about. RFC 4466 §2.4.
struct FetchModifiers {
  /// RFC 7162 §3.1.4.1: only what has a higher mod-sequence.
  std::optional<store::ModSeq> changed_since;
  /// RFC 7162 §3.2.6: and which of the UIDs are gone; of UID FETCH, where QRESYNC is enabled.
  enum class Vanished { untold, told } vanished = Vanished::untold;
  std::optional<PartialRange> partial;  ///< RFC 9394 §3.3; of UID FETCH. What else narrows the messages comes after it
};

/// `SP (PARTIAL -1:-3)`, or nothing at all. Each modifier may stand once.
text::Parsed<FetchModifiers> parse_fetch_modifiers(text::Cursor& in, Numbers by, const Dialect& dialect);

}  // namespace mailpod::imap
