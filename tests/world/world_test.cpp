#include "world.hpp"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <gtest/gtest.h>

#ifndef MAILPOD_WORLD_RUNS
#define MAILPOD_WORLD_RUNS 1000
#endif

namespace mailpod::world {
namespace {

constexpr std::uint64_t parts = 8;
constexpr std::size_t last_events = 60;

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
  const char* const wanted = std::getenv(name);
  return wanted != nullptr ? std::stoull(wanted) : otherwise;
}

/// The end of a trace, or all of it.
std::string text_of(const std::vector<std::string>& trace, std::size_t most) {
  std::string text;
  for (auto line = trace.end() - static_cast<std::ptrdiff_t>(std::min(most, trace.size())); line != trace.end(); ++line)
    text += *line + '\n';
  return text;
}

class ManyWorlds : public testing::TestWithParam<std::uint64_t> {};

TEST_P(ManyWorlds, KeepEveryPromise) {
  const auto runs = number_from("MAILPOD_WORLD_RUNS", MAILPOD_WORLD_RUNS);
  for (std::uint64_t seed = 1 + GetParam(); seed <= runs; seed += parts) {
    const auto outcome = run_world(seed);
    ASSERT_EQ(outcome.wrong, "") << "The last events of the world with seed " << seed << ":\n"
                                 << text_of(outcome.trace, last_events)
                                 << "All of them: MAILPOD_WORLD_SEED=" << seed
                                 << " test_world --gtest_filter='World.*'\n";
  }
}

INSTANTIATE_TEST_SUITE_P(, ManyWorlds, testing::Range<std::uint64_t>(0, parts));

TEST(World, IsTheSameEveryTimeBySeed) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const auto first = run_world(seed);
    const auto second = run_world(seed);
    const auto [one, other] = std::ranges::mismatch(first.trace, second.trace);
    EXPECT_TRUE(one == first.trace.end() && other == second.trace.end())
        << "seed " << seed << ": " << (one == first.trace.end() ? "(the end)" : *one) << " and "
        << (other == second.trace.end() ? "(the end)" : *other);
    EXPECT_GT(first.trace.size(), 100U);
  }
}

TEST(World, OfTheSeedInTheEnvironmentTellsEverything) {
  const auto outcome = run_world(number_from("MAILPOD_WORLD_SEED", 1));
  std::cerr << text_of(outcome.trace, outcome.trace.size());
  EXPECT_EQ(outcome.wrong, "");
}

}  // namespace
}  // namespace mailpod::world
