#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "household.hpp"

// RFC 7162 §5.2: when something was last expunged from a mailbox.
namespace mailpod::store::test {
namespace {

ModSeq expunged(const Vault& vault, std::string_view mailbox) {
  return vault.state()->find(mailbox)->expunged_mod_seq;
}

TEST(ExpungeModSeq, IsThatOfTheLastExpungeOrMoveAndOfNothingElse) {
  Household house;
  const auto vault = house.open();
  for (const auto* subject : {"one", "two", "three"}) house.append(*vault, mail(subject));
  const auto inbox = vault->state()->find("INBOX")->id;
  const auto archive = vault->state()->find("Archive")->id;
  FlagChange seen;
  seen.how = FlagChange::How::add;
  seen.system = Flags::seen;
  vault->change_flags(inbox, std::vector<Uid>{{1}}, seen, std::nullopt).value();
  vault->copy(inbox, std::vector<Uid>{{1}}, archive).value();
  EXPECT_EQ(expunged(*vault, "INBOX").value, 0U);
  vault->expunge(inbox, std::vector<Uid>{{2}}, Vault::Expunge::all).value();
  const auto first = expunged(*vault, "INBOX");
  EXPECT_EQ(first, vault->state()->find("INBOX")->highest_mod_seq);
  vault->change_flags(inbox, std::vector<Uid>{{3}}, seen, std::nullopt).value();
  EXPECT_EQ(expunged(*vault, "INBOX"), first);
  vault->move(inbox, std::vector<Uid>{{3}}, archive).value();
  EXPECT_GT(expunged(*vault, "INBOX"), first);
  EXPECT_EQ(expunged(*vault, "Archive").value, 0U);
}

TEST(ExpungeModSeq, OutlivesEveryWayOfOpening) {
  Household house;
  ModSeq last;
  const auto expect_last = [&](const Vault& vault) {
    EXPECT_EQ(expunged(vault, "INBOX"), last);
    EXPECT_EQ(expunged(vault, "Archive").value, 0U);
  };
  {
    const auto vault = house.open();
    for (const auto* subject : {"one", "two"}) house.append(*vault, mail(subject));
    vault->expunge(vault->state()->find("INBOX")->id, std::vector<Uid>{{1}}, Vault::Expunge::all).value();
    last = expunged(*vault, "INBOX");
  }
  {
    const auto after_a_crash = house.open();
    expect_last(*after_a_crash);
    after_a_crash->compact();
    expect_last(*after_a_crash);
    after_a_crash->subscribe_mailbox("INBOX").value();
    after_a_crash->close();
  }
  house.settings.checkpoint_tail = 1;
  {
    const auto rewritten = house.open();
    expect_last(*rewritten);
    house.append(*rewritten, mail("three"));
    rewritten->close();
  }
  expect_last(*house.open());
}

}  // namespace
}  // namespace mailpod::store::test
