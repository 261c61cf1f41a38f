#include <mailpod/base/ports.hpp>

#include <set>

#include <gtest/gtest.h>

#include "simulation/clock.hpp"
#include "simulation/entropy.hpp"

namespace mailpod::base {
namespace {

using namespace std::chrono_literals;

TEST(TimeConversion, RoundsDownAndNeverWraps) {
  EXPECT_EQ(to_seconds(from_micros(1'999'999)), 1u);
  EXPECT_EQ(to_micros(Time(-1us)), 0u);
  EXPECT_EQ(to_day(from_seconds(86'400 * 3 - 1)), 2u);
  EXPECT_GT(from_seconds(~0ULL), from_seconds(4'000'000'000));
  EXPECT_GT(from_micros(~0ULL), from_seconds(4'000'000'000));
}

TEST(SystemClock, IsAfterThisWasWrittenAndDoesNotGoBackwards) {
  EXPECT_GT(system_clock().now(), from_seconds(1'700'000'000));
  const auto first = system_clock().monotonic();
  EXPECT_LE(first, system_clock().monotonic());
}

TEST(SystemEntropy, DoesNotRepeatItself) {
  std::set<ByteArray<16>> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(system_entropy().bytes<16>());
  EXPECT_EQ(seen.size(), 1000u);
}

TEST(SimulatedEntropy, RepeatsItselfForTheSameSeedOnly) {
  simulation::Entropy one(7);
  simulation::Entropy same(7);
  simulation::Entropy other(8);
  const auto first = one.bytes<32>();
  EXPECT_EQ(first, same.bytes<32>());
  EXPECT_NE(first, other.bytes<32>());
  EXPECT_NE(first, one.bytes<32>());
}

TEST(SimulatedClock, JumpsWithoutTheMonotonicOneNoticing) {
  simulation::Clock clock;
  const auto start = clock.now();
  const auto begin = clock.monotonic();
  clock.advance(5s);
  clock.set(start - 1h);
  EXPECT_EQ(clock.now(), start - 1h);
  EXPECT_EQ(clock.monotonic() - begin, 5s);
}

}  // namespace
}  // namespace mailpod::base
