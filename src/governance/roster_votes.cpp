#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/roster.hpp>

#include "toml_text.hpp"

// Votes as the record tells them: opened, cast in, decided. What a count is, vote_count.cpp says.
namespace mailpod::governance {
namespace {

Complaint complaint(Errc code, const SignedFile& file, std::string what, std::string remedy) {
  return {code, file.name, 0, std::move(what), std::move(remedy)};
}

std::string short_name(const Hash& vote) {
  return base::hex(base::octets(vote)).substr(0, 16);
}

bool same_question(const Vote& a, const Vote& b) {
  // Two elections would each fill all seats.
  return a.kind == b.kind && a.amendment == b.amendment && a.member == b.member;
}

std::vector<ValidBallot> ballots_of(const RecordedVote& vote) {
  std::vector<ValidBallot> out;
  for (const auto& ballot : vote.ballots) out.push_back(*ballot);
  return out;
}

VoteResult result_now(const RecordedVote& vote) {
  return result_of(*vote.poll, count_valid(*vote.poll, ballots_of(vote)), vote.cast);
}

}  // namespace

Verdict<void> Roster::check_decided(const SignedFile& file, base::Time at) const {
  for (const auto& [id, vote] : votes_) {
    if (vote.decided || vote.poll->vote.closes > at) continue;
    return complaint(Errc::vote_undecided, file,
                     fmt::format("comes after vote {} was over, and before its result", short_name(id)),
                     "the result must be entered first: `mailpod vote close`");
  }
  return {};
}

Verdict<Hash> Roster::open_vote(const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  const auto vote = parse_vote(file.octets, file.name);
  if (!vote) return vote.error();
  if (auto v = check_decided(file, at); !v) return v.error();
  if (auto v = check_opening(file, *vote, at); !v) return v.error();
  const Charter& charter = charters_.at(at);
  const Hash id = identity(file.octets);
  const auto signers =
      verified_signers(file, trusted_comment("vote", vote->pod, vote->charter, id), charter.maintainers, seen);
  if (!signers) return signers.error();
  if (auto enough = require_threshold(file, *signers, charter, at); !enough) return enough.error();
  if (auto v = check_question(file, *vote, at); !v) return v.error();
  if (auto v = check_under_way(file, *vote); !v) return v.error();
  auto poll = poll_of(*vote, id, at);
  if (poll.voters.empty())
    return complaint(Errc::nobody_votes, file, "nobody could vote in it: no member has a citizen key",
                     "register members' keys first: `mailpod member citizen-key`");
  nonces_.insert(vote->nonce);
  votes_[id].poll = std::make_shared<const Poll>(std::move(poll));
  return id;
}

Verdict<void> Roster::check_opening(const SignedFile& file, const Vote& vote, base::Time at) const {
  const Charter& charter = charters_.at(at);
  if (vote.pod != charter.pod)
    return complaint(Errc::wrong_pod, file, "opens a vote of " + vote.pod, "this pod is " + charter.pod);
  if (vote.charter != charter.seq)
    return complaint(Errc::wrong_charter, file, fmt::format("was made under charter {}", vote.charter),
                     fmt::format("charter {} is in force: have it made and signed anew", charter.seq));
  if (charter.expired(at))
    return complaint(Errc::charter_expired, file,
                     fmt::format("charter {} expired at {}", charter.seq, time_text(charter.expires)),
                     "have the maintainers sign its successor; until then no vote is opened");
  if (vote.issued > at + clock_tolerance)
    return complaint(Errc::not_yet_issued, file, "was issued in the future: " + time_text(vote.issued),
                     "correct the clock");
  if (at - vote.issued > longest_act_validity)
    return complaint(Errc::act_expired, file, "was issued more than 30 days ago, at " + time_text(vote.issued),
                     "have it made and signed anew");
  const auto earliest = at + std::chrono::days(charter.votes.notice_days);
  if (vote.closes <= at || vote.closes < earliest)
    return complaint(
        Errc::notice_not_kept, file,
        fmt::format("closes before charter {}'s notice of {} days is over", charter.seq, charter.votes.notice_days),
        "let it close after " + time_text(earliest));
  if (nonces_.contains(vote.nonce))
    return complaint(Errc::nonce_seen, file, "was opened already", "a vote is opened once; make a new one");
  return can_be_counted(vote, charter.votes, file.name);
}

Verdict<void> Roster::check_question(const SignedFile& file, const Vote& vote, base::Time at) const {
  const Charter& charter = charters_.at(at);
  if (vote.kind == Vote::Kind::election) {
    const auto most = std::min<std::size_t>(vote.seats, vote.candidates.size());
    const auto threshold = poll_of(vote, {}, at).threshold;
    if (most < threshold)
      return complaint(Errc::too_few_seats, file,
                       fmt::format("elects {} at most, and {} must sign together", most, threshold),
                       fmt::format("let it have {} seats and candidates at least", threshold));
  }
  if (vote.kind == Vote::Kind::expulsion && charter.members.expulsion == Charter::Expulsion::threshold)
    return complaint(Errc::needs_no_vote, file, "votes on an expulsion, which the charter leaves to the maintainers",
                     "have as many maintainers as the threshold sign: `mailpod member forget`");
  std::vector<MemberId> named;
  if (vote.member) named.push_back(*vote.member);
  for (const auto& candidate : vote.candidates) {
    if (candidate.member) named.push_back(*candidate.member);
  }
  for (const auto& member : named) {
    const Standing* standing = find(member);
    if (standing == nullptr || standing->expelled)
      return complaint(Errc::not_admitted, file, "names member " + member.str() + ", who is none",
                       "correct the member id");
  }
  return {};
}

Verdict<void> Roster::check_under_way(const SignedFile& file, const Vote& vote) const {
  std::size_t under_way = 0;
  for (const auto& [id, other] : votes_) {
    if (other.decided) continue;
    ++under_way;
    if (same_question(vote, other.poll->vote))
      return complaint(Errc::vote_under_way, file, fmt::format("asks what vote {} asks already", short_name(id)),
                       "wait for its result, from " + time_text(other.poll->vote.closes) + " on");
  }
  if (under_way < most_votes_under_way) return {};
  return complaint(Errc::too_many_votes, file, fmt::format("{} votes are under way", under_way),
                   "wait until one is over");
}

/// All that the count depends on beside the ballots, as it is now.
Poll Roster::poll_of(const Vote& vote, const Hash& identity, base::Time at) const {
  Poll out;
  out.vote = vote;
  out.identity = identity;
  out.opened = at;
  out.rules = charters_.at(at).votes;
  // Whoever is elected must be able to act under a charter that waits for its time, too.
  for (auto seq = charters_.at(at).seq; seq <= charters_.size(); ++seq)
    out.threshold = std::max(out.threshold, charters_.charter(seq).threshold);
  for (const auto& [id, standing] : standings_) {
    // Suspended ones vote: else a suspension could decide a vote.
    if (standing.principal != Principal::member || standing.expelled) continue;
    ++out.members;
    if (standing.citizen_key) out.voters.push_back({id, *standing.citizen_key});
  }
  return out;
}

Verdict<Hash> Roster::cast(const SignedFile& file, base::Time at, const SignaturesSeen* seen) {
  const auto ballot = parse_ballot(file.octets, file.name);
  if (!ballot) return ballot.error();
  const auto found = votes_.find(ballot->vote);
  if (found == votes_.end())
    return complaint(Errc::vote_unknown, file, "is cast in a vote that this pod did not open",
                     "`mailpod vote list` shows those that it did");
  auto& vote = found->second;
  auto valid = judge_ballot(*vote.poll, {file, at}, seen);
  if (!valid) return valid.error();
  if (auto v = check_cast(file, vote, *valid); !v) return v.error();
  vote.ballots.push_back(std::make_shared<const ValidBallot>(std::move(*valid)));
  ++vote.cast;
  return found->first;
}

/// A ballot that changes nothing is not entered: the record is for ever.
Verdict<void> Roster::check_cast(const SignedFile& file, const RecordedVote& vote, const ValidBallot& ballot) {
  std::size_t earlier = 0;
  for (const auto& other : vote.ballots) {
    if (other->voter != ballot.voter) continue;
    ++earlier;
    if (other->identity == ballot.identity)
      return complaint(Errc::ballot_repeated, file, "was cast already", "nothing to do: it stands in the record");
    if (counts_before(*other, ballot))
      return complaint(Errc::ballot_superseded, file, "is older than a ballot by the same key that was cast already",
                       "to change your mind, have another ballot made");
  }
  if (earlier < most_ballots_of_a_voter) return {};
  return complaint(Errc::too_many_ballots, file, fmt::format("is preceded by {} ballots by the same key", earlier),
                   "the last of them counts");
}

std::vector<SignedFile> Roster::results_due(base::Time at) const {
  std::vector<const RecordedVote*> due;
  for (const auto& [id, vote] : votes_) {
    if (!vote.decided && vote.poll->vote.closes <= at) due.push_back(&vote);
  }
  std::ranges::sort(due, {},
                    [](const RecordedVote* vote) { return std::pair(vote->poll->vote.closes, vote->poll->identity); });
  std::vector<SignedFile> out;
  for (const auto* vote : due)
    out.push_back({"result of " + short_name(vote->poll->identity), write_vote_result(result_now(*vote)), {}});
  return out;
}

Verdict<Hash> Roster::decide(const SignedFile& file, base::Time at) {
  auto given = parse_vote_result(file.octets, file.name);
  if (!given) return given.error();
  const auto found = votes_.find(given->vote);
  if (found == votes_.end())
    return complaint(Errc::vote_unknown, file, "is the result of a vote that this pod did not open",
                     "`mailpod vote list` shows those that it did");
  auto& vote = found->second;
  if (!file.minisigs.empty())
    return complaint(Errc::not_canonical, file, "is signed", "a result has no signatures: anybody can count");
  if (vote.decided)
    return complaint(Errc::vote_decided, file, "is a second result of vote " + short_name(found->first),
                     "it was entered at " + time_text(*vote.decided));
  if (at < vote.poll->vote.closes)
    return complaint(Errc::vote_not_over, file, fmt::format("comes while vote {} is open", short_name(found->first)),
                     "wait until " + time_text(vote.poll->vote.closes));
  if (*given != result_now(vote))
    return complaint(Errc::result_differs, file, "is not what the ballots add up to",
                     "whoever made it miscounted, or lied");
  vote.decided = at;
  vote.result = std::move(*given);
  vote.ballots.clear();
  take_effect(vote, at);
  return found->first;
}

void Roster::take_effect(const RecordedVote& vote, base::Time at) {
  if (!vote.result->passed) return;
  const Vote& asked = vote.poll->vote;
  if (asked.kind == Vote::Kind::amendment) mandate_.insert(*asked.amendment);
  if (asked.kind == Vote::Kind::expulsion) expulsions_[*asked.member] = at + expulsion_mandate;
  if (asked.kind != Vote::Kind::election) return;
  // A charter is one only with maintainers in term when it takes effect, and must be read again with these.
  const auto from = charters_.at(at).effective;
  std::vector<Maintainer> elected;
  for (const auto& option : vote.result->options) {
    if (!option.elected) continue;
    const auto& who = *std::ranges::find(asked.candidates, option.name, &Vote::Candidate::option);
    elected.push_back({who.name, who.key, from, *asked.term_to, who.member});
  }
  charters_.elect(elected, at);
}

}  // namespace mailpod::governance
