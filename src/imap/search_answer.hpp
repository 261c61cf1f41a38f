#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/store/mailbox.hpp>

#include "dialect.hpp"
#include "search_return.hpp"
#include "sequence_set.hpp"
#include "sort_criteria.hpp"
#include "view.hpp"

namespace mailpod::imap {

class Session;

/// What a search found.
struct Found {
  std::vector<store::SeqNum> messages;  ///< in mailbox order, or as SORT put them
  std::vector<std::uint8_t> scores;     ///< of each, 1…100, where something is asked fuzzily: RFC 6203 §4
  std::uint32_t unreadable = 0;         ///< messages whose octets could not be read; they count as not found
  /// The highest of all of them, where the program asks for MODSEQ and finds something. RFC 7162 §3.1.5.
  std::optional<store::ModSeq> mod_seq;
};

/// How it is told.
struct SearchAnswer {
  enum class Form { search, sort, esearch };
  Form form = Form::search;
  Numbers by = Numbers::sequence;
  SearchReturn returned;
  /// Of ESEARCH, beside the tag: RFC 7377 §2.1.
  std::optional<std::string> mailbox = std::nullopt;
  /// Of SORT: what its order follows from.
  SortCriteria sorted_by = {};
};

/// `* SEARCH 2 84`, `* SORT 84 2`, or `* ESEARCH (TAG "a1") COUNT 2`; the numbers are those of `view`. In pieces.
boost::asio::awaitable<void> write_search_answer(Session& session, const View& view, const Found& found,
                                                 const SearchAnswer& answer);

/// Which command an ESEARCH response belongs to, and what its numbers are. RFC 4466 §2.6.2, RFC 7377 §2.1.
struct SearchCorrelator {
  std::string tag;
  Numbers by;
  std::optional<std::string> mailbox;
};
/// `* ESEARCH (TAG "a1") UID`; the items follow.
void write_search_correlator(std::string& out, const SearchCorrelator& correlator, const View& view,
                             const Dialect& dialect);

/// Nothing of no messages.
std::optional<store::ModSeq> highest_mod_seq(const View& view, std::span<const store::SeqNum> messages);

/// The UIDs that SAVE keeps: RFC 5182 §2.4, RFC 9394 §3.2.
NumberRanges saved_by(const SearchReturn& returned, const View& view, const Found& found);

}  // namespace mailpod::imap
