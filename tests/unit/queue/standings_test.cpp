#include "standings.hpp"

#include <gtest/gtest.h>

namespace mailpod::queue {
namespace {

const Destination first{"first.example", {}}, second{"second.example", {}}, third{"third.example", {}};

TEST(Standings, AreWhatWasSeenLast) {
  Standings standings;
  EXPECT_EQ(standings.of(first), Rank::fresh);
  standings.note(first, Rank::failing);
  EXPECT_EQ(standings.of(first), Rank::failing);
  standings.note(first, Rank::good);
  EXPECT_EQ(standings.of(first), Rank::good);
  EXPECT_EQ(standings.of(second), Rank::fresh);
}

TEST(Standings, AreForgottenOfWhomWasNotSeenForLongest) {
  Standings standings(2);
  standings.note(first, Rank::good);
  standings.note(second, Rank::failing);
  standings.note(first, Rank::good);
  standings.note(third, Rank::failing);
  EXPECT_EQ(standings.of(first), Rank::good);
  EXPECT_EQ(standings.of(second), Rank::fresh);
  EXPECT_EQ(standings.of(third), Rank::failing);
}

}  // namespace
}  // namespace mailpod::queue
