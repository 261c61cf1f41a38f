#include "sequence_set.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::optional<SequenceSet> parse(std::string_view octets, std::size_t limit = 100) {
  text::Cursor in(octets);
  auto set = parse_sequence_set(in, limit);
  if (set.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*set);
}

TEST(SequenceSet, ResolvesTheExamplesOfTheRfc) {
  EXPECT_EQ(parse("2,4:7,9,12:*")->resolved(15), (NumberRanges{{2, 2}, {4, 7}, {9, 9}, {12, 15}}));
  EXPECT_EQ(parse("*:4,5:7")->resolved(10), (NumberRanges{{4, 10}}));
  EXPECT_EQ(parse("4:2")->resolved(10), (NumberRanges{{2, 4}}));
}

TEST(SequenceSet, StarIsTheHighestEvenBelowTheOtherEnd) {
  EXPECT_EQ(parse("3291:*")->resolved(17), (NumberRanges{{17, 3291}}));
  EXPECT_EQ(parse("*")->resolved(17), (NumberRanges{{17, 17}}));
}

TEST(SequenceSet, JoinsWhatOverlapsOrTouches) {
  EXPECT_EQ(parse("5,1:3,4,2:2,9:8")->resolved(1), (NumberRanges{{1, 5}, {8, 9}}));
  EXPECT_EQ(parse("1:4294967295,4294967295,7")->resolved(1), (NumberRanges{{1, 4294967295}}));
}

TEST(SequenceSet, RefusesWhatIsNone) {
  for (const auto* octets :
       {"", "0", "1:0", "a", "1,", ",1", "1:", ":1", "1::2", "1 2", "4294967296", "-1", "**", "1:*:2"}) {
    EXPECT_FALSE(parse(octets).has_value()) << octets;
  }
}

TEST(SequenceSet, HasALimit) {
  EXPECT_TRUE(parse("1,2,3", 3).has_value());
  EXPECT_FALSE(parse("1,2,3,4", 3).has_value());
}

TEST(SequenceSet, FindsNumbersInRanges) {
  const NumberRanges ranges{{2, 4}, {7, 7}};
  EXPECT_FALSE(contains(ranges, 1));
  EXPECT_TRUE(contains(ranges, 2));
  EXPECT_TRUE(contains(ranges, 4));
  EXPECT_FALSE(contains(ranges, 5));
  EXPECT_TRUE(contains(ranges, 7));
  EXPECT_FALSE(contains(ranges, 8));
  EXPECT_FALSE(contains({}, 1));
  EXPECT_EQ(count(ranges), 4U);
  EXPECT_EQ(count({{1, 4294967295}}), 4294967295U);
}

}  // namespace
}  // namespace mailpod::imap
