// One-time codes beside the password.  RFC 6238.
#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/crypto/one_time_code.hpp>

#include "household.hpp"
#include "second_factor.hpp"

namespace mailpod::members {
namespace {

const std::string password = "correct horse battery";

struct Codes : testing::Test {
  Codes() {
    auto enrolled = pod.enrol(pod.admit("alice@pod.lab"), {password, "phone", EnrolmentChoice::Recovery::code});
    phone = enrolled.app->password;
    recovery = *enrolled.recovery_code;
    key = std::string(base::octets(pod.community.entropy.bytes<20>()));
  }
  std::string code(std::int64_t steps = 0) {
    const auto now = base::to_seconds(pod.community.clock.now());
    return crypto::one_time_code(key, crypto::time_step(now) + static_cast<std::uint64_t>(steps));
  }
  void next_step() { pod.community.clock.advance(std::chrono::seconds(30)); }
  void enable() {
    backup = pod.keys->ask_for_codes("alice", password, {key, code()}).value();
    next_step();
  }
  auto list(const std::string& one_time) {
    const auto listed = pod.keys->list("alice", Secret{password, one_time});
    return listed ? boost::system::error_code() : listed.error();
  }

  Pod pod;
  std::string phone;
  std::string recovery;
  std::string key;
  std::vector<std::string> backup;
};

TEST_F(Codes, AreAskedForOnceTheMemberShowedThatTheyHaveThem) {
  EXPECT_FALSE(pod.keys->codes_asked("alice", phone)->asked);
  EXPECT_EQ(pod.keys->ask_for_codes("alice", password, {key, "000000"}).error(), Errc::wrong_code);
  EXPECT_EQ(pod.keys->ask_for_codes("alice", phone, {key, code()}).error(), Errc::password_needed);
  enable();
  EXPECT_EQ(backup.size(), 10U);
  EXPECT_EQ(list(""), Errc::code_needed);
  EXPECT_EQ(list(code()), boost::system::error_code());
  EXPECT_TRUE(pod.keys->list("alice", phone)) << "app passwords go on as they are";
  EXPECT_EQ(pod.keys->codes_asked("alice", phone)->backup_codes, 10U);
}

TEST_F(Codes, CloseMailProgramsToThePassword) {
  EXPECT_TRUE(pod.logs_in("alice", password));
  const auto before = pod.keys->log_in("alice", password, sasl::Scope::imap).value();
  enable();
  EXPECT_FALSE(pod.logs_in("alice", password));
  EXPECT_FALSE(before.stands());
  EXPECT_TRUE(pod.logs_in("alice", phone));
}

TEST_F(Codes, AreTakenOnceAndOneStepEarlierOrLater) {
  enable();
  next_step();
  next_step();
  EXPECT_EQ(list(code(-2)), Errc::wrong_code);
  EXPECT_EQ(list(code(-1)), boost::system::error_code());
  EXPECT_EQ(list(code(-1)), Errc::wrong_code) << "a second time";
  EXPECT_EQ(list(code(+1)), boost::system::error_code());
  EXPECT_EQ(list(code()), Errc::wrong_code) << "older than one that was taken";
  EXPECT_EQ(list(code(+2)), Errc::wrong_code);
  pod.start();
  EXPECT_EQ(list(code(+1)), Errc::wrong_code) << "after a restart too";
  next_step();
  next_step();
  EXPECT_EQ(list(code()), boost::system::error_code());
}

TEST_F(Codes, OnPaperAreGoodForOnce) {
  enable();
  EXPECT_EQ(list(backup[3]), boost::system::error_code());
  EXPECT_EQ(list(backup[3]), Errc::wrong_code);
  EXPECT_EQ(list(backup[4]), boost::system::error_code());
  EXPECT_EQ(pod.keys->codes_asked("alice", phone)->backup_codes, 8U);
}

TEST_F(Codes, CannotBeGuessed) {
  enable();
  for (std::size_t i = 0; i < CodeGuesses::most; ++i) EXPECT_EQ(list("12345"), Errc::wrong_code);
  EXPECT_EQ(list(code()), Errc::too_many_codes);
  EXPECT_EQ(list(backup[0]), Errc::too_many_codes);
  EXPECT_TRUE(pod.keys->list("alice", phone)) << "nobody is kept from their mail by it";
  pod.community.clock.advance(CodeGuesses::within);
  EXPECT_EQ(list(code()), boost::system::error_code());
}

TEST_F(Codes, DoNotTellWhetherThePasswordWasRightToWhoHasItNot) {
  enable();
  EXPECT_EQ(pod.keys->list("alice", Secret("a wrong password", code())).error(), Errc::wrong_secret);
}

TEST_F(Codes, GoOnWithANewPasswordAndEndByARecoveryCode) {
  enable();
  EXPECT_EQ(pod.keys->change_password("alice", phone, "another password").error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->new_recovery_code("alice", phone).error(), Errc::not_permitted);
  ASSERT_TRUE(pod.keys->change_password("alice", Secret(password, code()), "another password"));
  next_step();
  EXPECT_EQ(pod.keys->list("alice", "another password").error(), Errc::code_needed);
  EXPECT_TRUE(pod.keys->list("alice", Secret("another password", code())));
  ASSERT_TRUE(pod.keys->change_password("alice", recovery, "a third password"));
  EXPECT_TRUE(pod.keys->list("alice", "a third password"));
  EXPECT_FALSE(pod.keys->codes_asked("alice", phone)->asked);
}

TEST_F(Codes, AreNotGotRoundByRevokingThePassword) {
  enable();
  const auto slots = pod.keys->list("alice", phone).value();
  const auto code_slot = std::ranges::find(slots, SlotType::recovery, &SlotLabel::type);
  ASSERT_NE(code_slot, slots.end());
  EXPECT_EQ(pod.keys->revoke("alice", phone, "password").error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->revoke("alice", phone, base::hex(base::octets(code_slot->id))).error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->change_password("alice", phone, "the thief's password").error(), Errc::not_permitted);
  EXPECT_EQ(list(""), Errc::code_needed);
  const auto tablet = pod.keys->add_app_password("alice", phone, "tablet").value().password;
  EXPECT_TRUE(pod.keys->revoke("alice", tablet, "phone")) << "a lost device ends by another, as ever";
  EXPECT_TRUE(pod.keys->revoke("alice", Secret(password, code()), "password"));
}

TEST_F(Codes, AreNotEndedByARekeyWithAnAppPassword) {
  enable();
  EXPECT_EQ(pod.keys->others("alice", phone).error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->rekey("alice", phone).error(), Errc::not_permitted);
  EXPECT_EQ(list(""), Errc::code_needed);
  EXPECT_TRUE(pod.logs_in("alice", phone));
}

TEST_F(Codes, AreAskedForBeforeTheirMemberLeaves) {
  enable();
  using Demand = KeyRing::Demand;
  EXPECT_EQ(pod.keys->unlock("alice", phone, Demand::everything).error(), Errc::not_permitted);
  EXPECT_TRUE(pod.keys->unlock("alice", phone, Demand::what_outlives_it));
  EXPECT_EQ(pod.keys->unlock("alice", password, Demand::everything).error(), Errc::code_needed);
  EXPECT_TRUE(pod.keys->unlock("alice", Secret(password, code()), Demand::everything));
}

TEST_F(Codes, AreAskedForByWhateverAMemberDoesAndNotByTheDoor) {
  enable();
  const auto at_the_door = pod.keys->log_in("alice", password, sasl::Scope::imap, KeyRing::Purpose::own_affairs);
  ASSERT_TRUE(at_the_door);
  EXPECT_EQ(at_the_door->vault_key, nullptr);
  EXPECT_FALSE(pod.keys->log_in("alice", "a wrong password", sasl::Scope::imap, KeyRing::Purpose::own_affairs));
  for (const auto purpose : {KeyRing::Purpose::own_affairs, KeyRing::Purpose::session})
    EXPECT_FALSE(pod.keys->recall("alice", password, sasl::Scope::imap, purpose)) << "half a proof is not remembered";
  EXPECT_FALSE(pod.logs_in("alice", password));
}

TEST_F(Codes, EndByPasswordAndCode) {
  enable();
  EXPECT_EQ(pod.keys->ask_for_no_codes("alice", password).error(), Errc::code_needed);
  ASSERT_TRUE(pod.keys->ask_for_no_codes("alice", Secret(password, backup[0])));
  EXPECT_EQ(list(""), boost::system::error_code());
  EXPECT_TRUE(pod.logs_in("alice", password));
}

TEST_F(Codes, GoOnAfterANewVaultKey) {
  enable();
  ASSERT_TRUE(pod.keys->rekey("alice", Secret(password, code())));
  next_step();
  EXPECT_EQ(list(""), Errc::code_needed);
  EXPECT_EQ(list(code()), boost::system::error_code());
}

}  // namespace
}  // namespace mailpod::members
