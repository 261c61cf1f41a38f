#pragma once

#include <optional>

#include <mailpod/text/cursor.hpp>

#include "sequence_set.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// What a client says of a mailbox as it last knew it: SELECT's QRESYNC parameter. RFC 7162 §3.2.5.
struct LastKnown {
  store::UidValidity uid_validity;
  store::ModSeq mod_seq;
  std::optional<SequenceSet> uids;  ///< all that were ever given, if absent
  /// Some messages by number, and their UIDs, range by range. RFC 7162 §3.2.5.2.
  struct Match {
    SequenceSet numbers;
    SequenceSet uids;
  };
  std::optional<Match> match;
};

/// `(67890007 90060115194045000 41:211,214:541 (1:10 41:50))`
text::Parsed<LastKnown> parse_last_known(text::Cursor& in, const Dialect& dialect);

/// The highest UID up to which the client's numbers are those of `view`: it knows of all that vanished below. 0 if
/// none. Costs no more for a range than for a number.
store::Uid known_up_to(const View& view, const LastKnown::Match& match);

/// Tells which of `uids` vanished after `since`, or may have. RFC 7162 §3.2.10.1.
awaitable<void> tell_vanished(Session& session, const NumberRanges& uids, store::ModSeq since);

/// All that changed since the client last knew the mailbox that was just selected. False if the vault was closed
/// meanwhile.
awaitable<bool> resynchronize(Session& session, const LastKnown& known);

}  // namespace mailpod::imap
