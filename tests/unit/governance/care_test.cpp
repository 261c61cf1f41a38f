#include <gtest/gtest.h>

#include <mailpod/governance/roster.hpp>

#include "simulation/community.hpp"
#include "simulation/frozen.hpp"

/// Disputes, announcements and upgrades as the record tells them.
namespace mailpod::governance {
namespace {

using simulation::Community;
using simulation::frozen;
using std::chrono::days;

class CareTest : public testing::Test {
protected:
  Errc apply(const Act& act, std::vector<std::size_t> signers = {}) {
    const auto applied = roster.apply(community.sign(act, std::move(signers)), community.clock.now());
    return applied ? Errc{} : applied.error().code;
  }
  Act about(Act::Kind kind, const DisputeId& dispute) {
    Act act = community.act(kind, {});
    act.dispute = dispute;
    act.text_commitment = Hash{9};
    if (kind == Act::Kind::dispute_open) act.until = act.issued + days(14);
    if (kind == Act::Kind::dispute_close) act.outcome = DisputeOutcome::settled;
    return act;
  }
  Act opening() { return about(Act::Kind::dispute_open, community.entropy.bytes<16>()); }
  DisputeId opened() {
    const Act act = opening();
    EXPECT_EQ(apply(act, {0}), Errc{});
    return *act.dispute;
  }
  Act upgrade(std::string version) {
    Act act = community.act(Act::Kind::upgrade, {});
    act.version = std::move(version);
    act.program = Hash{7};
    return act;
  }

  Community community{3, 2};
  Roster roster{community.chain()};
};

TEST_F(CareTest, OneMaintainerOpensADisputeAndRecordsAnAnswer) {
  const auto dispute = opened();
  EXPECT_FALSE(roster.disputes().at(dispute).by_threshold);
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute), {1}), Errc{});
  EXPECT_EQ(roster.disputes().at(dispute).answers.size(), 1U);
  EXPECT_EQ(roster.texts().size(), 2U);
}

TEST_F(CareTest, ADisputeIsClosedByTheThresholdOnceSomebodyAnswered) {
  const auto dispute = opened();
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, dispute), {0, 1}), Errc::answer_awaited);
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute), {2}), Errc{});
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, dispute), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, dispute), {0, 1}), Errc{});
  EXPECT_EQ(roster.disputes().at(dispute).outcome, DisputeOutcome::settled);
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute)), Errc::dispute_closed);
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, dispute)), Errc::dispute_closed);
}

TEST_F(CareTest, ADisputeThatNobodyAnsweredIsClosedOnceTheTimeIsOver) {
  const auto dispute = opened();
  community.clock.advance(days(14));
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute)), Errc::answer_late);
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, dispute)), Errc{});
}

TEST_F(CareTest, ADisputeIsOpenedOnceAndLeavesTimeToAnswer) {
  EXPECT_EQ(apply(about(Act::Kind::dispute_open, opened())), Errc::dispute_repeated);
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, DisputeId{1})), Errc::dispute_unknown);
  EXPECT_EQ(apply(about(Act::Kind::dispute_close, DisputeId{1})), Errc::dispute_unknown);
  Act late = opening();
  late.until = late.issued + days(1);
  community.clock.advance(days(2));
  EXPECT_EQ(apply(late), Errc::answer_late);
}

TEST_F(CareTest, NobodyKeepsOthersFromOpeningADispute) {
  for (std::size_t i = 0; i < most_disputes_of_one; ++i) EXPECT_EQ(apply(opening(), {0}), Errc{});
  EXPECT_EQ(apply(opening(), {0}), Errc::too_many_disputes);
  EXPECT_EQ(apply(opening(), {1}), Errc{}) << "another maintainer's";
  for (std::size_t i = 0; i < most_disputes_open; ++i) EXPECT_EQ(apply(opening(), {0, 1}), Errc{});
  EXPECT_EQ(apply(opening(), {0, 1}), Errc::too_many_disputes);
  EXPECT_EQ(apply(opening(), {2}), Errc{}) << "a majority keeps no dispute from being heard";
}

TEST_F(CareTest, NobodyKeepsOthersFromRecordingAnAnswer) {
  const auto dispute = opened();
  for (std::size_t i = 0; i < most_answers_of_one; ++i)
    EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute), {1}), Errc{});
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute), {1}), Errc::too_many_answers);
  EXPECT_EQ(apply(about(Act::Kind::dispute_answer, dispute), {2}), Errc{}) << "another maintainer's";
}

TEST_F(CareTest, AnAnnouncementAndAnUpgradeTakeTheThreshold) {
  Act announcement = community.act(Act::Kind::announce, {});
  announcement.text_commitment = Hash{3};
  EXPECT_EQ(apply(announcement, {0}), Errc::below_threshold);
  EXPECT_EQ(apply(announcement), Errc{});
  EXPECT_EQ(apply(announcement), Errc::nonce_seen);
  ASSERT_EQ(roster.texts().size(), 1U);
  EXPECT_FALSE(roster.texts().begin()->second.dispute);
  EXPECT_EQ(apply(upgrade("1.2"), {2}), Errc::below_threshold);
  EXPECT_EQ(apply(upgrade("1.2")), Errc{});
  EXPECT_EQ(roster.upgrade()->version, "1.2");
  EXPECT_EQ(apply(upgrade("1.2")), Errc::already_added);
  EXPECT_EQ(apply(upgrade("1.3")), Errc{});
}

TEST_F(CareTest, NoActOfTheseKindsNamesAMember) {
  for (const auto& act : {opening(), about(Act::Kind::dispute_close, {}), upgrade("1.2")})
    EXPECT_EQ(write_act(act).find("member"), std::string::npos);
}

TEST_F(CareTest, WhatAKindAsksForIsThereAndNothingElse) {
  const auto refused = [](std::string octets, const std::string& what, const std::string& with) {
    const auto at = octets.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    octets.replace(at, what.size(), with);
    return !parse_act(octets, "act").has_value();
  };
  const auto close = write_act(about(Act::Kind::dispute_close, DisputeId{2}));
  EXPECT_TRUE(refused(close, "settled", "won"));
  EXPECT_TRUE(refused(close, "outcome = \"settled\"\n", ""));
  EXPECT_TRUE(refused(close, "text_commitment", "text"));
  EXPECT_TRUE(refused(close, "\"dispute-close\"", "\"dispute-answer\"")) << "an answer has no outcome";
  const auto open = write_act(opening());
  EXPECT_TRUE(refused(open, "dispute-open", "dispute-answer"));
  Act too_long = opening();
  too_long.until = too_long.issued + days(91);
  EXPECT_FALSE(parse_act(write_act(too_long), "act"));
  EXPECT_TRUE(refused(write_act(upgrade("1.2")), "1.2", "1 2"));
  EXPECT_TRUE(refused(write_act(upgrade("1.2")), "1.2", std::string(33, '1')));
}

TEST_F(CareTest, ActsOfTheseKindsAreReadForEver) {
  const auto at = community.charter.issued;
  const auto fixed = [&](Act act) {
    act.nonce = {16, 15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1};
    act.issued = at;
    act.expires = at + days(7);
    if (act.until) act.until = at + days(14);
    return act;
  };
  const DisputeId dispute{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  Act announcement = community.act(Act::Kind::announce, {});
  announcement.text_commitment = Hash{3};
  const std::pair<const char*, Act> acts[] = {
      {"act-dispute-open-1.toml", fixed(about(Act::Kind::dispute_open, dispute))},
      {"act-dispute-answer-1.toml", fixed(about(Act::Kind::dispute_answer, dispute))},
      {"act-dispute-close-1.toml", fixed(about(Act::Kind::dispute_close, dispute))},
      {"act-announce-1.toml", fixed(announcement)},
      {"act-upgrade-1.toml", fixed(upgrade("1.2"))}};
  for (const auto& [name, wanted] : acts) {
    const auto act = parse_act(frozen(name, [&] { return write_act(wanted); }), name);
    ASSERT_TRUE(act) << act.error().text();
    EXPECT_EQ(*act, wanted);
  }
}

}  // namespace
}  // namespace mailpod::governance
