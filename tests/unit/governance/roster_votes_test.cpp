// Votes as the record tells them: who may open one, whose ballots are taken, and what a result does.

#include <gtest/gtest.h>

#include <functional>

#include "assembly.hpp"
#include "simulation/dice.hpp"

namespace mailpod::governance {
namespace {

using std::chrono::days;
using std::chrono::minutes;
using std::chrono::seconds;

class RosterVotes : public testing::Test {
protected:
  RosterVotes() { begin(); }

  /// Four members with keys, and one without, under the charter as it is now.
  void begin() {
    roster.emplace(community.chain());
    community.members.clear();
    community.citizens.clear();
    for (const auto& file : community.enrolment(4)) EXPECT_TRUE(roster->apply(file, now()));
    EXPECT_TRUE(roster->apply(community.sign(community.admission(community.newcomer(), {}, "e@pod.lab")), now()));
  }
  base::Time now() { return base::from_seconds(base::to_seconds(community.clock.now())); }

  Errc open(const Vote& vote, std::vector<std::size_t> signers = {}) {
    const auto opened = roster->open_vote(community.opening(vote, std::move(signers)), now());
    if (!opened) return complained(opened.error());
    opened_ = *opened;
    return {};
  }
  Errc cast(const SignedFile& ballot) {
    const auto taken = roster->cast(ballot, now());
    return taken ? Errc{} : complained(taken.error());
  }
  Errc cast(std::size_t voter, decltype(Ballot::choice) choice) {
    return cast(community.ballot(voter, opened_, std::move(choice)));
  }
  Errc apply(const SignedFile& act) {
    const auto applied = roster->apply(act, now());
    return applied ? Errc{} : complained(applied.error());
  }
  Errc decide(const SignedFile& result) {
    const auto decided = roster->decide(result, now());
    return decided ? Errc{} : complained(decided.error());
  }
  /// The vote ends, and has its result.
  const VoteResult& end() {
    community.clock.advance(days(8));
    for (const auto& result : roster->results_due(now())) EXPECT_EQ(decide(result), Errc{});
    return *roster->votes().at(opened_).result;
  }
  static Errc complained(const Complaint& complaint) {
    EXPECT_FALSE(complaint.remedy.empty()) << complaint.what;
    EXPECT_FALSE(complaint.file.empty()) << complaint.what;
    return complaint.code;
  }

  Assembly community{3, 2};
  std::optional<Roster> roster;
  Hash opened_{};
};

TEST_F(RosterVotes, ACitizenKeyIsRegisteredByThresholdAndIsOnesOwn) {
  const auto& first = community.members[0];
  const auto other = crypto::minisign::SecretKey::random(community.arena, community.entropy).public_key();
  EXPECT_EQ(apply(community.sign(community.registration(first, other), {1})), Errc::below_threshold);
  EXPECT_EQ(apply(community.sign(community.registration(first, community.citizens[1].public_key()))), Errc::key_taken);
  EXPECT_EQ(apply(community.sign(community.registration(first, community.citizens[0].public_key()))),
            Errc::already_added);
  EXPECT_EQ(apply(community.sign(community.registration(community.newcomer(), other))), Errc::not_admitted);
  auto guest = community.admission(community.newcomer(), {}, "guest@pod.lab");
  guest.principal = Principal::guest;
  EXPECT_EQ(apply(community.sign(guest)), Errc{});
  EXPECT_EQ(apply(community.sign(community.registration(guest.member, other))), Errc::guests_do_not_vote);
  EXPECT_EQ(apply(community.sign(community.registration(first, other))), Errc{}) << "in place of one that was lost";
  EXPECT_EQ(roster->find(first)->citizen_key, other);
}

TEST_F(RosterVotes, OpeningFixesWhoVotes) {
  ASSERT_EQ(open(community.vote(Vote::Kind::amendment)), Errc{});
  const auto& poll = *roster->votes().at(opened_).poll;
  EXPECT_EQ(poll.members, 5U) << "whoever has no key counts towards the quorum";
  EXPECT_EQ(poll.voters.size(), 4U);
  EXPECT_EQ(poll.opened, now());
  for (const auto& late : community.enrolment(1)) ASSERT_EQ(apply(late), Errc{});
  EXPECT_EQ(cast(4, Answer::yes), Errc::not_a_voter);
  EXPECT_EQ(apply(community.sign(community.suspension(community.members[0], std::chrono::hours(24)))), Errc{});
  EXPECT_EQ(cast(0, Answer::yes), Errc{}) << "a suspension decides no vote";
}

TEST_F(RosterVotes, EveryOpeningThatIsRefusedHasItsOwnReason) {
  const auto with = [&](Vote::Kind kind, const std::function<void(Vote&)>& change) {
    auto vote = kind == Vote::Kind::election ? community.election({"ada", "bob"}, 2) : community.vote(kind);
    change(vote);
    return open(vote);
  };
  constexpr auto amendment = Vote::Kind::amendment;
  constexpr auto election = Vote::Kind::election;
  constexpr auto expulsion = Vote::Kind::expulsion;
  const struct {
    Errc reason;
    Vote::Kind kind;
    std::function<void(Vote&)> change;
  } table[] = {
      {Errc::wrong_pod, amendment, [](Vote& v) { v.pod = "other.lab"; }},
      {Errc::wrong_charter, amendment, [](Vote& v) { v.charter = 2; }},
      {Errc::not_yet_issued, amendment, [](Vote& v) { v.issued += minutes(6); }},
      {Errc::act_expired, amendment, [](Vote& v) { v.issued -= days(31); }},
      {Errc::notice_not_kept, amendment, [](Vote& v) { v.issued -= days(1), v.closes = v.issued + days(1); }},
      {Errc::too_few_seats, election, [](Vote& v) { v.seats = 1; }},
      {Errc::too_few_seats, election, [](Vote& v) { v.candidates.pop_back(); }},
      {Errc::not_admitted, election, [](Vote& v) { v.candidates[0].member = MemberId{{7}}; }},
      {Errc::not_admitted, expulsion, [](Vote& v) { v.member = MemberId{{7}}; }},
      {Errc{}, election, [](Vote&) {}},
      {Errc::vote_under_way, election, [](Vote&) {}},
      {Errc{}, amendment, [](Vote&) {}},
      {Errc::vote_under_way, amendment, [](Vote&) {}},
      {Errc{}, amendment, [](Vote& v) { v.amendment = Hash{2}; }},
      {Errc{}, expulsion, [](Vote&) {}},
      {Errc::vote_under_way, expulsion, [](Vote&) {}},
  };
  std::size_t row = 0;
  for (const auto& [reason, kind, change] : table) EXPECT_EQ(with(kind, change), reason) << "row " << row++;
}

TEST_F(RosterVotes, AnOpeningIsSignedByTheThresholdAndUsedOnce) {
  auto vote = community.vote(Vote::Kind::amendment);
  EXPECT_EQ(open(vote, {1}), Errc::below_threshold);
  EXPECT_EQ(open(vote, {0, 2}), Errc{});
  EXPECT_EQ(open(vote, {0, 1}), Errc::nonce_seen);
  auto act = community.suspension(community.members[0], std::chrono::hours(1));
  act.nonce = vote.nonce;
  EXPECT_EQ(apply(community.sign(act)), Errc::nonce_seen) << "of openings and acts alike";
  auto relabelled = community.opening(community.vote(Vote::Kind::expulsion));
  relabelled.minisigs = {crypto::minisign::sign_file(community.keys[0], relabelled.octets, "an opening")};
  EXPECT_EQ(roster->open_vote(relabelled, now()).error().code, Errc::comment_not_of_this_file);
}

TEST_F(RosterVotes, WhereNobodyHasAKeyNothingIsOpened) {
  roster.emplace(community.chain());
  EXPECT_EQ(open(community.vote(Vote::Kind::amendment)), Errc::nobody_votes);
}

TEST_F(RosterVotes, TheCharterSaysForHowLongAVoteIsOpenAndWhatIsVotedOn) {
  community.charter.votes.notice_days = 7;
  community.charter.members.expulsion = Charter::Expulsion::threshold;
  begin();
  auto vote = community.vote(Vote::Kind::amendment);
  EXPECT_EQ(open(vote), Errc{}) << "seven days";
  vote = community.vote(Vote::Kind::amendment);
  vote.amendment = Hash{2};
  vote.closes -= seconds(1);
  EXPECT_EQ(open(vote), Errc::notice_not_kept);
  EXPECT_EQ(open(community.vote(Vote::Kind::expulsion)), Errc::needs_no_vote);
  community.charter.votes.ballot = Charter::Ballot::secret;
  begin();
  EXPECT_EQ(open(community.vote(Vote::Kind::amendment)), Errc::bad_value);
  community.clock.advance(days(366));
  EXPECT_EQ(open(community.vote(Vote::Kind::amendment)), Errc::charter_expired);
}

TEST_F(RosterVotes, NotMoreVotesAtOnceThanPeopleCanFollow) {
  for (std::uint8_t i = 0; i < most_votes_under_way; ++i) {
    auto vote = community.vote(Vote::Kind::amendment);
    vote.amendment = Hash{i};
    ASSERT_EQ(open(vote), Errc{});
  }
  EXPECT_EQ(open(community.vote(Vote::Kind::expulsion)), Errc::too_many_votes);
}

TEST_F(RosterVotes, EveryBallotThatIsRefusedHasItsOwnReason) {
  ASSERT_EQ(open(community.vote(Vote::Kind::amendment)), Errc{});
  const auto first = community.ballot(0, opened_, Answer::yes);
  EXPECT_EQ(cast(first), Errc{});
  EXPECT_EQ(cast(first), Errc::ballot_repeated);
  EXPECT_EQ(cast(community.ballot(0, Hash{9}, Answer::yes)), Errc::vote_unknown);
  EXPECT_EQ(cast(0, Approval{{"ada"}}), Errc::ballot_wrong_kind);
  auto unsigned_one = first;
  unsigned_one.minisigs.clear();
  EXPECT_EQ(cast(unsigned_one), Errc::no_signatures);
  auto older = Ballot{"pod.lab", 1, opened_, now() - seconds(1), Answer::no};
  EXPECT_EQ(cast(community.signed_ballot(0, older)), Errc::ballot_superseded) << "a replay undoes nothing";
  auto early = Ballot{"pod.lab", 1, opened_, now() + minutes(6), Answer::no};
  EXPECT_EQ(cast(community.signed_ballot(0, early)), Errc::not_yet_issued);
  auto elsewhere = Ballot{"other.lab", 1, opened_, now(), Answer::no};
  EXPECT_EQ(cast(community.signed_ballot(0, elsewhere)), Errc::ballot_of_another_vote);
  community.clock.advance(days(7));
  EXPECT_EQ(cast(1, Answer::yes), Errc::ballot_late);
  EXPECT_EQ(roster->votes().at(opened_).cast, 1U);
}

TEST_F(RosterVotes, OneVoterCannotFillTheRecord) {
  ASSERT_EQ(open(community.vote(Vote::Kind::amendment)), Errc{});
  for (std::size_t i = 0; i < most_ballots_of_a_voter; ++i) {
    community.clock.advance(seconds(1));
    ASSERT_EQ(cast(0, i % 2 == 0 ? Answer::yes : Answer::no), Errc{});
  }
  community.clock.advance(seconds(1));
  EXPECT_EQ(cast(0, Answer::yes), Errc::too_many_ballots);
  EXPECT_EQ(cast(1, Answer::yes), Errc{});
}

TEST_F(RosterVotes, EveryResultThatIsRefusedHasItsOwnReason) {
  ASSERT_EQ(open(community.vote(Vote::Kind::amendment)), Errc{});
  for (std::size_t voter = 0; voter < 3; ++voter) ASSERT_EQ(cast(voter, Answer::yes), Errc{});
  auto early = roster->results_due(now() + days(7)).at(0);
  EXPECT_EQ(decide(early), Errc::vote_not_over);
  community.clock.advance(days(7));
  const auto result = roster->results_due(now()).at(0);
  auto wrong = parse_vote_result(result.octets, "r").value();
  wrong.options[0].votes += 1;
  EXPECT_EQ(decide({"r", write_vote_result(wrong), {}}), Errc::result_differs);
  wrong.vote = Hash{9};
  EXPECT_EQ(decide({"r", write_vote_result(wrong), {}}), Errc::vote_unknown);
  EXPECT_EQ(decide({"r", result.octets + "# counted by hand\n", {}}), Errc::not_canonical);
  EXPECT_EQ(decide({"r", result.octets, {"untrusted comment: x\n"}}), Errc::not_canonical) << "nobody signs a result";
  EXPECT_EQ(decide(result), Errc{});
  EXPECT_EQ(decide(result), Errc::vote_decided);
}

TEST_F(RosterVotes, NothingIsDecidedByMaintainersWhileAResultIsDue) {
  ASSERT_EQ(open(community.vote(Vote::Kind::amendment)), Errc{});
  community.clock.advance(days(7));
  EXPECT_EQ(apply(community.sign(community.suspension(community.members[0], std::chrono::hours(1)))),
            Errc::vote_undecided);
  EXPECT_EQ(open(community.vote(Vote::Kind::expulsion)), Errc::vote_undecided);
  EXPECT_EQ(roster->apply_charter(community.signed_charter(), now()).error().code, Errc::vote_undecided);
  for (const auto& result : roster->results_due(now())) EXPECT_EQ(decide(result), Errc{});
  EXPECT_EQ(apply(community.sign(community.suspension(community.members[0], std::chrono::hours(1)))), Errc{});
}

TEST_F(RosterVotes, TheElectedAreMaintainersFromTheResultOn) {
  ASSERT_EQ(open(community.election({"ada", "bob", "carl"}, 2)), Errc{});
  for (std::size_t voter = 0; voter < 3; ++voter) ASSERT_EQ(cast(voter, Approval{{"ada", "carl"}}), Errc{});
  const auto& result = end();
  EXPECT_TRUE(result.passed);
  const auto act = community.suspension(community.members[0], std::chrono::hours(1));
  EXPECT_EQ(apply(community.sign(act)), Errc::signature_unknown_key) << "who was in office";
  SignedFile theirs{"an act", write_act(act), {}};
  for (const auto i : {0U, 2U})
    theirs.minisigs.push_back(governance::sign(community.candidates[i], theirs.octets, "an act").value());
  EXPECT_EQ(apply(theirs), Errc{});
  const auto& maintainers = roster->charters().at(now()).maintainers;
  ASSERT_EQ(maintainers.size(), 2U);
  EXPECT_TRUE(parse_charter(write_charter(roster->charters().at(now())), "c")) << "as command lines read it";
  EXPECT_EQ(maintainers[0].to, *roster->votes().at(opened_).poll->vote.term_to);
}

TEST_F(RosterVotes, TheNextCharterIsTheElectedOnes) {
  ASSERT_EQ(open(community.election({"ada", "bob"}, 2)), Errc{});
  for (std::size_t voter = 0; voter < 3; ++voter) ASSERT_EQ(cast(voter, Approval{{"ada", "bob"}}), Errc{});
  end();
  auto next = roster->charters().latest();
  next.seq = 2;
  next.prev = roster->charters().latest_identity();
  next.issued = now();
  next.effective = now();
  SignedFile file{"charter-0002.toml", write_charter(next), {}};
  file.minisigs = community.sign(file.octets).minisigs;
  EXPECT_EQ(roster->apply_charter(file, now()).error().code, Errc::signature_unknown_key);
  file.minisigs.clear();
  for (const auto& key : community.candidates)
    file.minisigs.push_back(governance::sign(key, file.octets, file.name).value());
  const auto accepted = roster->apply_charter(file, now());
  EXPECT_TRUE(accepted) << accepted.error().text();
  EXPECT_EQ(roster->charters().at(now()).seq, 2U);
}

TEST_F(RosterVotes, WhileAnElectionIsUnderWayNoCharterChangesTheThreshold) {
  auto next = community.charter;
  next.seq = 2;
  next.prev = community.pin();
  next.threshold = 3;
  const auto file = community.sign(write_charter(next));
  auto vote = community.vote(Vote::Kind::amendment);
  vote.amendment = identity(file.octets);
  ASSERT_EQ(open(vote), Errc{});
  for (std::size_t voter = 0; voter < 3; ++voter) ASSERT_EQ(cast(voter, Answer::yes), Errc{});
  EXPECT_EQ(roster->apply_charter(file, now()).error().code, Errc::needs_vote) << "before the result";
  end();
  ASSERT_EQ(open(community.election({"ada", "bob"}, 2)), Errc{});
  const auto refused = roster->apply_charter(file, now());
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::vote_under_way);
}

TEST_F(RosterVotes, AnAmendmentThatPassedIsTheMandateOfItsCharterAlone) {
  auto next = community.charter;
  next.seq = 2;
  next.prev = community.pin();
  next.votes.quorum_percent = 20;
  next.effective = now() + days(9);
  const auto file = community.sign(write_charter(next));
  auto vote = community.vote(Vote::Kind::amendment);
  vote.amendment = identity(file.octets);
  EXPECT_EQ(roster->apply_charter(file, now()).error().code, Errc::needs_vote);
  ASSERT_EQ(open(vote), Errc{});
  for (std::size_t voter = 0; voter < 3; ++voter) ASSERT_EQ(cast(voter, Answer::yes), Errc{});
  end();
  next.votes.quorum_percent = 21;
  EXPECT_EQ(roster->apply_charter(community.sign(write_charter(next)), now()).error().code, Errc::needs_vote);
  const auto accepted = roster->apply_charter(file, now());
  EXPECT_TRUE(accepted) << accepted.error().text();
}

TEST_F(RosterVotes, AnExpulsionIsCarriedOutByAnActWithinAMonthOfItsResult) {
  const auto expulsion = [&] { return community.sign(community.act(Act::Kind::expel, community.members[0])); };
  EXPECT_EQ(apply(expulsion()), Errc::needs_vote);
  ASSERT_EQ(open(community.vote(Vote::Kind::expulsion)), Errc{});
  for (std::size_t voter = 1; voter < 4; ++voter) ASSERT_EQ(cast(voter, Answer::yes), Errc{});
  EXPECT_EQ(apply(expulsion()), Errc::needs_vote) << "before the result";
  end();
  EXPECT_EQ(apply(community.sign(community.act(Act::Kind::expel, community.members[1]))), Errc::needs_vote);
  const auto late = *roster;
  EXPECT_EQ(apply(expulsion()), Errc{});
  roster = late;
  community.clock.advance(days(31));
  EXPECT_EQ(apply(expulsion()), Errc::needs_vote);
}

TEST_F(RosterVotes, WhatFailsChangesNothing) {
  ASSERT_EQ(open(community.election({"ada", "bob"}, 2)), Errc{});
  ASSERT_EQ(cast(0, Approval{{"ada", "bob"}}), Errc{});
  const auto& result = end();
  EXPECT_FALSE(result.quorum);
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(apply(community.sign(community.suspension(community.members[0], std::chrono::hours(1)))), Errc{});
}

TEST_F(RosterVotes, TheResultIsTheSameInWhateverOrderBallotsCome) {
  ASSERT_EQ(open(community.election({"ada", "bob", "carl"}, 3)), Errc{});
  simulation::Dice dice(5);
  const std::vector<Approval> choices{
      {{"ada", "bob"}}, {{"bob", "carl"}}, {{"carl", "ada"}}, {{"ada", "bob", "carl"}}, {}};
  community.clock.advance(minutes(1));
  std::vector<SignedFile> box;
  for (int i = 0; i < 24; ++i) {
    const Ballot given{"pod.lab", 1, opened_, now() - seconds(static_cast<int>(dice.below(4))),
                       choices[dice.below(choices.size())]};
    box.push_back(community.signed_ballot(dice.below(4), given));
  }
  const auto before = *roster;
  std::optional<VoteResult> first;
  for (int shuffle = 0; shuffle < 30; ++shuffle) {
    for (std::size_t i = box.size(); i > 1; --i) std::swap(box[i - 1], box[dice.below(i)]);
    roster = before;
    // What comes too late to count may be refused, or may stand in the record: the result says how many did.
    for (const auto& ballot : box) (void)roster->cast(ballot, now());
    auto result = parse_vote_result(roster->results_due(now() + days(8)).at(0).octets, "r").value();
    result.ballots = 0;
    if (!first) first = result;
    EXPECT_EQ(result, *first);
  }
  EXPECT_EQ(first->counted, 4U);
}

}  // namespace
}  // namespace mailpod::governance
