#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::IsEmpty;

/// A vault whose next opening rewrites its journal.
struct Overgrown : Household {
  Overgrown() {
    const auto vault = open();
    for (int i = 0; i < 4; ++i) append(*vault, mail(fmt::format("m{}", i)));
    vault->expunge(vault->state()->find("INBOX")->id, std::vector<Uid>{{1}, {2}}, Vault::Expunge::all).value();
    leave_garbage(*vault);
    vault->close();
    settings.rewrite_above = 1;
  }
};

TEST(OpeningThatRewrites, FailsAtAnyCallWithoutLosingAMessageLater) {
  bool ran_through = false;
  for (std::uint64_t call = 1; !ran_through; ++call) {
    ASSERT_LT(call, 100U);
    Overgrown house;
    const auto overgrown = house.files_below(".seg");
    const auto at = house.disk->calls() + call;
    house.disk->fail_call(at, EIO);
    std::unique_ptr<Vault> vault;
    try {
      vault = house.open();
    } catch (const std::system_error&) {
    }
    ran_through = house.disk->calls() < at;
    house.disk->heal();
    if (ran_through) ASSERT_NE(house.files_below(".seg"), overgrown) << "nothing was rewritten";
    house.settings.rewrite_above = 1 << 20;
    if (!vault) vault = house.open();
    const auto trash = vault->state()->find("Trash")->id;
    vault->move(vault->state()->find("INBOX")->id, std::vector<Uid>{{3}, {4}}, trash).value();
    vault.reset();
    vault = house.open();
    ASSERT_THAT(house.read_all(*vault, "Trash"), testing::ElementsAre(mail("m2"), mail("m3"))) << call;
    ASSERT_THAT(vault->check(), IsEmpty()) << call;
  }
}

TEST(OpeningThatRewrites, DoesSoOnceAlthoughExpungedIdsAreKeptForEver) {
  Household house;
  {
    const auto vault = house.open();
    for (int i = 0; i < 300; ++i) house.append(*vault, mail("m"));
    vault->expunge(vault->state()->find("INBOX")->id, Household::uids(*vault), Vault::Expunge::all).value();
    vault->close();
  }
  house.settings.rewrite_above = 10'000;  // what 300 ids take is more
  house.open()->close();
  const auto rewritten = house.files_below(".seg");
  for (int i = 0; i < 3; ++i) house.open()->close();
  EXPECT_EQ(house.files_below(".seg"), rewritten);
}

}  // namespace
}  // namespace mailpod::store::test
