#include <mailpod/queue/timetable.hpp>

#include <gtest/gtest.h>

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

const base::Time arrival = base::from_seconds(1'767'225'600);

TEST(Timetable, WaitsLongerAndLongerAndThenEvenly) {
  const Timetable timetable;
  const double middle = 0.5;
  EXPECT_EQ(timetable.wait_after(1, middle), 5min);
  EXPECT_EQ(timetable.wait_after(2, middle), 10min);
  EXPECT_EQ(timetable.wait_after(7, middle), 4h);
  EXPECT_EQ(timetable.wait_after(8, middle), 4h);
  EXPECT_EQ(timetable.wait_after(1'000'000, middle), 4h);
}

TEST(Timetable, SpreadsWhatFailedTogether) {
  const Timetable timetable;
  EXPECT_EQ(timetable.wait_after(5, 0.0), 54min);
  EXPECT_GT(timetable.wait_after(5, 0.999), 65min);
  EXPECT_LE(timetable.wait_after(7, 0.999), timetable.longest_wait());
}

TEST(Timetable, KnowsHowManyAttemptsAnAgeHasSeen) {
  const Timetable timetable;
  EXPECT_EQ(timetable.attempts_within(0s), 1U);
  EXPECT_EQ(timetable.attempts_within(4min), 1U);
  EXPECT_EQ(timetable.attempts_within(5min), 2U);
  EXPECT_EQ(timetable.attempts_within(75min), 5U);
  EXPECT_EQ(timetable.attempts_within(495min), 8U);
  EXPECT_EQ(timetable.attempts_within(495min + 4h), 9U);
  EXPECT_EQ(timetable.attempts_within(5 * 24h), 8U + (5 * 24 * 60 - 495) / 240);
}

TEST(Timetable, GivesUpAfterFiveDaysOfTrying) {
  const Timetable timetable;
  EXPECT_FALSE(timetable.gives_up({arrival, {}, 36}, arrival + 5 * 24h - 1s));
  EXPECT_TRUE(timetable.gives_up({arrival, {}, 36}, arrival + 5 * 24h));
}

TEST(Timetable, GivesNothingUpBecauseTheClockHasJumped) {
  const Timetable timetable;
  EXPECT_FALSE(timetable.gives_up({arrival, {}, 1}, arrival + 10 * 365 * 24h));
  EXPECT_FALSE(timetable.gives_up({arrival, {}, 7}, arrival + 10 * 365 * 24h));
  EXPECT_TRUE(timetable.gives_up({arrival, {}, 8}, arrival + 10 * 365 * 24h));
}

TEST(Timetable, GivesUpByTheNumberOfAttemptsWhatHasNotArrivedYet) {
  const Timetable timetable;
  const base::Time before = arrival - 10 * 365 * 24h;
  EXPECT_FALSE(timetable.gives_up({arrival, {}, 30}, before));
  EXPECT_TRUE(timetable.gives_up({arrival, {}, timetable.attempts_within(5 * 24h)}, before));
  EXPECT_FALSE(timetable.warns({arrival, {}, 1}, before));
  EXPECT_TRUE(timetable.warns({arrival, {}, timetable.attempts_within(4h)}, before));
}

TEST(Timetable, HeedsATimeOfItsOwn) {
  const Timetable timetable;
  const Timetable::Record hour{arrival, arrival + 1h, 4};
  EXPECT_FALSE(timetable.gives_up(hour, arrival + 59min));
  EXPECT_TRUE(timetable.gives_up(hour, arrival + 1h));
  EXPECT_TRUE(timetable.gives_up({arrival, arrival - 1h, 1}, arrival));
}

TEST(Timetable, WarnsAfterFourHours) {
  const Timetable timetable;
  EXPECT_FALSE(timetable.warns({arrival, {}, 6}, arrival + 4h - 1s));
  EXPECT_TRUE(timetable.warns({arrival, {}, 6}, arrival + 4h));
}

}  // namespace
}  // namespace mailpod::queue
