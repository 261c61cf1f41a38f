#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

Result<Vault::Appended> replace(Vault& vault, Vault::Replaced old, std::string_view into, const std::string& text) {
  std::vector<std::unique_ptr<PreparedMessage>> messages;
  messages.push_back(vault.prepare(base::MemorySource(text), {{}, base::from_seconds(1'700'000'000)}).value());
  return vault.replace(old, vault.state()->find(into)->id, std::move(messages));
}

TEST(Replace, IsOneChange) {
  Household house;
  const auto vault = house.open();
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto old = Household::append(*vault, mail("old"));
  unsigned rings = 0;
  const auto token = vault->subscribe([&] {
    ++rings;
    EXPECT_EQ(vault->state()->find("INBOX")->count, 1U);
  });
  const auto before = vault->state()->find("INBOX")->highest_mod_seq;
  EXPECT_EQ(replace(*vault, {inbox, old}, "INBOX", mail("new")).value().uids, std::vector<Uid>{{2}});
  EXPECT_EQ(rings, 1U);
  EXPECT_GT(vault->state()->find("INBOX")->highest_mod_seq, before);
  EXPECT_EQ(Household::read_all(*vault), std::vector<std::string>{mail("new")});
  EXPECT_TRUE(vault->check().empty());
}

TEST(Replace, GoesBetweenMailboxes) {
  Household house;
  const auto vault = house.open();
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto old = Household::append(*vault, mail("draft"));
  ASSERT_TRUE(replace(*vault, {inbox, old}, "Sent", mail("sent")).has_value());
  EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
  EXPECT_EQ(Household::read_all(*vault, "Sent"), std::vector<std::string>{mail("sent")});
  EXPECT_EQ(replace(*vault, {inbox, old}, "Sent", mail("again")).error(), Errc::gone);
  EXPECT_EQ(vault->state()->find("Sent")->count, 1U);
}

TEST(Replace, LeavesCopiesOfWhatItReplaces) {
  Household house;
  const auto vault = house.open();
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto old = Household::append(*vault, mail("old"));
  vault->copy(inbox, std::vector<Uid>{old}, vault->state()->find("Archive")->id).value();
  ASSERT_TRUE(replace(*vault, {inbox, old}, "INBOX", mail("new")).has_value());
  EXPECT_EQ(Household::read_all(*vault, "Archive"), std::vector<std::string>{mail("old")});
}

TEST(Replace, NeedsRoomForTheDifferenceOnly) {
  Household house;
  const auto vault = house.open();
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto old = Household::append(*vault, mail("old"));
  Quota quota;
  quota.octets = mail("old").size();
  vault->limit_by([&] { return quota; });
  EXPECT_EQ(replace(*vault, {inbox, old}, "INBOX", mail("longer")).error(), Errc::over_quota);
  EXPECT_EQ(Household::read_all(*vault), std::vector<std::string>{mail("old")});
  const auto newer = replace(*vault, {inbox, old}, "INBOX", mail("new"));
  ASSERT_TRUE(newer.has_value());
  // Also where there was too much before.
  quota.octets = 1;
  EXPECT_TRUE(replace(*vault, {inbox, newer->uids[0]}, "INBOX", mail("2")).has_value());
}

/// The disk fails at each call in turn: then there is the old one or the new one, and never both or none.
TEST(Replace, IsWholeOrNotAtAllWhateverFails) {
  bool failed = true;
  for (std::uint64_t call = 1; failed; ++call) {
    Household house;
    const auto vault = house.open();
    const auto inbox = vault->state()->find("INBOX")->id;
    const auto old = Household::append(*vault, mail("old"));
    house.disk->fail_from_call(house.disk->calls() + call, ENOSPC);
    try {
      failed = !replace(*vault, {inbox, old}, "INBOX", mail("new")).has_value();
    } catch (const std::system_error&) {
      failed = true;
    }
    house.disk->heal();
    const auto expected = failed ? mail("old") : mail("new");
    EXPECT_EQ(Household::read_all(*vault), std::vector<std::string>{expected}) << call;
    EXPECT_EQ(vault->state()->find("INBOX")->count, 1U);
  }
}

/// The power goes at each call in turn: opened again, the vault holds the old one or the new one.
TEST(Replace, IsWholeOrNotAtAllWheneverThePowerGoes) {
  bool crashed = true;
  for (std::uint64_t call = 1; crashed; ++call) {
    Household house;
    auto vault = house.open();
    const auto inbox = vault->state()->find("INBOX")->id;
    const auto old = Household::append(*vault, mail("old"));
    house.disk->crash_at_call(house.disk->calls() + call);
    try {
      ASSERT_TRUE(replace(*vault, {inbox, old}, "INBOX", mail("new")).has_value());
      crashed = false;
    } catch (const simulation::PowerLoss&) {
    }
    const auto before = std::move(house.disk);
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      house.disk = before->crash(seed);
      const auto again = house.open();
      const auto mails = Household::read_all(*again);
      ASSERT_EQ(mails.size(), 1U) << call;
      EXPECT_TRUE(mails[0] == mail("new") || (crashed && mails[0] == mail("old"))) << call;
      EXPECT_TRUE(again->check().empty()) << call;
    }
    vault.reset();
  }
}

TEST(Particulars, AreThoseOfTheContentAndOfThePlace) {
  Household house;
  const auto vault = house.open();
  const auto of = [&](std::string_view mailbox) {
    return vault->particulars(vault->state()->find(mailbox)->at({1})).value();
  };
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto saved = base::to_seconds(house.clock.now());
  const auto uid = Household::append(*vault, mail("one"));
  house.clock.advance(std::chrono::hours(1));
  vault->copy(inbox, std::vector<Uid>{uid}, vault->state()->find("Archive")->id).value();
  EXPECT_EQ(of("INBOX").email_id, of("Archive").email_id);
  EXPECT_EQ(of("INBOX").save_date, saved);
  EXPECT_EQ(of("Archive").save_date, saved + 3'600);
}

}  // namespace
}  // namespace mailpod::store::test
