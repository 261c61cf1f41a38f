#include <mailpod/guard/daily_tally.hpp>

#include <gtest/gtest.h>

#include <simulation/clock.hpp>

namespace mailpod::guard {
namespace {

const MemberId alice{{1}};
const MemberId bob{{2}};

TEST(ADaysTally, IsFullForOneMemberAloneUntilTheNextDay) {
  simulation::Clock clock;
  DailyTally tally(clock);
  EXPECT_TRUE(tally.take(alice, 2));
  EXPECT_TRUE(tally.take(alice, 2));
  EXPECT_FALSE(tally.take(alice, 2));
  EXPECT_TRUE(tally.take(bob, 2));
  clock.advance(std::chrono::hours(23));
  EXPECT_FALSE(tally.take(alice, 2));
  clock.advance(std::chrono::hours(1));
  EXPECT_TRUE(tally.take(alice, 2));
}

TEST(ADaysTally, HasRoomAgainForWhatWasGivenBack) {
  simulation::Clock clock;
  DailyTally tally(clock);
  EXPECT_TRUE(tally.take(alice, 1));
  tally.give_back(alice);
  EXPECT_TRUE(tally.take(alice, 1));
  EXPECT_FALSE(tally.take(alice, 1));
}

TEST(ADaysTally, OwesNothingForWhatWasTakenYesterday) {
  simulation::Clock clock;
  DailyTally tally(clock);
  EXPECT_TRUE(tally.take(alice, 1));
  clock.advance(std::chrono::hours(24));
  tally.give_back(alice);
  EXPECT_TRUE(tally.take(alice, 1));
  EXPECT_FALSE(tally.take(alice, 1));
}

}  // namespace
}  // namespace mailpod::guard
