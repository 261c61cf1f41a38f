#include "recent_logins.hpp"

#include <gtest/gtest.h>

#include <set>

#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

using sasl::Scope;
using std::chrono::seconds;

class RecentLoginsTest : public testing::Test {
protected:
  bool recalls(std::string_view name, std::string_view secret, Scope wanted = Scope::imap) {
    return pod.keys->recall(name, secret, wanted).has_value();
  }
  void pass(seconds time) { pod.community.clock.advance(time); }

  Pod pod;
  Invitation invitation = pod.admit("alice@pod.lab");
  std::string password = "a long password";
  std::string app = pod.enrol(invitation, {password, "phone"}).app->password;
};

TEST_F(RecentLoginsTest, SpareWhoLogsInAgainTheCostOfTheirPassword) {
  EXPECT_FALSE(recalls("alice", password));
  const auto first = pod.keys->log_in("alice", password, Scope::imap).value();
  const auto again = pod.keys->recall("alice@pod.lab", password, Scope::imap).value();
  EXPECT_EQ(again.vault_key->secret().octets(), first.vault_key->secret().octets());
  EXPECT_EQ(again.slot, first.slot);
  EXPECT_EQ(again.scopes, first.scopes);
  EXPECT_TRUE(again.stands());
  EXPECT_FALSE(recalls("alice", "a wrong password"));
  EXPECT_FALSE(recalls("nobody", password));
}

TEST_F(RecentLoginsTest, KnowNobodyBySomebodyElsesSecret) {
  const auto bob = pod.enrol(pod.admit("bob@pod.lab"), {password, "phone"});
  ASSERT_TRUE(pod.keys->log_in("alice", password, Scope::imap));
  EXPECT_FALSE(recalls("bob", password)) << "the same password, and another member";
}

TEST_F(RecentLoginsTest, AreForgottenAMinuteAfterTheLastLogin) {
  ASSERT_TRUE(pod.keys->log_in("alice", password, Scope::imap));
  pass(seconds(44));
  EXPECT_TRUE(recalls("alice", password));
  pass(seconds(44));
  EXPECT_TRUE(recalls("alice", password));
  pass(seconds(45));
  EXPECT_FALSE(recalls("alice", password));
  EXPECT_LE(RecentLogins::life + KeyRing::forget_every, seconds(60));
}

TEST_F(RecentLoginsTest, AreLookedAtAnewAfterAnHourHoweverOftenTheyAreUsed) {
  ASSERT_TRUE(pod.keys->log_in("alice", app, Scope::imap));
  for (int n = 0; n < 119; ++n) {
    pass(seconds(30));
    ASSERT_TRUE(recalls("alice", app)) << n;
  }
  pass(seconds(30));
  EXPECT_FALSE(recalls("alice", app));
}

TEST_F(RecentLoginsTest, EndWithTheirSlot) {
  for (const auto& secret : {app, password}) ASSERT_TRUE(pod.keys->log_in("alice", secret, Scope::imap));
  ASSERT_TRUE(pod.keys->revoke("alice", password, "phone"));
  EXPECT_FALSE(recalls("alice", app));
  ASSERT_TRUE(pod.keys->log_in("alice", password, Scope::imap));
  auto house = pod.household();
  for (const auto& slot : slots_of(house, invitation.member).list(invitation.member).slots) {
    slots_of(house, invitation.member).remove(slot.label.id);
  }
  EXPECT_FALSE(recalls("alice", password)) << "also where its file went without us";
}

TEST_F(RecentLoginsTest, EndWithTheRekey) {
  ASSERT_TRUE(pod.keys->log_in("alice", app, Scope::imap));
  ASSERT_TRUE(pod.keys->rekey("alice", app));
  EXPECT_FALSE(recalls("alice", app));
}

TEST_F(RecentLoginsTest, EndWithASuspension) {
  ASSERT_TRUE(pod.keys->log_in("alice", app, Scope::imap));
  auto& community = pod.community;
  ASSERT_TRUE(pod.admissions().record(community.sign(community.suspension(invitation.member, std::chrono::hours(48)))));
  EXPECT_FALSE(recalls("alice", app)) << "the gate is asked each time";
  pod.keys->doubt(invitation.member);
  const auto reinstate = community.act(governance::Act::Kind::reinstate, invitation.member);
  ASSERT_TRUE(pod.admissions().record(community.sign(reinstate)));
  EXPECT_FALSE(recalls("alice", app)) << "what was in doubt is forgotten";
  EXPECT_TRUE(pod.logs_in("alice", app));
}

TEST_F(RecentLoginsTest, AreLookedAtAnewEachDay) {
  ASSERT_TRUE(pod.keys->log_in("alice", app, Scope::imap));
  const auto now = base::to_seconds(pod.community.clock.now());
  const auto midnight = 86'400 - now % 86'400;
  // As close to it as the entry lives.
  pass(seconds(midnight - 1));
  ASSERT_TRUE(pod.keys->log_in("alice", app, Scope::imap));
  pass(seconds(1));
  EXPECT_FALSE(recalls("alice", app)) << "its slot says when it was last used";
}

/// One on its own, without a pod.
struct Alone {
  simulation::Entropy entropy;
  crypto::KeyArena arena;
  simulation::Clock clock;
  RecentLogins logins{clock, entropy, arena};

  static SlotLabel label(unsigned char member) {
    SlotLabel out;
    out.member.bytes[0] = member;
    return out;
  }
};

TEST(RecentLogins, KeepsItsNumberAndDropsWhatWasLeastUsed) {
  Alone alone;
  const auto key = crypto::Key::random(alone.arena, alone.entropy);
  const auto in_use = alone.arena.in_use();
  for (std::size_t n = 0; n < RecentLogins::most + 10; ++n) {
    alone.clock.advance(std::chrono::milliseconds(1));
    alone.logins.remember("secret " + std::to_string(n), Alone::label(1), &key, 0);
  }
  EXPECT_EQ(alone.logins.size(), RecentLogins::most);
  EXPECT_FALSE(alone.logins.find(Alone::label(1).member, "secret 9"));
  EXPECT_TRUE(alone.logins.find(Alone::label(1).member, "secret 10"));
  EXPECT_EQ(alone.arena.in_use(), in_use) << "no key lies in it";
}

TEST(RecentLogins, ForgetsWhatIsStaleWithoutBeingAsked) {
  Alone alone;
  alone.logins.remember("secret", Alone::label(1), nullptr, 0);
  alone.logins.remember("other", Alone::label(2), nullptr, 0);
  alone.logins.forget(Alone::label(2).member);
  EXPECT_EQ(alone.logins.size(), 1U);
  alone.clock.advance(RecentLogins::life);
  alone.logins.forget_stale();
  EXPECT_EQ(alone.logins.size(), 0U);
}

TEST(RecentLogins, TellsTheAgeAndWhetherThereIsAKey) {
  Alone alone;
  alone.logins.remember("secret", Alone::label(1), nullptr, 7);
  const auto found = alone.logins.find(Alone::label(1).member, "secret");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->age, 7U);
  EXPECT_FALSE(found->vault_key);
  EXPECT_FALSE(alone.logins.find(Alone::label(2).member, "secret"));
}

}  // namespace
}  // namespace mailpod::members
