#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

/// Flags and unflags message 1 until the vault refuses; answers how often it did not.
int flag_until_refused(Household& house, Vault& vault, std::uint32_t& last) {
  const auto inbox = vault.state()->find("INBOX")->id;
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  for (int done = 0; done < 200'000; ++done) {
    const auto how = done % 2 == 0 ? FlagChange::How::add : FlagChange::How::remove;
    try {
      vault.change_flags(inbox, std::vector<Uid>{{1}}, {how, Flags::seen, {}}, std::nullopt).value();
    } catch (const std::system_error&) {
      return done;
    }
    last = vault.state()->find("INBOX")->at({1}).flags.bits;
  }
  return -1;
}

TEST(UnflushedFlags, AreBoundedOnAFullDiskAndARefusedChangeIsNotShown) {
  Household house;
  const auto vault = house.open();
  house.append(*vault, mail("m"));
  std::uint32_t shown = 0;
  ASSERT_GT(flag_until_refused(house, *vault, shown), 1'000);
  EXPECT_EQ(vault->state()->find("INBOX")->at({1}).flags.bits, shown);
  std::uint32_t unchanged = shown;
  EXPECT_EQ(flag_until_refused(house, *vault, unchanged), 0) << "more is kept once the limit is reached";

  house.disk->heal();
  const auto inbox = vault->state()->find("INBOX")->id;
  vault->change_flags(inbox, std::vector<Uid>{{1}}, {FlagChange::How::add, Flags::flagged, {}}, std::nullopt).value();
  vault->flush();
  EXPECT_EQ(house.open()->state()->find("INBOX")->at({1}).flags.bits, shown | Flags::flagged);
}

}  // namespace
}  // namespace mailpod::store::test
