#include <mailpod/guard/buckets.hpp>

#include <gtest/gtest.h>

#include <simulation/clock.hpp>
#include <simulation/entropy.hpp>

namespace mailpod::guard {
namespace {

using namespace std::chrono_literals;

class ABucket : public testing::Test {
protected:
  simulation::Clock clock;
  simulation::Entropy entropy{1};
  Buckets buckets{1024, clock, entropy};
  const Rate rate{3, 60};
};

TEST_F(ABucket, GivesItsBurstAndThenOneAMinute) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(buckets.take("a", rate));
  EXPECT_FALSE(buckets.take("a", rate));
  clock.advance(59s);
  EXPECT_FALSE(buckets.take("a", rate));
  clock.advance(1s);
  EXPECT_TRUE(buckets.take("a", rate));
  EXPECT_FALSE(buckets.take("a", rate));
}

TEST_F(ABucket, IsNobodyElses) {
  for (int i = 0; i < 4; ++i) buckets.take("a", rate);
  EXPECT_TRUE(buckets.take("b", rate));
}

TEST_F(ABucket, HoldsNoMoreThanItsBurst) {
  clock.advance(std::chrono::hours(100));
  EXPECT_FALSE(buckets.take("a", rate, 4));
  EXPECT_TRUE(buckets.take("a", rate, 3));
}

TEST_F(ABucket, TakesNothingWhereItRefuses) {
  EXPECT_TRUE(buckets.take("a", rate, 2));
  EXPECT_FALSE(buckets.take("a", rate, 2));
  EXPECT_TRUE(buckets.take("a", rate, 1));
}

TEST_F(ABucket, ThatIsOverdrawnIsEmptyAndNoMore) {
  for (int i = 0; i < 100; ++i) buckets.charge("a", rate);
  EXPECT_FALSE(buckets.holds("a", rate));
  clock.advance(60s);
  EXPECT_TRUE(buckets.holds("a", rate));
}

TEST_F(ABucket, IsOnlyLookedAtByHolds) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(buckets.holds("a", rate, 3));
}

TEST_F(ABucket, IsNotTakenFromTheGuiltyByAFloodOfOthersThatDidLess) {
  const Rate slow{10, 1};
  for (int i = 0; i < 11; ++i) buckets.charge("guilty", slow);
  for (int i = 0; i < 100'000; ++i) buckets.charge(std::to_string(i), rate);
  EXPECT_FALSE(buckets.holds("guilty", slow));
}

TEST_F(ABucket, IsOneOfAFixedNumber) {
  const auto before = buckets.octets();
  for (int i = 0; i < 100'000; ++i) buckets.charge(std::to_string(i), rate);
  EXPECT_EQ(buckets.octets(), before);
  EXPECT_LE(before, 1024U * 16U);
}

TEST_F(ABucket, OfAnInnocentIsFullHoweverManyOthersFlood) {
  for (int i = 0; i < 100'000; ++i) buckets.charge(std::to_string(i), rate, 3);
  EXPECT_TRUE(buckets.holds("innocent", rate, 3));
}

}  // namespace
}  // namespace mailpod::guard
