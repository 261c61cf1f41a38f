#include <cerrno>
#include <system_error>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "decoy.hpp"
#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

using sasl::Scope;

/// With the check character that fits.
std::string valid(const std::string& password) {
  for (const char c : std::string_view("0123456789abcdefghjkmnpqrstvwxyz")) {
    if (shape_of(password + c) == SecretShape::app_password) return password + c;
  }
  return {};
}

class LogInTest : public testing::Test {
protected:
  boost::system::error_code refusal(std::string_view name, std::string_view secret, Scope wanted = Scope::imap) {
    const auto login = pod.keys->log_in(name, secret, wanted);
    return login ? boost::system::error_code() : login.error();
  }

  Pod pod;
  Invitation invitation = pod.admit("alice@pod.lab");
  std::string password = "a long password";
  std::string app = pod.enrol(invitation, {password, "phone"}).app->password;
};

TEST_F(LogInTest, AnswersTheMemberTheirScopesAndTheKey) {
  const auto login = pod.keys->log_in("alice@pod.lab", app, Scope::send).value();
  EXPECT_EQ(login.member, invitation.member);
  EXPECT_EQ(login.scopes, 15);
  const auto other = pod.keys->log_in("alice@pod.lab", password, Scope::imap).value();
  EXPECT_EQ(login.vault_key->secret().octets(), other.vault_key->secret().octets());
  EXPECT_NE(login.slot, other.slot);
}

TEST_F(LogInTest, HasOneAnswerForEveryReason) {
  EXPECT_EQ(refusal("nobody", app), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice", "mp-00000-00000-00000-00000-000000"), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice", "wrong password"), sasl::Errc::refused);
  EXPECT_EQ(refusal("nobody", "wrong password"), sasl::Errc::refused);
  EXPECT_EQ(refusal("", ""), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice@elsewhere.lab", app), sasl::Errc::refused);
  pod.admit("bob@pod.lab");
  EXPECT_EQ(refusal("bob", app), sasl::Errc::refused);
}

TEST_F(LogInTest, RefusesTheSuspendedUntilTheyAreReinstated) {
  auto& community = pod.community;
  ASSERT_TRUE(pod.admissions().record(community.sign(community.suspension(invitation.member, std::chrono::hours(48)))));
  EXPECT_EQ(refusal("alice", app), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice", app, Scope::send), sasl::Errc::refused);
  EXPECT_EQ(pod.keys->add_app_password("alice", app, "x").error(), governance::Errc::suspended);
  const auto reinstate = community.act(governance::Act::Kind::reinstate, invitation.member);
  ASSERT_TRUE(pod.admissions().record(community.sign(reinstate)));
  EXPECT_TRUE(pod.logs_in("alice", app));
}

/// Nobody is told to try again what is in force: the second try would be refused as executed already.
TEST(ASuspension, IsAnsweredWhereverItIsInForceThoughTheDirectoryCannotRememberIt) {
  std::uint64_t behind = 0;
  for (std::uint64_t call = 1;; ++call) {
    Pod pod;
    const auto invitation = pod.admit("alice@pod.lab");
    const auto app = pod.enrol(invitation).app->password;
    const auto act = pod.community.sign(pod.community.suspension(invitation.member, std::chrono::hours(48)));
    const auto before = pod.disk->calls();
    pod.disk->fail_call(before + call, ENOSPC);
    bool answered = false;
    try {
      answered = pod.admissions().record(act).has_value();
    } catch (const std::system_error&) {
      // Before it was in force, then.
    }
    const bool failed = pod.disk->calls() >= before + call;
    pod.disk->heal();
    EXPECT_EQ(answered, !pod.logs_in("alice", app)) << call;
    if (answered && pod.directory->state()->tally() != pod.registry->tally()) {
      ++behind;
      EXPECT_THAT(pod.log.lines.back(), testing::HasSubstr("directory behind"));
      pod.start();
      EXPECT_EQ(pod.directory->state()->tally(), pod.registry->tally()) << "the next start makes up for it";
      EXPECT_FALSE(pod.logs_in("alice", app));
    }
    if (!failed) break;
  }
  EXPECT_GT(behind, 0U);
}

TEST_F(LogInTest, IsNotUndoneByDeletingTheLastAct) {
  auto& community = pod.community;
  ASSERT_TRUE(pod.admissions().record(community.sign(community.suspension(invitation.member, std::chrono::hours(48)))));
  pod.disk->unlink("pod/governance/acts/000002.entry");
  const auto registry =
      governance::Registry::open({*pod.disk, "pod/governance", pod.pin, pod.directory->state()->tally()});
  EXPECT_EQ(registry.error().code, governance::Errc::record_shorter_than_known);
}

TEST_F(LogInTest, ChecksTheScope) {
  auto house = pod.household();
  auto label = new_label(house, invitation.member, SlotType::app, "printer");
  label.scopes = static_cast<sasl::Scopes>(Scope::send);
  const auto login = pod.keys->log_in("alice", app, Scope::imap).value();
  const std::string printer = valid("mp-11111-11111-11111-11111-11111");
  pod.adopt(make_app_slot(slot_ports(house), label, printer, {{}, 4096}, login.vault_key->secret()));
  EXPECT_EQ(refusal("alice", printer, Scope::imap), sasl::Errc::refused);
  EXPECT_EQ(refusal("alice", printer, Scope::send), boost::system::error_code());
  const auto heir = pod.keys->add_app_password("alice", printer, "made by the printer").value();
  EXPECT_EQ(refusal("alice", heir.password, Scope::imap), sasl::Errc::refused) << "scopes do not grow";
  EXPECT_EQ(refusal("alice", heir.password, Scope::send), boost::system::error_code());
}

TEST_F(LogInTest, StandsUntilItsSecretIsRevoked) {
  const auto phone = pod.keys->log_in("alice", app, Scope::send).value();
  const auto other = pod.keys->log_in("alice", password, Scope::imap).value();
  EXPECT_TRUE(phone.stands());
  ASSERT_TRUE(pod.keys->revoke("alice", password, "phone"));
  EXPECT_FALSE(phone.stands());
  EXPECT_TRUE(other.stands());
}

TEST_F(LogInTest, TellsWhoWatchesThatItMayStandNoLonger) {
  const auto phone = pod.keys->log_in("alice", app, Scope::send).value();
  int doubted = 0;
  auto watch = phone.watch([&] { doubted += phone.stands() ? 0 : 1; });
  const auto bob = pod.enrol(pod.admit("bob@pod.lab"));
  const auto bobs = pod.keys->log_in("bob", bob.app->password, Scope::send).value();
  bool bob_doubted = false;
  const auto bobs_watch = bobs.watch([&] { bob_doubted = true; });
  ASSERT_TRUE(pod.keys->revoke("alice", password, "phone"));
  EXPECT_EQ(doubted, 1) << "when it is told, the login stands no longer";
  pod.keys->doubt(invitation.member);
  EXPECT_EQ(doubted, 2);
  watch.reset();
  pod.keys->doubt(invitation.member);
  EXPECT_EQ(doubted, 2);
  EXPECT_FALSE(bob_doubted);
}

TEST_F(LogInTest, StandsNoLongerWhileItsMemberIsSuspended) {
  auto& community = pod.community;
  const auto login = pod.keys->log_in("alice", app, Scope::imap).value();
  ASSERT_TRUE(pod.admissions().record(community.sign(community.suspension(invitation.member, std::chrono::hours(48)))));
  EXPECT_FALSE(login.stands());
}

TEST_F(LogInTest, ReadsTheSameEnrolledPersonForEverySpellingOfAnUnknownName) {
  for (int i = 0; i < 20; ++i) pod.admit("invited" + std::to_string(i) + "@pod.lab");
  const auto bob = pod.enrol(pod.admit("bob@pod.lab"));
  const auto state = pod.directory->state();
  base::ByteArray<32> key{};
  std::set<MemberId> read;
  for (key[0] = 0; key[0] < 40; ++key[0]) {
    const auto* decoy = decoy_for(*state, "carol", key);
    ASSERT_NE(decoy, nullptr);
    EXPECT_EQ(decoy, decoy_for(*state, "CAROL", key));
    EXPECT_EQ(decoy, decoy_for(*state, "Carol@Pod.Lab", key));
    read.insert(decoy->id);
  }
  EXPECT_EQ(read, (std::set{invitation.member, bob.member}));
}

TEST_F(LogInTest, LetsASendOnlySecretSendAndNothingElse) {
  auto house = pod.household();
  const std::string secret = valid("mp-22222-22222-22222-22222-22222");
  pod.adopt(make_send_only_slot(new_label(house, invitation.member, SlotType::send_only, "scanner"), secret));
  const auto login = pod.keys->log_in("alice", secret, Scope::send);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->vault_key, nullptr);
  EXPECT_EQ(refusal("alice", secret, Scope::imap), sasl::Errc::refused);
  EXPECT_EQ(pod.keys->add_app_password("alice", secret, "x").error(), Errc::wrong_secret);
}

TEST_F(LogInTest, IgnoresSlotsThatExpired) {
  auto house = pod.household();
  const auto login = pod.keys->log_in("alice", app, Scope::imap).value();
  auto label = new_label(house, invitation.member, SlotType::app, "guest room");
  label.expires = base::from_seconds(base::to_seconds(pod.community.clock.now()) + 60);
  const std::string secret = valid("mp-33333-33333-33333-33333-33333");
  pod.adopt(make_app_slot(slot_ports(house), label, secret, {{}, 4096}, login.vault_key->secret()));
  EXPECT_EQ(refusal("alice", secret), boost::system::error_code());
  pod.community.clock.advance(std::chrono::seconds(61));
  EXPECT_EQ(refusal("alice", secret), sasl::Errc::refused);
}

TEST_F(LogInTest, RefusesASlotCopiedIntoAnothersFolder) {
  const auto mallory = pod.admit("mallory@pod.lab");
  const std::string theirs = pod.enrol(mallory).app->password;
  auto house = pod.household();
  for (const auto& slot : slots_of(house, mallory.member).list(mallory.member).slots) {
    slots_of(house, invitation.member).write(slot);
  }
  EXPECT_EQ(refusal("alice", theirs), sasl::Errc::refused);
  EXPECT_TRUE(pod.logs_in("alice", app));
}

TEST_F(LogInTest, NotesTheDayOfLastUseOnce) {
  ASSERT_TRUE(pod.logs_in("alice", app));
  const auto calls = pod.disk->calls();
  ASSERT_TRUE(pod.logs_in("alice", app));
  EXPECT_EQ(pod.disk->calls(), calls) << "a second login the same day writes nothing";
  const auto labels = pod.keys->list("alice", app).value();
  EXPECT_TRUE(std::ranges::any_of(
      labels, [&](const auto& label) { return label.last_used == base::to_day(pod.community.clock.now()); }));
}

TEST_F(LogInTest, AFullDiskKeepsNobodyOut) {
  pod.disk->fail_from_call(pod.disk->calls() + 1, ENOSPC);
  EXPECT_TRUE(pod.logs_in("alice", app));
}

TEST(HumanPasswords, OpenMailProgramsOnlyWhereTheCharterSaysSo) {
  Pod pod;
  EXPECT_TRUE(pod.keys->admits(SecretShape::human));
  simulation::Community strict;
  ASSERT_EQ(strict.charter.privacy.passwords, governance::Charter::Passwords::app_only);
  simulation::Disk disk;
  governance::Registry::found(disk, "governance", strict.signed_charter()).value();
  const auto registry = governance::Registry::open({disk, "governance", strict.pin(), std::nullopt}).value();
  auto house = pod.household();
  const Household other{house.disk,    house.clock,   house.entropy,   house.log, house.arena,
                        house.members, house.pod_key, house.directory, *registry, house.argon2};
  KeyRing keys(other);
  EXPECT_FALSE(keys.admits(SecretShape::human));
  EXPECT_TRUE(keys.admits(SecretShape::app_password));
  EXPECT_EQ(keys.log_in("alice", "a long password", Scope::imap).error(), sasl::Errc::refused);
}

}  // namespace
}  // namespace mailpod::members
