#include "places.hpp"

#include <gtest/gtest.h>

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

constexpr auto later = Places::soon;

TEST(Places, AreThereForSoMany) {
  Places places({2, 10});
  places.connect(1, 0s);
  EXPECT_TRUE(places.is_free());
  places.connect(2, 0s);
  EXPECT_FALSE(places.is_free());
  EXPECT_TRUE(places.greeted(1));
  EXPECT_FALSE(places.is_free()) << "it is at work now";
  places.leave(1);
  EXPECT_TRUE(places.is_free());
  EXPECT_EQ(places.connections(), 1U);
}

TEST(Places, AreGivenUpByWhoWaitsForAHostThatDoesNotGreetSoon) {
  Places places({2, 10});
  places.connect(1, 0ms);
  places.connect(2, 50ms);
  EXPECT_FALSE(places.let_one_hang(later - 1ms));
  EXPECT_EQ(places.until_one_hangs(later - 1ms), 1ms);
  EXPECT_TRUE(places.let_one_hang(later));
  EXPECT_FALSE(places.has(1));
  EXPECT_TRUE(places.has(2));
  EXPECT_TRUE(places.is_free());
  EXPECT_EQ(places.until_one_hangs(later), 50ms);
  EXPECT_EQ(places.connections(), 2U);
}

TEST(Places, AreGivenUpByWhoIsBusyWithOneMessageForLong) {
  Places places({1, 10});
  places.connect(1, 0ms);
  places.greeted(1);
  places.begin_message(1, 1s);
  const auto long_after = 1s + Places::long_for_a_message;
  EXPECT_EQ(places.until_one_hangs(long_after - 1ms), 1ms);
  EXPECT_FALSE(places.let_one_hang(long_after - 1ms));
  EXPECT_TRUE(places.let_one_hang(long_after));
  EXPECT_FALSE(places.has(1));
  EXPECT_TRUE(places.is_free());
  EXPECT_EQ(places.connections(), 1U);
  EXPECT_FALSE(places.end_message(1)) << "the next message needs a place";
  EXPECT_TRUE(places.is_awaited());
  EXPECT_EQ(places.admit(), 1U);
  places.begin_message(1, 1h);
  EXPECT_TRUE(places.end_message(1)) << "it was quick";
  EXPECT_FALSE(places.let_one_hang(2h)) << "who rests is rung";
}

TEST(Places, AreGivenUpByWhoConnectsBeforeWhoIsBusy) {
  Places places({2, 10});
  places.connect(1, 0ms);
  places.greeted(1);
  places.begin_message(1, 0ms);
  places.connect(2, 1h);
  EXPECT_EQ(places.until_one_hangs(1h), Places::soon);
  EXPECT_FALSE(places.let_one_hang(1h));
}

TEST(Places, AreKeptByWhoWasGreeted) {
  Places places({1, 10});
  places.connect(1, 0ms);
  places.greeted(1);
  EXPECT_FALSE(places.let_one_hang(1h));
  EXPECT_EQ(places.until_one_hangs(1h), std::nullopt);
}

TEST(Places, AreKeptWhereTooManyHangAlready) {
  Places places({1, 2});
  for (Places::Who who = 1; who <= 3; ++who) {
    EXPECT_TRUE(places.is_free());
    places.connect(who, 0ms);
    EXPECT_EQ(places.let_one_hang(later), who < 3);
  }
  EXPECT_EQ(places.until_one_hangs(1h), std::nullopt) << "time alone will not do";
  places.leave(1);
  EXPECT_TRUE(places.let_one_hang(1h));
}

TEST(Places, GoToThoseWhoWereGreetedAfterAllInTheirOrder) {
  Places places({1, 10});
  for (const Places::Who who : {Places::Who{1}, Places::Who{2}}) {
    places.connect(who, 0ms);
    places.let_one_hang(later);
  }
  places.connect(3, 0ms);
  places.greeted(3);
  EXPECT_FALSE(places.greeted(2));
  EXPECT_FALSE(places.greeted(1));
  EXPECT_TRUE(places.is_awaited());
  places.leave(3);
  EXPECT_EQ(places.admit(), 2U);
  EXPECT_TRUE(places.has(2));
  EXPECT_FALSE(places.is_free());
  places.leave(1);
  EXPECT_FALSE(places.is_awaited()) << "it waits no longer";
}

TEST(Places, StayWithWhoLooksForAnotherHost) {
  Places places({1, 10});
  places.connect(1, 0ms);
  places.greeted(1);
  places.lost(1, 1s);
  EXPECT_FALSE(places.is_free());
  EXPECT_TRUE(places.let_one_hang(1s + later)) << "as any other that connects";
  EXPECT_FALSE(places.greeted(1));
  places.lost(1, 2s);
  EXPECT_EQ(places.hanging(), 1U) << "who had none has none";
  EXPECT_FALSE(places.is_awaited());
}

TEST(Places, AreCrowdedWhereHalfOfThoseThatMayHangDo) {
  Places places({1, 4});
  for (const Places::Who who : {Places::Who{1}, Places::Who{2}}) {
    EXPECT_FALSE(places.is_crowded());
    places.connect(who, 0ms);
    places.let_one_hang(later);
  }
  EXPECT_TRUE(places.is_crowded());
  places.leave(2);
  EXPECT_FALSE(places.is_crowded());
}

}  // namespace
}  // namespace mailpod::queue
