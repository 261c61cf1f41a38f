#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "sequence_set.hpp"

namespace mailpod::imap {

/// One search key, or several joined. RFC 3501 §6.4.4. Texts are folded for comparison.
struct SearchKey {
  enum class Kind {
    // Answered from the mailbox's state:
    all,
    none,     ///< RECENT, NEW: no message is recent
    flag,     ///< `bits`
    keyword,  ///< `text`, any case
    before,   ///< INTERNALDATE, `day`
    on,
    since,
    older,  ///< RFC 5032, `number` of seconds
    younger,
    larger,  ///< `number`
    smaller,
    uid,       ///< `set`
    sequence,  ///< `set`
    mod_seq,   ///< `mod_seq` or higher
    // From the message's record:
    saved_before,  ///< RFC 8514, `day`
    saved_on,
    saved_since,
    email_id,  ///< RFC 8474, `text` as sent
    // From the Structure:
    thread_id,  ///< likewise
    sent_before,
    sent_on,
    sent_since,
    from,
    to,
    cc,
    bcc,
    subject,
    message_id,  ///< HEADER Message-ID
    // From the octets:
    header,  ///< `name`, `text`
    body,    ///< `index` among the program's texts
    text,
    // Joined:
    both,     ///< all of `keys`
    either,   ///< one of `keys`
    negated,  ///< not the one in `keys`
    filter,   ///< what the member calls `text`: resolve_filters() puts it here before anything is looked for
  };

  explicit SearchKey(Kind the_kind) : kind(the_kind) {}

  Kind kind;
  std::uint32_t bits = 0;
  std::uint64_t number = 0;
  store::ModSeq mod_seq;
  std::chrono::sys_days day{};
  std::string name;
  std::string text;
  std::size_t index = 0;
  bool fuzzy = false;  ///< `text` may be misspelled: RFC 6203
  SequenceSet set;
  std::vector<SearchKey> keys;
};

struct SearchLimits {
  std::size_t depth;
  std::size_t keys;
  std::size_t set_ranges;
  std::size_t fuzzy = 10;    ///< texts that may be misspelled: each is compared with every word there is
  std::size_t filters = 20;  ///< FILTER, within others as well
  std::size_t texts = 100;   ///< BODY and TEXT: each is looked for in whole messages
  bool utf8_only = false;    ///< UTF8=ACCEPT: a charset is named where it must be, and is UTF-8. RFC 9755 §3
};

struct SearchProgram {
  SearchKey root{SearchKey::Kind::both};
  std::vector<std::string> texts;  ///< what BODY and TEXT look for
  bool asks_fuzzily = false;       ///< FUZZY stands in it: what is found has scores
  bool known_charset = true;       ///< if not, the answer is BADCHARSET
  bool uses_numbers = false;       ///< message numbers stand in it
  bool asks_mod_seq = false;       ///< MODSEQ stands in it: the response tells the highest found. RFC 7162 §3.1.6
};

/// `[CHARSET astring SP] search-key *(SP search-key)`. Recursion is bounded by limits.depth, work by limits.keys. What
/// is joined is ordered so that the cheap keys come first.
text::Parsed<SearchProgram> parse_search(text::Cursor& in, const SearchLimits& limits);
/// `astring SP search-key *(SP search-key)`: SORT and THREAD always name a charset. RFC 5256 §5.
text::Parsed<SearchProgram> parse_search_criteria(text::Cursor& in, const SearchLimits& limits);

}  // namespace mailpod::imap
