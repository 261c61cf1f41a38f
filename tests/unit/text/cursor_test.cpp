#include <mailpod/text/cursor.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(Cursor, ComparesLiteralsWithoutCaseAsAbnfDoes) {
  Cursor in("mAIL FROM:<>");
  EXPECT_TRUE(in.take("MAIL FROM:"));
  EXPECT_EQ(in.rest(), "<>");
}

TEST(Cursor, DoesNotMoveWhenALiteralDoesNotMatch) {
  Cursor in("MAIL");
  EXPECT_FALSE(in.take("MAILX"));
  EXPECT_FALSE(in.take('m'));
  EXPECT_FALSE(in.take_crlf());
  EXPECT_EQ(in.offset(), 0U);
}

TEST(Cursor, TellsAWordFromTheBeginningOfALongerOne) {
  Cursor in("TOKEN");
  EXPECT_FALSE(in.take_word("TO"));
  EXPECT_TRUE(in.take_word("TOKEN"));
  EXPECT_TRUE(in.at_end());
}

TEST(Cursor, TakesRunsOfASet) {
  Cursor in("abc123 rest");
  EXPECT_EQ(in.take_while(octets::alpha), "abc");
  EXPECT_EQ(in.take_while(octets::digit, 2), "12");
  EXPECT_EQ(in.take_one(octets::digit), '3');
  EXPECT_EQ(in.take_one(octets::digit), std::nullopt);
  EXPECT_EQ(in.skip_wsp(), 1U);
  EXPECT_EQ(in.take_until(OctetSet("t")), "res");
  EXPECT_EQ(in.take_octets(2), std::nullopt);
  EXPECT_EQ(in.take_octets(1), "t");
  EXPECT_EQ(in.peek(), std::nullopt);
}

TEST(Cursor, ReadsNumbersUpToTheirLimit) {
  EXPECT_EQ(Cursor("18446744073709551615").number().value(), UINT64_MAX);
  EXPECT_FALSE(Cursor("18446744073709551616").number());
  EXPECT_EQ(Cursor("4294967295").number(UINT32_MAX).value(), UINT32_MAX);
  EXPECT_FALSE(Cursor("4294967296").number(UINT32_MAX));
  EXPECT_EQ(Cursor("007").number(7).value(), 7U);
  EXPECT_EQ(Cursor("0").number(0).value(), 0U);
  EXPECT_FALSE(Cursor("1").number(0));
  EXPECT_FALSE(Cursor("-1").number());
  EXPECT_FALSE(Cursor(std::string(100, '9')).number());
}

TEST(Cursor, LeavesARefusedNumberInPlace) {
  Cursor in("99x");
  EXPECT_FALSE(in.number(98));
  EXPECT_EQ(in.offset(), 0U);
}

TEST(Cursor, CountsOffsetsFromTheOutermostBeginning) {
  Cursor in("abc", 100);
  in.take('a');
  const ParseError error = in.error("a digit");
  EXPECT_EQ(error.offset, 101U);
  EXPECT_EQ(error.expected, "a digit");
}

TEST(Cursor, ThrowsALogicErrorWhenAFailedParseIsUsed) {
  const Parsed<std::uint64_t> parsed = Cursor("x").number();
  EXPECT_THROW(static_cast<void>(parsed.value()), std::logic_error);
}

TEST(OctetSet, HoldsExactlyWhatItNames) {
  constexpr OctetSet set = (OctetSet::range('a', 'e') | OctetSet("\xff")) - OctetSet("c");
  int count = 0;
  for (int octet = 0; octet < 256; ++octet) count += set.contains(static_cast<char>(octet)) ? 1 : 0;
  EXPECT_EQ(count, 5);
  EXPECT_TRUE(set.contains('\xff'));
  EXPECT_FALSE(set.contains('c'));
}

}  // namespace
}  // namespace mailpod::text
