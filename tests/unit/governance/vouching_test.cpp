#include <gtest/gtest.h>

#include <deque>

#include <mailpod/governance/registry.hpp>

#include "simulation/newcomer.hpp"

/// Joining by vouches: who may speak, what is counted, and when somebody comes in.
namespace mailpod::governance {
namespace {

using simulation::Community;
using simulation::Newcomer;
using std::chrono::days;
using std::chrono::hours;
using Kind = Vouch::Kind;

class VouchingTest : public testing::Test {
protected:
  explicit VouchingTest(std::size_t maintainers = 1, std::uint32_t threshold = 1) : community(maintainers, threshold) {
    community.charter.members.join = Charter::Join::vouches;
    community.charter.members.vouches = 2;
    community.charter.members.voucher_age_days = 30;
    community.charter.members.objection_days = 7;
    community.charter.members.voucher_budget = 2;
    roster = std::make_unique<Roster>(community.chain());
    for (const char* name : {"ada@pod.lab", "bea@pod.lab", "cyd@pod.lab"}) founders.push_back(founder(name));
    community.clock.advance(days(40));
  }
  base::Time now() { return community.clock.now(); }
  Errc apply(const Act& act, std::vector<std::size_t> signers = {}) {
    const auto done = roster->apply(community.sign(act, std::move(signers)), now());
    return done ? Errc{} : done.error().code;
  }
  Errc say(const SignedFile& file) {
    const auto done = roster->apply_vouch(file, now());
    return done ? Errc{} : done.error().code;
  }
  Errc say(const Newcomer& by, Kind kind, const Newcomer& of) { return say(by.vouching(kind, of)); }
  Errc join(const Newcomer& newcomer) {
    const auto done = roster->apply_join(newcomer.joining(), now());
    return done ? Errc{} : done.error().code;
  }
  Errc confirm(const Newcomer& newcomer) {
    const SignedFile file{"admission", write_confirmation({"pod.lab", 1, newcomer.drawn.member}), {}};
    const auto done = roster->apply_confirmation(file, now());
    return done ? Errc{} : done.error().code;
  }
  /// Admitted by the maintainers, who entered their key.
  Newcomer founder(const char* address) {
    Newcomer out(community, address);
    EXPECT_EQ(apply(community.admission(out.drawn.member, out.drawn.salt, address)), Errc{});
    auto act = community.act(Act::Kind::set_citizen_key, out.drawn.member);
    act.citizen_key = out.key.public_key();
    EXPECT_EQ(apply(act), Errc{});
    return out;
  }
  Newcomer candidate(const Newcomer& by, const char* address = "dot@pod.lab") {
    Newcomer out(community, address);
    EXPECT_EQ(say(by, Kind::invite, out), Errc{});
    EXPECT_EQ(join(out), Errc{});
    return out;
  }
  const Candidate* find(const Newcomer& newcomer) { return roster->find_candidate(newcomer.drawn.member, now()); }

  Community community;
  std::unique_ptr<Roster> roster;
  std::deque<Newcomer> founders;
};

struct ThresholdVouchingTest : VouchingTest {
  ThresholdVouchingTest() : VouchingTest(2, 2) {}
};

TEST_F(VouchingTest, EnoughVouchesAndTimeMakeAMember) {
  const auto dot = candidate(founders[0]);
  EXPECT_EQ(roster->find(dot.drawn.member), nullptr);
  EXPECT_EQ(confirm(dot), Errc::below_threshold) << "the invitation is one vouch of two";
  community.clock.advance(days(1));
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), now() + days(7)) << "from the last vouch that was needed";
  community.clock.advance(days(7) - hours(1));
  EXPECT_EQ(confirm(dot), Errc::not_yet_issued);
  community.clock.advance(hours(1));
  EXPECT_EQ(confirm(dot), Errc{});
  ASSERT_NE(roster->find(dot.drawn.member), nullptr);
  EXPECT_EQ(roster->find(dot.drawn.member)->admitted, now());
  EXPECT_EQ(roster->find(dot.drawn.member)->accepted->identity, community.pin());
  EXPECT_EQ(confirm(dot), Errc::no_candidate);
  const Gate gate(std::make_shared<Roster>(*roster));
  EXPECT_TRUE(gate.may_receive(dot.drawn.member, now()));
}

TEST_F(VouchingTest, ACandidateMayNothingYet) {
  const auto dot = candidate(founders[0]);
  const Gate gate(std::make_shared<Roster>(*roster));
  EXPECT_EQ(gate.may_receive(dot.drawn.member, now()).error(), Errc::not_admitted);
  EXPECT_EQ(gate.may_log_in(dot.drawn.member, now()).error(), Errc::not_admitted);
  EXPECT_EQ(gate.may_submit(dot.drawn.member, now()).error(), Errc::not_admitted);
  EXPECT_EQ(say(dot, Kind::vouch, dot), Errc::not_admitted) << "nobody vouches for themselves";
}

TEST_F(VouchingTest, AnObjectionHoldsItUntilItIsWithdrawn) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  community.clock.advance(days(6));
  auto objection = founders[2].vouch(Kind::object, dot);
  objection.reason = "owes the choir its cups";
  ASSERT_EQ(say(founders[2].sign(objection)), Errc{});
  community.clock.advance(days(10));
  EXPECT_EQ(confirm(dot), Errc::below_threshold);
  EXPECT_EQ(say(founders[2], Kind::vouch, dot), Errc::already_added) << "first it is withdrawn";
  ASSERT_EQ(say(founders[2], Kind::withdraw, dot), Errc{});
  EXPECT_EQ(say(founders[2], Kind::withdraw, dot), Errc::not_there);
  EXPECT_EQ(confirm(dot), Errc{}) << "the days have passed";
}

TEST_F(VouchingTest, AnObjectionOfWhoIsNoMemberAnyMoreHoldsNobody) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  ASSERT_EQ(say(founders[2], Kind::object, dot), Errc{});
  community.clock.advance(days(7));
  EXPECT_EQ(confirm(dot), Errc::below_threshold);
  ASSERT_EQ(apply(community.suspension(founders[2].drawn.member, days(3))), Errc{});
  EXPECT_EQ(confirm(dot), Errc{});
}

TEST_F(ThresholdVouchingTest, AProtectiveSuspensionSilencesNoObjection) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  ASSERT_EQ(say(founders[2], Kind::object, dot), Errc{});
  community.clock.advance(days(7));
  ASSERT_EQ(apply(community.suspension(founders[2].drawn.member, hours(24)), {0}), Errc{});
  EXPECT_EQ(confirm(dot), Errc::below_threshold) << "one of two does not overrule a member";
  ASSERT_EQ(apply(community.suspension(founders[2].drawn.member, days(3))), Errc{});
  EXPECT_EQ(confirm(dot), Errc{}) << "both do";
}

TEST_F(VouchingTest, AVouchOfWhoIsNoMemberAnyMoreDoesNotCount) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  ASSERT_EQ(apply(community.suspension(founders[1].drawn.member, days(10))), Errc{});
  community.clock.advance(days(8));
  EXPECT_EQ(confirm(dot), Errc::below_threshold);
  ASSERT_EQ(say(founders[2], Kind::vouch, dot), Errc{});
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), now() + days(7)) << "counted anew, from the vouch that made it enough";
}

TEST_F(VouchingTest, DaysBeginAnewWhenAVoucherComesBack) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  const auto suspended = now();
  ASSERT_EQ(apply(community.suspension(founders[1].drawn.member, days(10))), Errc{});
  community.clock.advance(days(10));
  EXPECT_EQ(confirm(dot), Errc::not_yet_issued) << "nobody saw that they would come in";
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), suspended + days(10 + 7));
  ASSERT_EQ(apply(community.suspension(founders[1].drawn.member, days(10))), Errc{});
  community.clock.advance(days(2));
  ASSERT_EQ(apply(community.act(Act::Kind::reinstate, founders[1].drawn.member)), Errc{});
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), now() + days(7)) << "whoever ends the suspension";
  community.clock.advance(days(7));
  EXPECT_EQ(confirm(dot), Errc{});
}

TEST_F(VouchingTest, AVoucherWhoIsNotNeededDelaysNothing) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  const auto enough = now();
  community.clock.advance(days(1));
  ASSERT_EQ(say(founders[2], Kind::vouch, dot), Errc{});
  ASSERT_EQ(apply(community.suspension(founders[2].drawn.member, days(2))), Errc{});
  community.clock.advance(days(3));
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), enough + days(7));
}

TEST_F(VouchingTest, DaysBeginAnewWithACharter) {
  const auto dot = candidate(founders[0]);
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), std::nullopt) << "one vouch of two";
  const auto pinned = community.pin();
  community.charter.seq = 2;
  community.charter.prev = pinned;
  community.charter.issued = now();
  community.charter.effective = now() + days(20);
  community.charter.members.vouches = 1;
  const auto accepted = roster->apply_charter(community.signed_charter(), now());
  ASSERT_TRUE(accepted) << accepted.error().text();
  community.clock.advance(days(20));
  EXPECT_EQ(roster->ripe_at(*find(dot), now()), now() + days(7)) << "from when one vouch is enough";
}

TEST_F(VouchingTest, EveryRuleOfAVouchHasItsRefusal) {
  const auto dot = candidate(founders[0]);
  const auto with = [&](auto&& change) {
    auto vouch = founders[1].vouch(Kind::vouch, dot);
    change(vouch);
    return say(founders[1].sign(vouch));
  };
  EXPECT_EQ(with([](Vouch& v) { v.pod = "other.lab"; }), Errc::wrong_pod);
  EXPECT_EQ(with([](Vouch& v) { v.charter = 2; }), Errc::wrong_charter);
  EXPECT_EQ(with([](Vouch& v) { v.issued += std::chrono::minutes(6); }), Errc::not_yet_issued);
  EXPECT_EQ(with([](Vouch& v) { v.issued -= days(1); }), Errc::act_expired);
  EXPECT_EQ(with([&](Vouch& v) { v.by = founders[2].drawn.member; }), Errc::signature_unknown_key)
      << "nobody speaks for another";
  EXPECT_EQ(with([&](Vouch& v) { v.by = community.newcomer(); }), Errc::not_admitted);
  EXPECT_EQ(with([&](Vouch& v) { v.newcomer = community.newcomer(); }), Errc::no_candidate);
  EXPECT_EQ(with([&](Vouch& v) { v.newcomer = founders[2].drawn.member; }), Errc::already_admitted);
  const auto file = founders[1].vouching(Kind::vouch, dot);
  EXPECT_EQ(say(file), Errc{});
  EXPECT_EQ(say(file), Errc::nonce_seen);
  EXPECT_EQ(with([](Vouch&) {}), Errc::already_added);
  EXPECT_EQ(say(founders[0], Kind::vouch, dot), Errc::already_added) << "the invitation was one";
}

TEST_F(VouchingTest, AMemberWithoutAKeyOrUnderSuspensionSaysNothing) {
  const auto dot = candidate(founders[0]);
  Newcomer keyless(community, "eve@pod.lab");
  ASSERT_EQ(apply(community.admission(keyless.drawn.member)), Errc{});
  community.clock.advance(days(31));
  EXPECT_EQ(say(keyless, Kind::vouch, dot), Errc::signature_unknown_key);
  ASSERT_EQ(apply(community.suspension(founders[1].drawn.member, days(2))), Errc{});
  EXPECT_EQ(say(founders[1], Kind::object, dot), Errc::suspended);
}

TEST_F(VouchingTest, WhoVouchesHasBeenAMemberForLongEnough) {
  const auto dot = candidate(founders[0]);
  const auto young = founder("fay@pod.lab");
  EXPECT_EQ(say(young, Kind::vouch, dot), Errc::voucher_too_young);
  EXPECT_EQ(say(young, Kind::invite, Newcomer(community, "gil@pod.lab")), Errc::voucher_too_young);
  EXPECT_EQ(say(young, Kind::object, dot), Errc{}) << "but every member may object";
  ASSERT_EQ(say(young, Kind::withdraw, dot), Errc{});
  community.clock.advance(days(30) - hours(1));
  EXPECT_EQ(say(young, Kind::vouch, dot), Errc::voucher_too_young);
  community.clock.advance(hours(1));
  EXPECT_EQ(say(young, Kind::vouch, dot), Errc{});
}

TEST_F(VouchingTest, TheBudgetOfAMemberIsForAYear) {
  const auto dot = candidate(founders[0], "dot@pod.lab");
  const auto eli = candidate(founders[0], "eli@pod.lab");
  const auto fox = candidate(founders[1], "fox@pod.lab");
  EXPECT_EQ(say(founders[0], Kind::vouch, fox), Errc::budget_spent);
  EXPECT_EQ(say(founders[0], Kind::object, fox), Errc{}) << "an objection costs nothing";
  ASSERT_EQ(say(founders[0], Kind::withdraw, dot), Errc{});
  ASSERT_EQ(say(founders[0], Kind::withdraw, fox), Errc{});
  EXPECT_EQ(say(founders[0], Kind::vouch, fox), Errc::budget_spent) << "a vouch that was withdrawn was one";
  EXPECT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  EXPECT_EQ(say(founders[1], Kind::vouch, eli), Errc::budget_spent);
}

TEST_F(VouchingTest, WithoutABudgetAMemberStillVouchesForSoManyOnly) {
  community.charter.members.voucher_budget = 0;
  roster = std::make_unique<Roster>(community.chain());
  const auto ada = founder("ada@pod.lab");
  community.clock.advance(days(40));
  auto invite = ada.vouch(Kind::invite, Newcomer(community, "dot@pod.lab"));
  const auto again = [&] {
    invite.nonce = community.entropy.bytes<16>();
    invite.invitation = community.entropy.bytes<32>();
    return say(ada.sign(invite));
  };
  for (std::uint32_t i = 0; i < Charter::largest_voucher_budget; ++i) ASSERT_EQ(again(), Errc{}) << i;
  EXPECT_EQ(again(), Errc::budget_spent);
}

TEST_F(VouchingTest, OneMemberSaysOnlySoMuchOfOneNewcomer) {
  const auto dot = candidate(founders[0]);
  for (std::size_t said = 0; said < most_words_of_a_newcomer; said += 2) {
    ASSERT_EQ(say(founders[1], Kind::object, dot), Errc{});
    ASSERT_EQ(say(founders[1], Kind::withdraw, dot), Errc{});
  }
  EXPECT_EQ(say(founders[1], Kind::object, dot), Errc::too_much_said);
  EXPECT_EQ(say(founders[1], Kind::vouch, dot), Errc::too_much_said);
  EXPECT_EQ(say(founders[2], Kind::object, dot), Errc{}) << "each for themselves";
}

TEST_F(VouchingTest, TheLastObjectionCanBeWithdrawn) {
  const auto dot = candidate(founders[0]);  // by a vouch of their own, so that an objection is the last that is said
  ASSERT_EQ(say(founders[0], Kind::withdraw, dot), Errc{});
  for (std::size_t said = 1; said < most_words_of_a_newcomer; said += 2) {
    ASSERT_EQ(say(founders[0], Kind::object, dot), Errc{});
    ASSERT_EQ(say(founders[0], Kind::withdraw, dot), Errc{});
  }
  EXPECT_EQ(say(founders[0], Kind::object, dot), Errc::too_much_said);
}

TEST_F(VouchingTest, NothingIsSaidWhereOneJoinsOtherwise) {
  for (const auto rule : {Charter::Join::open, Charter::Join::invitation}) {
    community.charter.members = {};
    community.charter.members.join = rule;
    roster = std::make_unique<Roster>(community.chain());
    const auto ada = founder("ada@pod.lab");
    const Newcomer dot(community, "dot@pod.lab");
    EXPECT_EQ(say(ada, Kind::invite, dot), Errc::joins_otherwise);
    EXPECT_EQ(say(ada, Kind::vouch, dot), Errc::joins_otherwise);
  }
}

TEST_F(VouchingTest, AnInvitationIsForOneAndByAMember) {
  const Newcomer dot(community, "dot@pod.lab");
  ASSERT_EQ(say(founders[0], Kind::invite, dot), Errc{});
  EXPECT_EQ(say(founders[1], Kind::invite, dot), Errc::invitation_repeated);
  ASSERT_EQ(apply(community.suspension(founders[0].drawn.member, days(2))), Errc{});
  EXPECT_EQ(join(dot), Errc::not_admitted) << "who invited is suspended";
  community.clock.advance(days(2));
  EXPECT_EQ(join(dot), Errc{});
  EXPECT_EQ(join(dot), Errc::invitation_used);
}

TEST_F(VouchingTest, ACandidacyEnds) {
  const auto dot = candidate(founders[0]);
  community.clock.advance(longest_candidacy - hours(1));
  EXPECT_NE(find(dot), nullptr);
  community.clock.advance(hours(1));
  EXPECT_EQ(find(dot), nullptr);
  EXPECT_EQ(say(founders[1], Kind::vouch, dot), Errc::no_candidate);
  EXPECT_EQ(confirm(dot), Errc::no_candidate);
}

TEST_F(VouchingTest, NobodySignsAnAdmission) {
  const auto dot = candidate(founders[0]);
  ASSERT_EQ(say(founders[1], Kind::vouch, dot), Errc{});
  community.clock.advance(days(7));
  SignedFile file{"admission", write_confirmation({"pod.lab", 1, dot.drawn.member}), {}};
  EXPECT_EQ(parse_confirmation(file.octets + "\n", "x").error().code, Errc::not_canonical);
  file.minisigs.emplace_back("x");
  EXPECT_EQ(roster->apply_confirmation(file, now()).error().code, Errc::signature_unknown_key);
  file.minisigs.clear();
  EXPECT_TRUE(roster->apply_confirmation(file, now()));
}

}  // namespace
}  // namespace mailpod::governance
