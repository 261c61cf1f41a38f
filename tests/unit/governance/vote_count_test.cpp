#include <mailpod/governance/vote_count.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include "simulation/community.hpp"
#include "simulation/dice.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;
using std::chrono::seconds;

/// Ten members, of whom all but the last have citizen keys, and one vote.
class VoteCount : public testing::Test {
protected:
  VoteCount() {
    for (std::uint8_t i = 0; i < 9; ++i) {
      citizens.push_back(crypto::minisign::SecretKey::random(community.arena, community.entropy));
      poll.voters.push_back({MemberId{{i}}, citizens.back().public_key()});
    }
    poll.members = 10;
    poll.opened = opened;
    ask(Vote::Kind::amendment);
  }

  void ask(Vote::Kind kind) {
    Vote vote;
    vote.kind = kind;
    vote.pod = "pod.lab";
    vote.issued = opened;
    vote.closes = opened + days(7);
    vote.title = "A vote";
    if (kind == Vote::Kind::amendment) vote.amendment = Hash{1};
    if (kind == Vote::Kind::expulsion) vote.member = MemberId{{3}};
    if (kind == Vote::Kind::election) {
      vote.seats = 2;
      vote.term_to = vote.closes + days(365);
      for (const auto* name : {"ada", "bob", "carl"}) {
        const auto key = crypto::minisign::SecretKey::random(community.arena, community.entropy);
        vote.candidates.push_back({name, name, key.public_key(), std::nullopt});
      }
    }
    poll.vote = vote;
    poll.identity = identity(write_vote(vote));
  }

  Ballot ballot(decltype(Ballot::choice) choice) const {
    return {"pod.lab", 1, poll.identity, opened, std::move(choice)};
  }
  ReceivedBallot from(std::size_t voter, const Ballot& given) const {
    const auto octets = write_ballot(given);
    const auto name = "ballot-" + std::to_string(voter);
    return {{name, octets, {governance::sign(citizens.at(voter), octets, name).value()}}, opened + seconds(1)};
  }
  ReceivedBallot from(std::size_t voter, decltype(Ballot::choice) choice) const {
    return from(voter, ballot(std::move(choice)));
  }
  /// The voters from `first` on, one after the other.
  void all(std::size_t first, std::size_t count, const decltype(Ballot::choice)& choice) {
    for (std::size_t i = first; i < first + count; ++i) box.push_back(from(i, choice));
  }
  Errc refusal(const ReceivedBallot& received) const {
    const auto valid = judge_ballot(poll, received);
    return valid ? Errc{} : valid.error().code;
  }
  std::string elected(const Outcome& outcome) const {
    std::string out;
    for (const auto& option : outcome.options) {
      if (option.elected) out += (out.empty() ? "" : " ") + option.name;
    }
    return out;
  }

  Community community;
  base::Time opened = community.charter.issued;
  std::vector<crypto::minisign::SecretKey> citizens;
  Poll poll;
  std::vector<ReceivedBallot> box;
};

TEST_F(VoteCount, AnAmendmentNeedsItsMajorityAndItsQuorum) {
  all(0, 4, Answer::yes);
  all(4, 2, Answer::no);
  auto outcome = count(poll, box);
  EXPECT_EQ(outcome.counted, 6U);
  EXPECT_TRUE(outcome.quorum);
  EXPECT_EQ(outcome.options, (std::vector<Outcome::Option>{{"yes", 4, false}, {"no", 2, false}}));
  EXPECT_FALSE(outcome.passed) << "66.7 % is less than 67 %";
  all(6, 1, Answer::yes);
  EXPECT_TRUE(count(poll, box).passed);
  poll.members = 15;
  EXPECT_FALSE(count(poll, box).quorum) << "7 of 15 members";
  EXPECT_FALSE(count(poll, box).passed);
}

TEST_F(VoteCount, AbstentionsTakePartAndDecideNothing) {
  all(0, 1, Answer::yes);
  all(1, 4, Answer::abstain);
  const auto outcome = count(poll, box);
  EXPECT_TRUE(outcome.quorum);
  EXPECT_TRUE(outcome.passed);
}

TEST_F(VoteCount, ATieOrNobodysVoteChangesNothing) {
  poll.rules.amend_percent = 50;
  all(0, 3, Answer::yes);
  all(3, 3, Answer::no);
  EXPECT_FALSE(count(poll, box).passed);
  poll.rules.quorum_percent = 0;
  EXPECT_FALSE(count(poll, {}).passed);
}

TEST_F(VoteCount, AnExpulsionNeedsTheMajorityOfOtherMotions) {
  ask(Vote::Kind::expulsion);
  all(0, 3, Answer::yes);
  all(3, 2, Answer::no);
  EXPECT_TRUE(count(poll, box).passed);
  poll.rules.pass_percent = 61;
  EXPECT_FALSE(count(poll, box).passed);
}

TEST_F(VoteCount, EachBallotThatDoesNotCountHasItsReason) {
  EXPECT_EQ(refusal(from(0, Answer::yes)), Errc{});
  auto late = from(0, Answer::yes);
  late.received = poll.vote.closes;
  EXPECT_EQ(refusal(late), Errc::ballot_late);
  late.received = opened - seconds(1);
  EXPECT_EQ(refusal(late), Errc::ballot_late) << "before the vote was opened";
  auto other = ballot(Answer::yes);
  other.vote = Hash{9};
  EXPECT_EQ(refusal(from(0, other)), Errc::ballot_of_another_vote);
  other = ballot(Answer::yes);
  other.pod = "other.lab";
  EXPECT_EQ(refusal(from(0, other)), Errc::ballot_of_another_vote);
  other = ballot(Answer::yes);
  other.issued += std::chrono::minutes(6);
  EXPECT_EQ(refusal(from(0, other)), Errc::not_yet_issued);
  EXPECT_EQ(refusal(from(0, Approval{{"ada"}})), Errc::ballot_wrong_kind);
  auto unsigned_one = from(0, Answer::yes);
  unsigned_one.file.minisigs.clear();
  EXPECT_EQ(refusal(unsigned_one), Errc::no_signatures);
  auto twice = from(0, Answer::yes);
  twice.file.minisigs.push_back(twice.file.minisigs.front());
  EXPECT_EQ(refusal(twice), Errc::signature_repeated);
  auto altered = from(0, Answer::yes);
  altered.file.octets = write_ballot(ballot(Answer::no));
  EXPECT_EQ(refusal(altered), Errc::signature_invalid);
  auto no_ballot = from(0, Answer::yes);
  no_ballot.file.octets += "# a comment\n";
  EXPECT_EQ(refusal(no_ballot), Errc::not_canonical);
  auto stranger = from(0, Answer::yes);
  stranger.file.minisigs = {governance::sign(community.keys[0], stranger.file.octets, "b").value()};
  EXPECT_EQ(refusal(stranger), Errc::not_a_voter) << "a maintainer's key is no citizen's";
  auto relabelled = from(0, Answer::yes);
  relabelled.file.minisigs = {crypto::minisign::sign_file(citizens[0], relabelled.file.octets, "yes")};
  EXPECT_EQ(refusal(relabelled), Errc::comment_not_of_this_file);
}

TEST_F(VoteCount, TheLastBallotOfAKeyCountsAndAReplayDoesNot) {
  auto second = ballot(Answer::no);
  second.issued += seconds(5);
  box = {from(0, Answer::yes), from(0, second), from(0, Answer::yes)};
  box.back().received += seconds(100);
  const auto outcome = count(poll, box);
  EXPECT_EQ(outcome.counted, 1U);
  EXPECT_EQ(outcome.options.at(1).votes, 1U) << "no";
  ASSERT_EQ(outcome.rejected.size(), 1U) << "the same ballot twice is one";
  EXPECT_EQ(outcome.rejected[0].reason, Errc::ballot_superseded);
}

TEST_F(VoteCount, ASpoiledBallotDoesNotReplaceAGoodOne) {
  ask(Vote::Kind::election);
  auto spoiled = ballot(Approval{{"dora"}});
  spoiled.issued += seconds(5);
  box = {from(0, Approval{{"ada"}}), from(0, spoiled)};
  const auto outcome = count(poll, box);
  EXPECT_EQ(outcome.counted, 1U);
  EXPECT_EQ(outcome.rejected.at(0).reason, Errc::ballot_wrong_kind);
}

TEST_F(VoteCount, ApprovalElectsTheBestWhomEnoughApprove) {
  ask(Vote::Kind::election);
  all(0, 4, Approval{{"ada", "bob"}});
  all(4, 2, Approval{{"carl"}});
  auto outcome = count(poll, box);
  EXPECT_EQ(elected(outcome), lot(poll.identity, "ada") < lot(poll.identity, "bob") ? "ada bob" : "bob ada");
  EXPECT_EQ(outcome.options.back(), (Outcome::Option{"carl", 2, false}));
  poll.vote.seats = 3;
  EXPECT_EQ(count(poll, box).options.back().elected, false) << "a third is less than half";
  poll.threshold = 3;
  outcome = count(poll, box);
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(elected(outcome), "") << "two could never act by a threshold of three";
}

TEST_F(VoteCount, ApprovingOfNobodyIsABallot) {
  ask(Vote::Kind::election);
  all(0, 5, Approval{});
  const auto outcome = count(poll, box);
  EXPECT_EQ(outcome.counted, 5U);
  EXPECT_EQ(elected(outcome), "");
}

TEST_F(VoteCount, SchulzeElectsThoseAboveNone) {
  poll.rules.method = Charter::Method::schulze;
  ask(Vote::Kind::election);
  all(0, 4, Ranking{{{"ada"}, {"bob"}}});
  all(4, 2, Ranking{{{"carl"}, {"none"}, {"ada", "bob"}}});
  const auto outcome = count(poll, box);
  EXPECT_EQ(elected(outcome), "ada bob");
  EXPECT_EQ(outcome.options.at(2), (Outcome::Option{"carl", 2, false})) << "whom four rank no higher than none";
  EXPECT_EQ(refusal(from(0, Approval{{"ada"}})), Errc::ballot_wrong_kind);
  EXPECT_EQ(refusal(from(0, Ranking{{{"dora"}}})), Errc::ballot_wrong_kind);
}

TEST_F(VoteCount, WithoutAQuorumNobodyIsElected) {
  ask(Vote::Kind::election);
  all(0, 4, Approval{{"ada", "bob"}});
  const auto outcome = count(poll, box);
  EXPECT_FALSE(outcome.quorum);
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(elected(outcome), "");
}

TEST_F(VoteCount, IsTheSameInWhateverOrderBallotsCome) {
  ask(Vote::Kind::election);
  simulation::Dice dice(7);
  for (int i = 0; i < 60; ++i) {
    auto given = ballot(dice.coin() ? Approval{{"ada", "carl"}} : Approval{{"bob"}});
    if (dice.below(8) == 0) given.choice = Answer::yes;
    if (dice.below(8) == 0) given.vote = Hash{5};
    given.issued += seconds(static_cast<int>(dice.below(4)));
    box.push_back(from(dice.below(9), given));
    box.back().received = opened + seconds(static_cast<int>(dice.below(5)));
    if (dice.below(8) == 0) box.back().received = poll.vote.closes;
  }
  const auto outcome = count(poll, box);
  EXPECT_FALSE(outcome.rejected.empty());
  for (int shuffle = 0; shuffle < 10; ++shuffle) {
    for (std::size_t i = box.size(); i > 1; --i) std::swap(box[i - 1], box[dice.below(i)]);
    EXPECT_EQ(count(poll, box), outcome);
  }
}

TEST_F(VoteCount, OnlyWhatThisVersionCountsIsOpened) {
  EXPECT_TRUE(can_be_counted(poll.vote, poll.rules, "v"));
  poll.rules.method = Charter::Method::stv;
  EXPECT_TRUE(can_be_counted(poll.vote, poll.rules, "v")) << "a question has no method";
  ask(Vote::Kind::election);
  EXPECT_FALSE(can_be_counted(poll.vote, poll.rules, "v"));
  poll.rules = {};
  poll.rules.ballot = Charter::Ballot::secret;
  EXPECT_FALSE(can_be_counted(poll.vote, poll.rules, "v"));
}

}  // namespace
}  // namespace mailpod::governance
