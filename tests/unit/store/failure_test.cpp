#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

/// Names, UIDs, flags and contents: what must be as before when a change fails.
std::string picture(Vault& vault) {
  std::string picture;
  const auto state = vault.state();
  for (const auto& mailbox : state->mailboxes) {
    picture += fmt::format("{} {} {}\n", mailbox->name, mailbox->uid_validity.value, mailbox->subscribed);
    for (std::uint32_t n = 1; n <= mailbox->count; ++n) {
      const auto& message = mailbox->at({n});
      picture += fmt::format(" {} {} {}\n", message.uid.value, message.flags.bits, Household::read(vault, message));
    }
  }
  return picture;
}

struct Change {
  const char* name;
  std::function<void(Household&, Vault&)> make;
};

std::vector<Change> changes() {
  const auto inbox = [](Vault& vault) { return vault.state()->find("INBOX")->id; };
  const auto trash = [](Vault& vault) { return vault.state()->find("Trash")->id; };
  const std::vector<Uid> two{{1}, {2}};
  return {
      {"append", [](Household&, Vault& vault) { Household::append(vault, mail("appended")); }},
      {"merge", [](Household&, Vault& vault) { Household::merge_all(vault); }},
      {"expunge", [=](Household&, Vault& vault) { vault.expunge(inbox(vault), two, Vault::Expunge::all).value(); }},
      {"copy", [=](Household&, Vault& vault) { vault.copy(inbox(vault), two, trash(vault)).value(); }},
      {"move", [=](Household&, Vault& vault) { vault.move(inbox(vault), two, trash(vault)).value(); }},
      {"create", [](Household&, Vault& vault) { vault.create_mailbox("new/one", SpecialUse::none).value(); }},
      {"rename", [](Household&, Vault& vault) { vault.rename_mailbox("Archive", "Old").value(); }},
      {"rename inbox", [](Household&, Vault& vault) { vault.rename_mailbox("INBOX", "Old").value(); }},
      {"delete", [](Household&, Vault& vault) { vault.delete_mailbox("Sent").value(); }},
      {"subscribe", [](Household&, Vault& vault) { vault.unsubscribe_mailbox("Sent").value(); }},
      {"flag and flush",
       [=](Household&, Vault& vault) {
         vault.change_flags(inbox(vault), two, {FlagChange::How::add, Flags::seen, {"k"}}, std::nullopt).value();
         vault.flush();
       }},
  };
}

class Failing : public testing::TestWithParam<std::tuple<int, std::uint64_t>> {};

TEST_P(Failing, AtAnyCallAChangeHappensOrLeavesAllAsBeforeAndTheVaultWorksAfterwards) {
  const auto [error, checkpoint_tail] = GetParam();
  for (const auto& change : changes()) {
    bool ran_through = false;
    for (std::uint64_t call = 1; !ran_through; ++call) {
      ASSERT_LT(call, 100U);
      Household house;
      house.settings.checkpoint_tail = checkpoint_tail;
      auto vault = house.open();
      for (int i = 0; i < 3; ++i) Household::append(*vault, mail("m" + std::to_string(i)));
      Household::append(*vault, mail("s"), "Sent");
      house.deliver(mail("arrived"));
      const auto before = picture(*vault);
      const auto files = house.disk->files();
      const auto at = house.disk->calls() + call;
      house.disk->fail_call(at, error);
      bool happened = true;
      try {
        change.make(house, *vault);
      } catch (const std::system_error&) {
        happened = false;
      }
      ran_through = house.disk->calls() < at;
      house.disk->heal();
      const auto after = picture(*vault);
      const bool lazy = std::string_view(change.name) == "flag and flush";
      if (!happened && !lazy) {
        ASSERT_EQ(after, before) << change.name << " " << call;
        if (std::string_view(change.name) == "append") {
          // Nothing of it stays behind.
          ASSERT_EQ(house.files_below("Maildir/").size(), 5U) << call;
        }
      }
      // What is shown is what is durable, once the disk works again.
      Household::append(*vault, mail("and on"), "Drafts");
      const auto shown = picture(*vault);
      vault.reset();
      vault = house.open();
      ASSERT_EQ(picture(*vault), shown) << change.name << " " << call;
      ASSERT_THAT(vault->check(), testing::IsEmpty()) << change.name << " " << call;
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Errors, Failing,
                         testing::Combine(testing::Values(ENOSPC, EIO), testing::Values(1, 8U << 20)));

TEST(Failing, DiskThatIsFullRefusesAndDeliversAgainOnceThereIsRoom) {
  Household house;
  auto vault = house.open();
  Household::append(*vault, mail("before"));
  house.disk->set_capacity(house.disk->used() + 300);
  EXPECT_THROW(Household::append(*vault, mail("too much", std::string(10'000, 'x'))), std::system_error);
  EXPECT_THROW(house.deliver(mail("too much", std::string(10'000, 'x'))), std::system_error);
  EXPECT_THAT(house.files_below("Maildir/tmp"), testing::IsEmpty());
  EXPECT_THAT(house.read_all(*vault), testing::ElementsAre(mail("before")));
  house.disk->heal();
  house.deliver(mail("after"));
  Household::merge_all(*vault);
  EXPECT_THAT(house.read_all(*vault), testing::ElementsAre(mail("before"), mail("after")));
  EXPECT_THAT(house.open()->check(), testing::IsEmpty());
}

TEST(Failing, ForGoodLeavesTheVaultAsItWasUntilTheDiskIsBack) {
  Household house;
  auto vault = house.open();
  Household::append(*vault, mail("before"));
  for (std::uint64_t call = 1; call < 8; ++call) {
    house.disk->fail_from_call(house.disk->calls() + call, EIO);
    try {
      Household::append(*vault, mail("not now"));
    } catch (const std::system_error&) {
    }
    house.disk->heal();
  }
  const auto uid = Household::append(*vault, mail("after"));
  const auto contents = house.read_all(*vault);
  vault = house.open();
  EXPECT_EQ(house.read_all(*vault), contents);
  EXPECT_EQ(house.uids(*vault).back(), uid);
}

}  // namespace
}  // namespace mailpod::store::test
