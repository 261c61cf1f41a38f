#include <mailpod/governance/error.hpp>

#include <stdexcept>

#include <fmt/format.h>

namespace mailpod::governance {
namespace {

const char* text_for(Errc code) {
  switch (code) {
    case Errc::too_large:
      return "larger than a signed file may be";
    case Errc::not_utf8:
      return "not UTF-8";
    case Errc::byte_order_mark:
      return "begins with a byte order mark";
    case Errc::carriage_return:
      return "has a carriage return; lines end in LF alone";
    case Errc::syntax:
      return "not TOML";
    case Errc::unknown_key:
      return "an unknown key";
    case Errc::missing_key:
      return "a key is missing";
    case Errc::bad_value:
      return "a value is not allowed";
    case Errc::wrong_type:
      return "another type of file";
    case Errc::not_canonical:
      return "not the exact octets that its writer makes";
    case Errc::no_signatures:
      return "not signed";
    case Errc::signature_malformed:
      return "a signature file is malformed";
    case Errc::signature_legacy:
      return "a signature of the legacy algorithm, which hashes nothing first";
    case Errc::signature_unknown_key:
      return "signed by a key that is no maintainer's";
    case Errc::signature_invalid:
      return "a signature does not fit these octets";
    case Errc::trusted_comment_altered:
      return "a signature's trusted comment was altered";
    case Errc::comment_not_of_this_file:
      return "a signature's trusted comment names another file";
    case Errc::signature_repeated:
      return "one key signed twice";
    case Errc::maintainer_out_of_term:
      return "a signer is not in term";
    case Errc::below_threshold:
      return "fewer signers than the charter's threshold";
    case Errc::not_the_pinned_charter:
      return "not the charter that is pinned";
    case Errc::sequence_gap:
      return "not the next charter in the sequence";
    case Errc::wrong_previous:
      return "prev is not the hash of the charter before";
    case Errc::wrong_pod:
      return "of another pod";
    case Errc::valid_too_long:
      return "valid for longer than 400 days";
    case Errc::notice_not_kept:
      return "takes effect before the notice period is over";
    case Errc::already_expired:
      return "already expired";
    case Errc::needs_vote:
      return "needs an accepted vote result";
    case Errc::not_yet_issued:
      return "issued in the future";
    case Errc::act_expired:
      return "the act has expired";
    case Errc::act_valid_too_long:
      return "an act is valid for at most 30 days";
    case Errc::wrong_charter:
      return "made under another charter than the one in force";
    case Errc::nonce_seen:
      return "this act was executed already";
    case Errc::charter_expired:
      return "the charter has expired; acts wait for its successor, mail goes on";
    case Errc::suspension_too_long:
      return "a longer suspension than the signers may decide";
    case Errc::already_admitted:
      return "admitted already";
    case Errc::already_suspended:
      return "suspended already";
    case Errc::not_suspended:
      return "not suspended";
    case Errc::already_enrolled:
      return "enrolled already";
    case Errc::clock_jumped:
      return "the machine's clock jumped";
    case Errc::already_added:
      return "added already";
    case Errc::not_there:
      return "not there";
    case Errc::record_damaged:
      return "the record of acts is damaged";
    case Errc::record_gap:
      return "the record of acts has a gap";
    case Errc::record_shorter_than_known:
      return "the record of acts lost acts that the directory remembers";
    case Errc::record_differs_from_known:
      return "the record of acts is not the one that the directory remembers";
    case Errc::ballot_of_another_vote:
      return "a ballot of another vote";
    case Errc::ballot_late:
      return "cast when the vote was not open";
    case Errc::ballot_wrong_kind:
      return "not the choice that this vote asks for";
    case Errc::not_a_voter:
      return "of a key that does not vote here";
    case Errc::ballot_superseded:
      return "the same key cast a later ballot";
    case Errc::vote_unknown:
      return "there is no such vote";
    case Errc::vote_not_over:
      return "the vote is still open";
    case Errc::vote_decided:
      return "the vote has its result";
    case Errc::vote_undecided:
      return "a vote that is over has no result yet";
    case Errc::result_differs:
      return "not what the ballots add up to";
    case Errc::not_admitted:
      return "not admitted";
    case Errc::suspended:
      return "suspended";
    case Errc::vote_under_way:
      return "a vote about it is under way";
    case Errc::too_few_seats:
      return "fewer could be elected than the charter's threshold";
    case Errc::nobody_votes:
      return "no member has a citizen key";
    case Errc::needs_no_vote:
      return "the charter asks for no vote about it";
    case Errc::too_many_votes:
      return "too many votes are under way";
    case Errc::ballot_repeated:
      return "this ballot was cast already";
    case Errc::too_many_ballots:
      return "too many ballots by one key";
    case Errc::guests_do_not_vote:
      return "guests do not vote";
    case Errc::key_taken:
      return "another member's citizen key";
    case Errc::joins_otherwise:
      return "the charter says that one joins in another way";
    case Errc::charter_not_accepted:
      return "accepts another charter than the one in force";
    case Errc::invitation_unknown:
      return "there is no such invitation";
    case Errc::invitation_expired:
      return "the invitation has expired";
    case Errc::invitation_used:
      return "the invitation was used";
    case Errc::invitation_repeated:
      return "this invitation was made before";
    case Errc::voucher_too_young:
      return "of somebody who has not been a member for long enough";
    case Errc::budget_spent:
      return "of somebody who vouched for as many as the charter allows";
    case Errc::no_candidate:
      return "nobody by that id asks to join";
    case Errc::too_much_said:
      return "too much said of one newcomer by one member";
    case Errc::note_malformed:
      return "not a signed note, checkpoint or proof";
    case Errc::note_unsigned:
      return "not signed by that key";
    case Errc::ledger_damaged:
      return "the ledger is damaged";
    case Errc::ledger_shorter:
      return "the ledger has fewer leaves than were seen before";
    case Errc::ledger_forked:
      return "two checkpoints of one ledger contradict each other";
    case Errc::proof_wrong:
      return "the proof proves nothing";
    case Errc::dispute_repeated:
      return "a dispute of this id was opened before";
    case Errc::dispute_unknown:
      return "there is no such dispute";
    case Errc::dispute_closed:
      return "the dispute is closed";
    case Errc::answer_late:
      return "the time to answer is over";
    case Errc::answer_awaited:
      return "nobody has answered yet, and somebody still may";
    case Errc::too_many_disputes:
      return "too many disputes are open";
    case Errc::too_many_answers:
      return "too many answers in one dispute";
    case Errc::text_malformed:
      return "not a text that an act could commit to";
    case Errc::text_differs:
      return "not the text that the act commits to";
    case Errc::too_many_waiting:
      return "too much waits for signatures";
  }
  return "an unknown refusal of governance";
}

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.governance"; }
  std::string message(int value) const override { return text_for(static_cast<Errc>(value)); }
};

}  // namespace

const boost::system::error_category& governance_category() {
  static const Category category;
  return category;
}

std::string Complaint::text() const {
  std::string out = file;
  if (line != 0) out += fmt::format(":{}", line);
  if (!out.empty()) out += ": ";
  out += what.empty() ? std::string(text_for(code)) : what;
  if (!remedy.empty()) out += "; " + remedy;
  return out;
}

void throw_exception_from_error(const Complaint& complaint, const boost::source_location&) {
  throw std::runtime_error(complaint.text());
}

}  // namespace mailpod::governance
