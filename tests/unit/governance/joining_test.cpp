#include <gtest/gtest.h>

#include <mailpod/governance/registry.hpp>

#include "simulation/newcomer.hpp"

/// Who may invite, and who may join by what: each rule with its refusal.
namespace mailpod::governance {
namespace {

using simulation::Community;
using simulation::Newcomer;
using std::chrono::days;
using std::chrono::minutes;

class JoiningTest : public testing::Test {
protected:
  explicit JoiningTest(Charter::Join rule = Charter::Join::invitation) {
    community.charter.members.join = rule;
    if (rule == Charter::Join::vouches) community.charter.members.vouches = 2;
    roster = std::make_unique<Roster>(community.chain());
  }
  base::Time now() { return community.clock.now(); }
  Complaint complaint_about(const Act& act, std::vector<std::size_t> signers = {}) {
    const auto done = roster->apply(community.sign(act, std::move(signers)), now());
    return done ? Complaint{Errc{}, {}, 0, {}, {}} : done.error();
  }
  Errc apply(const Act& act, std::vector<std::size_t> signers = {}) { return complaint_about(act, signers).code; }
  Complaint complaint_about(const SignedFile& file) {
    const auto done = roster->apply_join(file, now());
    return done ? Complaint{Errc{}, {}, 0, {}, {}} : done.error();
  }
  Errc join(const SignedFile& file) { return complaint_about(file).code; }
  /// As a newcomer with an invitation writes it, changed.
  template <class Change>
  Errc join_with(const Change& change) {
    const Newcomer newcomer(community, "n@pod.lab");
    EXPECT_EQ(apply(newcomer.invite_act()), Errc{});
    auto file = newcomer.join();
    change(file);
    return join(newcomer.sign(file));
  }

  Community community{3, 2};
  std::unique_ptr<Roster> roster;
};

TEST_F(JoiningTest, WhoHoldsAnInvitationIsAMemberAndAcceptedTheCharter) {
  const Newcomer alice(community, "alice@pod.lab");
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  EXPECT_EQ(roster->invitations().at(alice.invitation()).used_by, std::nullopt);
  const auto file = alice.joining();
  ASSERT_EQ(join(file), Errc{});
  const auto* standing = roster->find(alice.drawn.member);
  ASSERT_NE(standing, nullptr);
  EXPECT_EQ(standing->admitted, now());
  EXPECT_EQ(standing->citizen_key, alice.key.public_key());
  EXPECT_EQ(standing->address_commitment, address_commitment(alice.drawn.salt, "alice@pod.lab"));
  EXPECT_EQ(standing->accepted, (Acceptance{1, community.pin(), identity(file.octets)}));
  EXPECT_EQ(roster->invitations().at(alice.invitation()).used_by, alice.drawn.member);
  const Gate gate(std::make_shared<Roster>(*roster));
  EXPECT_TRUE(gate.may_receive(alice.drawn.member, now()));
  EXPECT_TRUE(gate.may_log_in(alice.drawn.member, now()));
  EXPECT_TRUE(gate.may_submit(alice.drawn.member, now()));
}

TEST_F(JoiningTest, MaintainersInviteByThreshold) {
  const Newcomer alice(community, "alice@pod.lab");
  EXPECT_EQ(apply(alice.invite_act(), {0}), Errc::below_threshold);
  EXPECT_EQ(join(alice.joining()), Errc::invitation_unknown);
  EXPECT_EQ(apply(alice.invite_act(), {0, 2}), Errc{});
  EXPECT_EQ(apply(alice.invite_act()), Errc::invitation_repeated);
}

TEST_F(JoiningTest, AnInvitationIsUsedOnce) {
  const Newcomer alice(community, "alice@pod.lab");
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  Newcomer mallory(community, "mallory@pod.lab");
  mallory.secret = alice.secret;
  ASSERT_EQ(join(alice.joining()), Errc{});
  EXPECT_EQ(join(mallory.joining()), Errc::invitation_used);
  EXPECT_EQ(join(alice.joining()), Errc::invitation_used) << "the record has them already";
}

TEST_F(JoiningTest, AnInvitationEndsAtItsTime) {
  const Newcomer early(community, "early@pod.lab");
  const Newcomer late(community, "late@pod.lab");
  ASSERT_EQ(apply(early.invite_act(days(3))), Errc{});
  ASSERT_EQ(apply(late.invite_act(days(3))), Errc{});
  community.clock.advance(days(3) - minutes(1));
  EXPECT_EQ(join(early.joining()), Errc{});
  community.clock.advance(minutes(1));
  EXPECT_EQ(join(late.joining()), Errc::invitation_expired);
}

TEST_F(JoiningTest, AnInvitationIsWithdrawnUnlessItWasUsed) {
  const auto withdrawal = [&](const Newcomer& of) {
    auto act = community.act(Act::Kind::withdraw_invitation, {});
    act.invitation = of.invitation();
    return act;
  };
  const Newcomer alice(community, "alice@pod.lab");
  const Newcomer bob(community, "bob@pod.lab");
  EXPECT_EQ(apply(withdrawal(alice)), Errc::invitation_unknown);
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  ASSERT_EQ(apply(bob.invite_act()), Errc{});
  ASSERT_EQ(join(bob.joining()), Errc{});
  EXPECT_EQ(apply(withdrawal(alice), {1}), Errc::below_threshold);
  EXPECT_EQ(apply(withdrawal(alice)), Errc{});
  EXPECT_EQ(apply(withdrawal(alice)), Errc::invitation_unknown);
  EXPECT_EQ(join(alice.joining()), Errc::invitation_unknown);
  EXPECT_EQ(apply(withdrawal(bob)), Errc::invitation_used);
}

TEST_F(JoiningTest, EveryRuleOfANewcomersFileHasItsRefusal) {
  EXPECT_EQ(join_with([](Join&) {}), Errc{});
  EXPECT_EQ(join_with([](Join& j) { j.pod = "other.lab"; }), Errc::wrong_pod);
  EXPECT_EQ(join_with([](Join& j) { j.charter = 2; }), Errc::wrong_charter);
  EXPECT_EQ(join_with([](Join& j) { j.accepts = Hash{1}; }), Errc::charter_not_accepted);
  EXPECT_EQ(join_with([](Join& j) { j.issued += minutes(6); }), Errc::not_yet_issued);
  EXPECT_EQ(join_with([](Join& j) { j.issued -= days(1); }), Errc::act_expired);
  EXPECT_EQ(join_with([](Join& j) { j.invitation.reset(); }), Errc::joins_otherwise);
  const Newcomer other(community, "o@pod.lab");
  EXPECT_EQ(join_with([&](Join& j) { j.citizen_key = other.key.public_key(); }), Errc::signature_unknown_key);
  EXPECT_EQ(join_with([&](Join& j) { j.invitation = other.key.public_key(); }), Errc::signature_unknown_key)
      << "who names a key must hold it";
  const MemberId somebody = community.newcomer();
  ASSERT_EQ(apply(community.admission(somebody)), Errc{});
  EXPECT_EQ(join_with([&](Join& j) { j.member = somebody; }), Errc::already_admitted);
}

TEST_F(JoiningTest, BothKeysSign) {
  const Newcomer alice(community, "alice@pod.lab");
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  for (const std::size_t missing : {0U, 1U}) {
    auto file = alice.joining();
    file.minisigs.erase(file.minisigs.begin() + static_cast<std::ptrdiff_t>(missing));
    EXPECT_EQ(join(file), Errc::below_threshold);
  }
  auto altered = alice.joining();
  altered.octets.back() = ' ';
  EXPECT_EQ(join(altered), Errc::not_canonical);
  auto foreign = alice.joining();
  foreign.minisigs.push_back(governance::sign(community.keys[0], foreign.octets, foreign.name).value());
  EXPECT_EQ(join(foreign), Errc::signature_unknown_key);
}

TEST_F(JoiningTest, ACitizenKeyIsOneMembersAlone) {
  const Newcomer alice(community, "alice@pod.lab");
  Newcomer twin(community, "twin@pod.lab");
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  ASSERT_EQ(apply(twin.invite_act()), Errc{});
  ASSERT_EQ(join(alice.joining()), Errc{});
  twin.key = crypto::minisign::SecretKey(
      alice.key.public_key().id,
      crypto::SigningKey(crypto::Key::copy_of(community.arena, alice.key.key().seed().octets())));
  EXPECT_EQ(join(twin.joining()), Errc::key_taken);
  const MemberId bob = community.newcomer();
  ASSERT_EQ(apply(community.admission(bob)), Errc{});
  auto act = community.act(Act::Kind::set_citizen_key, bob);
  act.citizen_key = alice.key.public_key();
  EXPECT_EQ(apply(act), Errc::key_taken);
  act.citizen_key = twin.invitation_key().public_key();
  EXPECT_EQ(apply(act, {0}), Errc::below_threshold);
  EXPECT_EQ(apply(act), Errc{});
  EXPECT_EQ(roster->find(bob)->citizen_key, act.citizen_key);
}

TEST_F(JoiningTest, NobodyJoinsUnderAnExpiredCharter) {
  const Newcomer alice(community, "alice@pod.lab");
  community.clock.advance(days(364));
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  community.clock.advance(days(2));
  EXPECT_EQ(join(alice.joining()), Errc::charter_expired);
}

TEST_F(JoiningTest, TheSameSecretsDrawTheSameMemberAndOthersAnother) {
  const Newcomer alice(community, "alice@pod.lab");
  const Newcomer bob(community, "bob@pod.lab");
  EXPECT_EQ(draw(alice.key, alice.secret, "pod.lab").member, alice.drawn.member);
  EXPECT_NE(draw(alice.key, bob.secret, "pod.lab").member, alice.drawn.member);
  EXPECT_NE(draw(bob.key, alice.secret, "pod.lab").member, alice.drawn.member);
  EXPECT_NE(draw(alice.key, alice.secret, "other.lab").member, alice.drawn.member);
  EXPECT_EQ(alice.invitation_key().public_key(), alice.invitation_key().public_key());
  EXPECT_NE(alice.invitation(), bob.invitation());
}

struct OpenJoiningTest : JoiningTest {
  OpenJoiningTest() : JoiningTest(Charter::Join::open) {}
};

TEST_F(OpenJoiningTest, AnybodyJoinsAndNobodyInvites) {
  const Newcomer alice(community, "alice@pod.lab", false);
  const Newcomer bob(community, "bob@pod.lab");
  EXPECT_EQ(join(alice.joining()), Errc{});
  EXPECT_EQ(join(alice.joining()), Errc::already_admitted);
  const auto refused = complaint_about(bob.invite_act());
  EXPECT_EQ(refused.code, Errc::joins_otherwise);
  EXPECT_NE(refused.what.find("join = \"open\""), std::string::npos) << refused.what;
  EXPECT_EQ(join(bob.joining()), Errc::invitation_unknown) << "who names one must have one";
}

struct VouchedJoiningTest : JoiningTest {
  VouchedJoiningTest() : JoiningTest(Charter::Join::vouches) {}
};

TEST_F(VouchedJoiningTest, MaintainersInviteNobody) {
  const Newcomer alice(community, "alice@pod.lab");
  const Newcomer bob(community, "bob@pod.lab", false);
  const auto refused = complaint_about(alice.invite_act());
  EXPECT_EQ(refused.code, Errc::joins_otherwise);
  EXPECT_NE(refused.what.find("join = \"vouches\""), std::string::npos) << refused.what;
  const auto alone = complaint_about(bob.joining());
  EXPECT_EQ(alone.code, Errc::joins_otherwise);
  EXPECT_NE(alone.what.find("join = \"vouches\""), std::string::npos) << alone.what;
}

TEST_F(JoiningTest, ARecordWithNewcomersIsReplayed) {
  const Newcomer alice(community, "alice@pod.lab");
  ASSERT_EQ(apply(alice.invite_act()), Errc{});
  const auto file = alice.joining();
  Roster replayed(*roster);
  ASSERT_TRUE(replay_entry(replayed, file, now()));
  EXPECT_NE(replayed.find(alice.drawn.member), nullptr);
}

}  // namespace
}  // namespace mailpod::governance
