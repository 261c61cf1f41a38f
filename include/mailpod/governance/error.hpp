#pragma once

#include <cstddef>
#include <string>

#include <boost/throw_exception.hpp>

#include <mailpod/base/result.hpp>

namespace mailpod::governance {

/// Why something of governance was refused; every rule has its own reason.
enum class Errc {
  // A signed file's text.
  too_large = 1,  ///< above 64 KiB, or a list with too many entries
  not_utf8,
  byte_order_mark,
  carriage_return,  ///< a CRLF copy; files are LF only
  syntax,           ///< not TOML (duplicate keys included)
  unknown_key,
  missing_key,
  bad_value,
  wrong_type,     ///< `type` names another kind of file
  not_canonical,  ///< an act or entry that is not the exact octets its writer makes

  // Signatures.
  no_signatures = 20,
  signature_malformed,
  signature_legacy,          ///< "Ed" instead of the prehashed "ED"
  signature_unknown_key,     ///< of no maintainer
  signature_invalid,         ///< right key, other octets (or altered)
  trusted_comment_altered,   ///< the global signature does not cover it
  comment_not_of_this_file,  ///< it names another type, pod, seq or hash
  signature_repeated,        ///< one key twice
  maintainer_out_of_term,
  below_threshold,

  // The chain of charters.
  not_the_pinned_charter = 40,
  sequence_gap,
  wrong_previous,
  wrong_pod,
  valid_too_long,  ///< more than 400 days
  notice_not_kept,
  already_expired,
  needs_vote,  ///< changes votes, recovery, threshold or privacy without an accepted vote result
  not_yet_issued,

  // Acts.
  act_expired = 60,
  act_valid_too_long,
  wrong_charter,  ///< names another charter than the one in force
  nonce_seen,
  charter_expired,  ///< admissions and maintainers' acts are frozen; mail goes on
  suspension_too_long,
  already_admitted,
  already_suspended,
  not_suspended,
  already_enrolled,
  clock_jumped,  ///< accepting it would bind the record to a time that the machine's clock only claims

  already_added,  ///< an alias or domain that stands
  not_there,      ///< an alias, domain or group that does not stand

  // The record of acts.
  record_damaged = 80,
  record_gap,
  record_shorter_than_known,  ///< acts are missing that the directory remembers
  record_differs_from_known,

  // Votes.
  ballot_of_another_vote = 90,
  ballot_late,        ///< received when the vote had closed, or made before it was opened
  ballot_wrong_kind,  ///< an answer where candidates are asked for, an approval where a ranking is, an unknown option
  not_a_voter,        ///< a key that is not on the list that the opening fixed
  ballot_superseded,  ///< the same key cast a later one
  vote_unknown,
  vote_not_over,   ///< its result is asked for before it closes
  vote_decided,    ///< it has its result
  vote_undecided,  ///< an act, charter or opening that comes while a vote that is over has no result
  result_differs,  ///< not what the ballots of the record add up to

  // The gate.
  not_admitted = 100,
  suspended,

  // The opening of votes, and citizen keys.
  vote_under_way = 110,  ///< on the same question, or another election; or a charter that changes its threshold
  too_few_seats,         ///< fewer would be elected than the threshold
  nobody_votes,          ///< no member has a citizen key
  needs_no_vote,         ///< an expulsion where the charter leaves it to the threshold
  too_many_votes,
  ballot_repeated,   ///< this very ballot was cast already
  too_many_ballots,  ///< by one key in one vote
  guests_do_not_vote,
  key_taken,  ///< it is another member's citizen key

  // Joining.
  joins_otherwise = 120,  ///< the charter's rule for joining is another one
  charter_not_accepted,   ///< the newcomer accepts another charter than the one in force
  invitation_unknown,
  invitation_expired,
  invitation_used,
  invitation_repeated,  ///< one of this key was made before
  voucher_too_young,
  budget_spent,  ///< the voucher's, for a year
  no_candidate,
  too_much_said,  ///< by one member, of one newcomer

  // The ledger.
  note_malformed = 140,  ///< no signed note, checkpoint or proof
  note_unsigned,         ///< not signed by the key asked for
  ledger_damaged,        ///< a file of it is missing, or is not what it was
  ledger_shorter,        ///< it has fewer leaves than somebody saw: taken back, or not the newest
  ledger_forked,         ///< two checkpoints of one log contradict each other
  proof_wrong,           ///< proves nothing

  // Disputes, announcements, and files that wait for signatures.
  dispute_repeated = 180,  ///< one of this id was opened before
  dispute_unknown,
  dispute_closed,
  answer_late,
  answer_awaited,  ///< it would be closed before anybody answered, while they still may
  too_many_disputes,
  too_many_answers,
  text_malformed,    ///< no text that an act could commit to
  text_differs,      ///< not the one that the act commits to
  too_many_waiting,  ///< files of one maintainer that wait for the signatures of others
};
const boost::system::error_category& governance_category();
inline boost::system::error_code make_error_code(Errc e) {
  return {static_cast<int>(e), governance_category()};
}

/// A refusal that a person can act on: which file and line, what is wrong, what to do.
struct Complaint {
  Errc code = Errc::syntax;
  std::string file;
  std::size_t line = 0;  ///< 1…; 0: the file as a whole
  std::string what;
  std::string remedy;

  /// `file:line: what; remedy`
  std::string text() const;
};

/// An answer, or the complaint why there is none.
template <class T>
using Verdict = boost::system::result<T, Complaint>;

/// What value() of a Verdict without one throws: std::runtime_error with the complaint's text. Found by Boost.
[[noreturn]] void throw_exception_from_error(const Complaint& complaint, const boost::source_location& where);

}  // namespace mailpod::governance

template <>
struct boost::system::is_error_code_enum<mailpod::governance::Errc> : std::true_type {};
