#include "partial_range.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::optional<PartialRange> parse(std::string_view octets) {
  text::Cursor in(octets);
  const auto range = parse_partial_range(in);
  if (range.has_error() || !in.at_end()) return std::nullopt;
  return *range;
}

NumberRanges part(std::string_view range) {
  return part_of({{2, 4}, {7, 7}, {9, 10}}, *parse(range));  // 2 3 4 7 9 10
}

TEST(PartialRange, CountsFromEitherEnd) {
  EXPECT_EQ(part("1:2"), (NumberRanges{{2, 3}}));
  EXPECT_EQ(part("3:5"), (NumberRanges{{4, 4}, {7, 7}, {9, 9}}));
  EXPECT_EQ(part("5:3"), part("3:5"));
  EXPECT_EQ(part("6:4294967295"), (NumberRanges{{10, 10}}));
  EXPECT_EQ(part("7:9"), NumberRanges());
  EXPECT_EQ(part("-1:-1"), (NumberRanges{{10, 10}}));
  EXPECT_EQ(part("-3:-2"), (NumberRanges{{7, 7}, {9, 9}}));
  EXPECT_EQ(part("-5:-4294967295"), (NumberRanges{{2, 3}}));
  EXPECT_EQ(part("-7:-8"), NumberRanges());
  EXPECT_EQ(part_of({}, *parse("1:10")), NumberRanges());
  EXPECT_EQ(part_of({{1, 0xffff'ffff}}, *parse("-1:-2")), (NumberRanges{{0xffff'fffe, 0xffff'ffff}}));
}

TEST(PartialRange, IsRepeatedAsItWasAsked) {
  for (const auto* octets : {"1:500", "500:1", "-1:-100", "-100:-1"}) {
    std::string out;
    write_partial_range(out, *parse(octets));
    EXPECT_EQ(out, octets);
  }
  for (const auto* octets : {"", "1", "1:", "0:1", "1:-1", "-1:1", "1:*", "-0:-1", "1:4294967296", "--1:-1"}) {
    EXPECT_FALSE(parse(octets).has_value()) << octets;
  }
}

}  // namespace
}  // namespace mailpod::imap
