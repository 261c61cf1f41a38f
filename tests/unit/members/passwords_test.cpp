// A member forgets a password, loses a phone, or both, and comes back to their mail.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "household.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

const std::string old_password = "correct horse battery";
const std::string new_password = "staple of another kind";

struct Passwords : testing::Test {
  Passwords() {
    auto enrolled = pod.enrol(pod.admit("alice@pod.lab"), {old_password, "phone", EnrolmentChoice::Recovery::code});
    member = enrolled.member;
    phone = enrolled.app->password;
    code = *enrolled.recovery_code;
  }
  std::size_t count(SlotType type) { return pod.keys->count_slots(member)[type]; }

  Pod pod;
  MemberId member;
  std::string phone;
  std::string code;
};

TEST_F(Passwords, AreReplacedByTheOldOne) {
  const auto before = pod.keys->log_in("alice", old_password, sasl::Scope::imap).value();
  const auto changed = pod.keys->change_password("alice", old_password, new_password);
  ASSERT_TRUE(changed);
  EXPECT_FALSE(changed->recovery_code);
  EXPECT_FALSE(pod.logs_in("alice", old_password));
  EXPECT_TRUE(pod.logs_in("alice", new_password));
  EXPECT_TRUE(pod.logs_in("alice", phone));
  EXPECT_FALSE(before.stands());
  EXPECT_EQ(count(SlotType::password), 1U);
}

TEST_F(Passwords, AreReplacedByAnAppPasswordWithoutLimits) {
  EXPECT_TRUE(pod.keys->change_password("alice", phone, new_password));
  EXPECT_TRUE(pod.logs_in("alice", new_password));
  const auto limited =
      pod.keys->add_app_password("alice", phone, {.name = "reader", .scopes = sasl::Scopes{1}}).value();
  EXPECT_EQ(pod.keys->change_password("alice", limited.password, old_password).error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->new_recovery_code("alice", limited.password).error(), Errc::not_permitted);
}

TEST_F(Passwords, AreRefusedWhereTheyAreWeak) {
  EXPECT_EQ(pod.keys->change_password("alice", old_password, "short").error(), Errc::weak_password);
  EXPECT_EQ(pod.keys->change_password("alice", old_password, phone).error(), Errc::weak_password);
  EXPECT_EQ(pod.keys->change_password("alice", "a wrong password", new_password).error(), Errc::wrong_secret);
  EXPECT_TRUE(pod.logs_in("alice", old_password));
}

TEST_F(Passwords, AreMadeByARecoveryCodeWhichCallsForANewOne) {
  const auto changed = pod.keys->change_password("alice", code, new_password).value();
  ASSERT_TRUE(changed.recovery_code);
  EXPECT_TRUE(pod.logs_in("alice", new_password));
  EXPECT_FALSE(pod.logs_in("alice", old_password));
  // Nobody has been told yet: the old code must still lead back.
  ASSERT_TRUE(pod.keys->forget_recovery_codes("alice", *changed.recovery_code));
  EXPECT_EQ(pod.keys->change_password("alice", code, old_password).error(), Errc::wrong_secret);
  EXPECT_TRUE(pod.keys->change_password("alice", *changed.recovery_code, old_password));
}

TEST_F(Passwords, AreMadeAgainByTheOldCodeUntilTheNewOneWasTold) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(pod.keys->change_password("alice", code, new_password)) << i;
  EXPECT_LE(count(SlotType::recovery), 5U) << "codes that nobody knows do not pile up";
  EXPECT_EQ(count(SlotType::password), 1U);
}

TEST_F(Passwords, LeadBackWhoLostAllElseWhateverTheNumberOfSlots) {
  for (std::size_t i = pod.keys->list("alice", phone)->size(); i < most_slots; ++i) {
    ASSERT_TRUE(pod.keys->add_app_password("alice", phone, "device"));
  }
  EXPECT_TRUE(pod.keys->change_password("alice", code, new_password));
  EXPECT_TRUE(pod.keys->revoke("alice", new_password, "phone"));
}

TEST_F(Passwords, ACodeOpensNothingElse) {
  EXPECT_FALSE(pod.logs_in("alice", code));
  EXPECT_FALSE(pod.keys->log_in("alice", code, sasl::Scope::send));
  EXPECT_EQ(pod.keys->add_app_password("alice", code, "x").error(), Errc::for_recovery_only);
  EXPECT_EQ(pod.keys->list("alice", code).error(), Errc::for_recovery_only);
  EXPECT_EQ(pod.keys->unlock("alice", code).error(), Errc::for_recovery_only);
  EXPECT_EQ(pod.keys->rekey("alice", code).error(), Errc::for_recovery_only);
}

TEST_F(Passwords, ATypedCodeIsForgivenItsSpellingAndTellsAMistake) {
  std::string spelled;
  for (const char c : code) spelled += c == '-' ? ' ' : static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  EXPECT_TRUE(pod.keys->change_password("alice", spelled, new_password));
  std::string wrong = code;
  wrong[0] = wrong[0] == '2' ? '3' : '2';
  EXPECT_EQ(pod.keys->change_password("alice", wrong, new_password).error(), Errc::mistyped_secret);
}

TEST_F(Passwords, ANewCodeEndsTheEarlierOnesOnceItWasTold) {
  const auto next = pod.keys->new_recovery_code("alice", old_password).value();
  EXPECT_NE(next, code);
  EXPECT_EQ(pod.keys->forget_recovery_codes("alice", old_password).error(), Errc::wrong_secret);
  ASSERT_TRUE(pod.keys->forget_recovery_codes("alice", next));
  EXPECT_EQ(count(SlotType::recovery), 1U);
  EXPECT_EQ(pod.keys->change_password("alice", code, new_password).error(), Errc::wrong_secret);
  EXPECT_TRUE(pod.keys->new_recovery_code("alice", next)) << "a code may ask for its successor";
}

TEST_F(Passwords, LoseNobodyTheirMailWhereverPowerIsLost) {
  const auto pristine = pod.disk->clean_copy();
  std::uint64_t points = 0;
  for (std::uint64_t call = 1;; ++call) {
    pod.keys.reset();
    pod.registry.reset();
    pod.directory.reset();
    pod.disk = pristine->clean_copy();
    pod.start();
    pod.disk->crash_at_call(pod.disk->calls() + call);
    std::optional<std::string> told;
    bool ended = false;
    try {
      told = pod.keys->change_password("alice", code, new_password).value().recovery_code;
      pod.keys->forget_recovery_codes("alice", *told).value();
      ended = true;
    } catch (const simulation::PowerLoss&) {
    }
    pod.crash(call * 31 + 7);
    const bool is_old = pod.logs_in("alice", old_password);
    ASSERT_NE(is_old, pod.logs_in("alice", new_password)) << call << ": one of them, never both";
    if (told) {
      ASSERT_FALSE(is_old) << call;
      ASSERT_TRUE(pod.keys->new_recovery_code("alice", *told)) << call;
    } else {
      ASSERT_TRUE(pod.keys->new_recovery_code("alice", code)) << call;
    }
    ++points;
    if (ended) break;
  }
  EXPECT_GT(points, 10U);
}

struct Limits : Passwords {};

TEST_F(Limits, ASendOnlyPasswordSendsAndEndsOnItsDay) {
  const auto until = base::from_seconds(base::to_seconds(pod.community.clock.now()) + 86'400);
  const auto made = pod.keys->add_app_password(
      "alice", phone, {.name = "scanner", .kind = AppPasswordWish::Kind::send_only, .expires = until});
  ASSERT_TRUE(made);
  const auto login = pod.keys->log_in("alice", made->password, sasl::Scope::send).value();
  EXPECT_EQ(login.vault_key, nullptr);
  EXPECT_EQ(login.scopes, static_cast<sasl::Scopes>(sasl::Scope::send));
  EXPECT_FALSE(pod.logs_in("alice", made->password));
  EXPECT_EQ(pod.keys->list("alice", made->password).error(), Errc::wrong_secret);
  EXPECT_TRUE(login.stands());
  pod.community.clock.advance(std::chrono::hours(24));
  EXPECT_FALSE(login.stands()) << "sessions end with it";
  EXPECT_FALSE(pod.keys->log_in("alice", made->password, sasl::Scope::send));
}

TEST_F(Limits, DoNotGrowFromOneSecretToTheNext) {
  const auto now = pod.community.clock.now();
  const auto day = [&](int days) { return std::chrono::floor<std::chrono::seconds>(now) + std::chrono::days(days); };
  const auto reader =
      pod.keys->add_app_password("alice", phone, {.name = "reader", .scopes = sasl::Scopes{1}, .expires = day(2)})
          .value()
          .password;
  EXPECT_FALSE(pod.keys->log_in("alice", reader, sasl::Scope::send));
  const auto heir = [&](AppPasswordWish wish) { return pod.keys->add_app_password("alice", reader, wish); };
  EXPECT_EQ(heir({.name = "x", .scopes = sasl::Scopes{3}}).error(), Errc::not_permitted);
  EXPECT_EQ(heir({.name = "x", .kind = AppPasswordWish::Kind::send_only}).error(), Errc::not_permitted);
  EXPECT_EQ(heir({.name = "x", .expires = day(3)}).error(), Errc::bad_expiry);
  EXPECT_EQ(heir({.name = "x", .expires = now}).error(), Errc::bad_expiry);
  const auto made = heir({.name = "x"}).value();
  pod.community.clock.advance(std::chrono::days(2));
  EXPECT_FALSE(pod.logs_in("alice", made.password)) << "it ends with the secret that made it";
}

struct Alerts : Passwords {};

TEST_F(Alerts, TellEachDeviceOnceOfAChangeItWasNotAtHandFor) {
  const auto alert = [&](const std::string& secret) {
    return pod.keys->log_in("alice", secret, sasl::Scope::imap).value().alert;
  };
  EXPECT_EQ(alert(phone), "") << "the first login of a new device";
  pod.community.clock.advance(std::chrono::days(3));
  const auto tablet = pod.keys->add_app_password("alice", old_password, "tablet").value().password;
  EXPECT_EQ(alert(tablet), "");
  EXPECT_THAT(alert(phone), testing::StartsWith("Your passwords, or where your mail goes, changed on "));
  EXPECT_EQ(alert(phone), "");
  pod.community.clock.advance(std::chrono::days(1));
  EXPECT_EQ(alert(phone), "");
}

TEST_F(Alerts, TellOfForwardingToo) {
  const auto alert = [&](const std::string& secret) {
    return pod.keys->log_in("alice", secret, sasl::Scope::imap).value().alert;
  };
  EXPECT_EQ(alert(phone), "");
  pod.community.clock.advance(std::chrono::days(3));
  ASSERT_TRUE(
      pod.keys->set_forward("alice", old_password, Forward{{"ally", "elsewhere.example"}, Forward::Copy::none}));
  EXPECT_THAT(alert(phone), testing::HasSubstr("where your mail goes"));
  pod.community.clock.advance(std::chrono::days(3));
  pod.keys->note_change(pod.directory->state()->find("alice")->id);
  EXPECT_THAT(alert(phone), testing::HasSubstr("where your mail goes"));
}

struct Tokens : Passwords {
  base::Time in(std::chrono::seconds time) {
    return std::chrono::floor<std::chrono::seconds>(pod.community.clock.now()) + time;
  }
  sasl::Login login() { return pod.keys->log_in("alice", phone, sasl::Scope::imap).value(); }
};

TEST_F(Tokens, OpenTheVaultForARequestUntilTheyExpireOrAreRevoked) {
  const auto by = login();
  const auto token = pod.keys->issue_session(by, {"web", 5, in(std::chrono::hours(1))}).value();
  const auto opened = pod.keys->open_session(token.token, sasl::Scope::imap).value();
  EXPECT_EQ(opened.vault_key->secret().octets(), by.vault_key->secret().octets());
  EXPECT_EQ(opened.scopes, 5);
  EXPECT_EQ(pod.keys->open_session(token.token, sasl::Scope::send).error(), sasl::Errc::refused);
  EXPECT_FALSE(pod.logs_in("alice", token.token));
  ASSERT_TRUE(pod.keys->revoke("alice", phone, "web"));
  EXPECT_FALSE(opened.stands());
  EXPECT_EQ(pod.keys->open_session(token.token, sasl::Scope::imap).error(), sasl::Errc::refused);

  const auto brief = pod.keys->issue_session(login(), {"web", 1, in(std::chrono::seconds(60))}).value();
  const auto held = pod.keys->open_session(brief.token, sasl::Scope::imap).value();
  pod.community.clock.advance(std::chrono::seconds(61));
  EXPECT_FALSE(held.stands());
  EXPECT_EQ(pod.keys->open_session(brief.token, sasl::Scope::imap).error(), sasl::Errc::refused);
}

TEST_F(Tokens, DoNoMoreThanWhoIssuedThemAndMakeRoomWhenTheyExpire) {
  auto by = login();
  by.scopes = 1;
  EXPECT_EQ(pod.keys->issue_session(by, {"web", 3, in(std::chrono::hours(1))}).error(), Errc::not_permitted);
  EXPECT_EQ(pod.keys->issue_session(by, {"web", 1, in(std::chrono::seconds(0))}).error(), Errc::bad_expiry);
  for (int i = 0; i < 200; ++i) {
    ASSERT_TRUE(pod.keys->issue_session(by, {"web", 1, in(std::chrono::seconds(10))})) << i;
    pod.community.clock.advance(std::chrono::seconds(1));
  }
  ASSERT_TRUE(pod.keys->revoke("alice", old_password, "phone"));
  EXPECT_EQ(pod.keys->issue_session(by, {"web", 1, in(std::chrono::hours(1))}).error(), Errc::not_permitted);
}

TEST_F(Tokens, OfGuestsOpenTheirChannelAndLogInNowhere) {
  const auto token = pod.keys->issue_guest(login(), "letters", {"a guest", 1, in(std::chrono::hours(1))}).value();
  EXPECT_EQ(pod.keys->open_guest(token.token, "letters").value().label.owner, "letters");
  EXPECT_EQ(pod.keys->open_guest(token.token, "photographs").error(), sasl::Errc::refused);
  EXPECT_EQ(pod.keys->open_session(token.token, sasl::Scope::imap).error(), sasl::Errc::refused);
  EXPECT_FALSE(pod.logs_in("alice", token.token));
}

TEST_F(Tokens, ThatAreNoneAreRefused) {
  for (const std::string nonsense : {"", "AAAA", "****", "mp-00000-00000-00000-00000-000000"}) {
    EXPECT_EQ(pod.keys->open_session(nonsense, sasl::Scope::imap).error(), sasl::Errc::refused) << nonsense;
  }
  EXPECT_EQ(pod.keys->open_session(std::string(100'000, 'A'), sasl::Scope::imap).error(), sasl::Errc::refused);
}

}  // namespace
}  // namespace mailpod::members
