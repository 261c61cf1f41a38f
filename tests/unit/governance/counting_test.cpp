#include <mailpod/governance/counting.hpp>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <optional>

#include "simulation/dice.hpp"

namespace mailpod::governance {
namespace {

/// As the literature writes elections: `{5, "ACBED"}` are five ballots; options in brackets are equal.
using Profile = std::vector<std::pair<std::size_t, std::string>>;

std::vector<Ranks> ballots_of(const Profile& profile, std::size_t options) {
  std::vector<Ranks> out;
  for (const auto& [count, order] : profile) {
    Ranks ranks(options, 1000);
    std::uint16_t rank = 0;
    bool equal = false;
    for (const char c : order) {
      if (c == '(') equal = true;
      if (c == ')') equal = false;
      if (c == ')') ++rank;
      if (c < 'A' || c > 'Z') continue;
      ranks[static_cast<std::size_t>(c - 'A')] = rank;
      if (!equal) ++rank;
    }
    out.insert(out.end(), count, ranks);
  }
  return out;
}

std::vector<Hash> lots_in_order(std::size_t options) {
  std::vector<Hash> lots(options);
  for (std::size_t i = 0; i < options; ++i) lots[i][0] = static_cast<std::uint8_t>(i);
  return lots;
}

std::string letters(const std::vector<std::size_t>& order) {
  std::string out;
  for (const auto option : order) out += static_cast<char>('A' + option);
  return out;
}

std::string schulze(const Profile& profile, std::size_t options) {
  const auto strength = beatpaths(preferences(ballots_of(profile, options), options));
  return letters(schulze_order(strength, lots_in_order(options)));
}

// The example of 45 voters that Schulze's own page, and after it everybody, gives.
const Profile forty_five = {{5, "ACBED"}, {5, "ADECB"}, {8, "BEDAC"}, {3, "CABED"},
                            {7, "CAEBD"}, {2, "CBADE"}, {7, "DCEBA"}, {8, "EBADC"}};

TEST(Schulze, PairwisePreferencesOfThePublishedExample) {
  EXPECT_EQ(
      preferences(ballots_of(forty_five, 5), 5),
      (Preferences{
          {0, 20, 26, 30, 22}, {25, 0, 16, 33, 18}, {19, 29, 0, 17, 24}, {15, 12, 28, 0, 14}, {23, 27, 21, 31, 0}}));
}

TEST(Schulze, StrongestPathsOfThePublishedExample) {
  EXPECT_EQ(
      beatpaths(preferences(ballots_of(forty_five, 5), 5)),
      (Preferences{
          {0, 28, 28, 30, 24}, {25, 0, 28, 33, 24}, {25, 29, 0, 29, 24}, {25, 28, 28, 0, 24}, {25, 28, 28, 31, 0}}));
}

TEST(Schulze, OrderOfThePublishedExamples) {
  EXPECT_EQ(schulze(forty_five, 5), "EACBD");
  // "The Schulze Method of Voting", example 1: 21 voters.
  EXPECT_EQ(schulze({{8, "ACDB"}, {2, "BADC"}, {4, "CDBA"}, {4, "DBAC"}, {3, "DCBA"}}, 4), "DACB");
  // Electowiki's second example: 30 voters.
  EXPECT_EQ(schulze({{5, "ACBD"},
                     {2, "ACDB"},
                     {3, "ADCB"},
                     {4, "BACD"},
                     {3, "CBDA"},
                     {3, "CDBA"},
                     {1, "DACB"},
                     {5, "DBAC"},
                     {4, "DCBA"}},
                    4),
            "DACB");
  // A Condorcet winner is Schulze's: Tennessee's capital, with A Memphis, B Nashville, C Chattanooga, D Knoxville.
  EXPECT_EQ(schulze({{42, "ABCD"}, {26, "BCDA"}, {15, "CDBA"}, {17, "DCBA"}}, 4), "BCDA");
}

TEST(Schulze, UnrankedAndEqualOptionsAreEqual) {
  EXPECT_EQ(preferences(ballots_of({{1, "A"}}, 3), 3), (Preferences{{0, 1, 1}, {0, 0, 0}, {0, 0, 0}}));
  EXPECT_EQ(preferences(ballots_of({{1, "(AB)C"}}, 3), 3), (Preferences{{0, 0, 1}, {0, 0, 1}, {0, 0, 0}}));
}

TEST(Schulze, TheLotDecidesOnlyWhereVotersDoNot) {
  const auto strength = beatpaths(preferences(ballots_of({{1, "AB"}, {1, "BA"}}, 3), 3));
  EXPECT_EQ(letters(schulze_order(strength, std::vector<Hash>{{1}, {2}, {0}})), "ABC") << "nobody ranked C";
  EXPECT_EQ(letters(schulze_order(strength, std::vector<Hash>{{2}, {1}, {0}})), "BAC");
}

TEST(Counting, OfNobodysBallotsIsTheLotsOrder) {
  EXPECT_EQ(schulze({}, 3), "ABC");
  EXPECT_EQ(letters(approval_order(std::vector<std::uint32_t>{0, 0, 0}, std::vector<Hash>{{3}, {1}, {2}})), "BCA");
  EXPECT_TRUE(schulze_order({}, {}).empty());
}

TEST(Approval, OrdersByHowManyApprove) {
  const std::vector<std::uint32_t> approvals = {3, 7, 3, 9};
  EXPECT_EQ(letters(approval_order(approvals, lots_in_order(4))), "DBAC");
  EXPECT_EQ(letters(approval_order(approvals, std::vector<Hash>{{3}, {2}, {1}, {0}})), "DBCA");
}

TEST(APercentage, IsReachedByItsExactShare) {
  EXPECT_TRUE(reaches(2, 3, 66));
  EXPECT_FALSE(reaches(2, 3, 67));
  EXPECT_TRUE(reaches(67, 100, 67));
  EXPECT_TRUE(reaches(0, 0, 50));
  EXPECT_TRUE(reaches(4'000'000'000, 4'000'000'000, 100));
}

/// Of random elections: what holds for every one of them.
TEST(Counting, IsIndependentOfTheOrderOfBallots) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    simulation::Dice dice(seed);
    const std::size_t options = 1 + dice.below(7);
    std::vector<Ranks> ballots(dice.below(12));
    for (auto& ranks : ballots) {
      for (std::size_t i = 0; i < options; ++i) ranks.push_back(static_cast<std::uint16_t>(dice.below(options)));
    }
    std::vector<Hash> lots(options);
    for (auto& lot : lots) lot[0] = static_cast<std::uint8_t>(dice.below(256));
    for (std::size_t i = 0; i < options; ++i) lots[i][1] = static_cast<std::uint8_t>(i);
    const auto preferred = preferences(ballots, options);
    const auto strength = beatpaths(preferred);
    const auto order = schulze_order(strength, lots);
    for (std::size_t i = ballots.size(); i > 1; --i) std::swap(ballots[i - 1], ballots[dice.below(i)]);
    EXPECT_EQ(schulze_order(beatpaths(preferences(ballots, options)), lots), order) << seed;
    // Nobody stands above one who is above them; and whoever beats everybody in pairs comes first.
    for (std::size_t i = 0; i < options; ++i) {
      for (std::size_t j = i + 1; j < options; ++j)
        EXPECT_LE(strength[order[j]][order[i]], strength[order[i]][order[j]]) << seed;
    }
    for (std::size_t a = 0; a < options; ++a) {
      bool beats_all = true;
      for (std::size_t b = 0; b < options; ++b) beats_all = beats_all && (a == b || preferred[a][b] > preferred[b][a]);
      if (beats_all) EXPECT_EQ(order.front(), a) << seed;
    }
  }
}

/// A second opinion on beatpaths: all simple paths, one by one.
std::uint32_t strongest_path(const Preferences& p, std::size_t from, std::size_t to, std::vector<bool>& on_it) {
  const auto link = [&](std::size_t a, std::size_t b) { return p[a][b] > p[b][a] ? p[a][b] : 0U; };
  std::uint32_t best = link(from, to);
  on_it[from] = true;
  for (std::size_t next = 0; next < p.size(); ++next) {
    if (next == to || on_it[next]) continue;
    const auto first = link(from, next);
    if (first > best) best = std::max(best, std::min(first, strongest_path(p, next, to, on_it)));
  }
  on_it[from] = false;
  return best;
}

TEST(Schulze, BeatpathsAreTheStrongestOfAllPaths) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    simulation::Dice dice(seed);
    const std::size_t options = 2 + dice.below(5);
    Preferences preferred(options, std::vector<std::uint32_t>(options));
    for (auto& row : preferred) {
      for (auto& number : row) number = static_cast<std::uint32_t>(dice.below(50));
    }
    const auto strength = beatpaths(preferred);
    for (std::size_t a = 0; a < options; ++a) {
      for (std::size_t b = 0; b < options; ++b) {
        std::vector<bool> on_it(options);
        if (a != b) EXPECT_EQ(strength[a][b], strongest_path(preferred, a, b, on_it)) << seed;
      }
    }
  }
}

}  // namespace
}  // namespace mailpod::governance
