#include <gtest/gtest.h>

#include <mailpod/message/error.hpp>
#include <mailpod/message/header_values.hpp>

namespace mailpod::message {
namespace {

std::uint64_t seconds(std::string_view value) {
  const auto date = parse_date(value);
  EXPECT_TRUE(date) << value;
  return date ? base::to_seconds(date->time) : 0;
}

TEST(Date, ReadsTheExamplesOfTheRfc) {  // RFC 5322 Appendix A
  EXPECT_EQ(seconds("Fri, 21 Nov 1997 09:55:06 -0600"), 880127706U);
  EXPECT_EQ(seconds("Tue, 1 Jul 2003 10:52:37 +0200"), 1057049557U);
  EXPECT_EQ(seconds("Thu,\r\n      13\r\n        Feb\r\n          1969\r\n      23:32:54\r\n               -0330 "
                    "(Newfoundland Time)"),
            0U);
  EXPECT_EQ(seconds("21 Nov 97 09:55:06 GMT"), 880106106U);
  EXPECT_EQ(seconds("Fri, 21 Nov 1997 09(comment):   55  :  06 -0600"), 880127706U);
}

TEST(Date, KeepsTheZone) {
  EXPECT_EQ(parse_date("1 Jan 2020 00:00 -0330")->zone, std::chrono::minutes(-210));
  EXPECT_EQ(parse_date("1 Jan 2020 00:00 EST")->zone, std::chrono::minutes(-300));
  EXPECT_EQ(parse_date("1 Jan 2020 00:00 pdt")->zone, std::chrono::minutes(-420));
  EXPECT_EQ(parse_date("1 Jan 2020 00:00 Z")->zone, std::chrono::minutes(0));
  EXPECT_EQ(parse_date("1 Jan 2020 00:00 XYZT")->zone, std::chrono::minutes(0));
}

TEST(Date, ReadsShortYears) {  // RFC 5322 §4.3
  EXPECT_EQ(write_date(*parse_date("1 Jan 49 00:00 GMT")), "Fri, 1 Jan 2049 00:00:00 +0000");
  EXPECT_EQ(write_date(*parse_date("1 Jan 50 00:00 GMT")), "Sun, 1 Jan 1950 00:00:00 +0000");
  EXPECT_EQ(write_date(*parse_date("1 Jan 103 00:00 GMT")), "Wed, 1 Jan 2003 00:00:00 +0000");
}

TEST(Date, RefusesWhatIsNoDate) {
  for (const std::string_view value :
       {"", "yesterday", "Mon", "32 Jan 2020 00:00 +0000", "31 Feb 2020 00:00 +0000", "0 Jan 2020 00:00 +0000",
        "1 Foo 2020 00:00 +0000", "1 Jan 20200 00:00 +0000", "1 Jan 2020 24:00 +0000", "1 Jan 2020 00:60 +0000",
        "1 Jan 2020 00:00:61 +0000", "1 Jan 2020 00:00 +00", "1 Jan 2020 00:00 +2400", "1 Jan 2020 00:00 +0060",
        "1 Jan 2020", "1 Jan 1 00:00 GMT", "99999999999999 Jan 2020 00:00 GMT", "1 Jan 0000 00:00 GMT"}) {
    const auto date = parse_date(value);
    ASSERT_FALSE(date) << value;
    EXPECT_EQ(date.error(), Errc::malformed_date);
  }
}

TEST(Date, IsWrittenAsTheRfcSpellsIt) {
  EXPECT_EQ(write_date({base::from_seconds(880127706), std::chrono::minutes(-360)}), "Fri, 21 Nov 1997 09:55:06 -0600");
  EXPECT_EQ(write_date({base::from_seconds(0), std::chrono::minutes(330)}), "Thu, 1 Jan 1970 05:30:00 +0530");
}

TEST(Date, ReadsWhatItWrites) {
  for (int i = 0; i < 2000; ++i) {
    const Date date{base::from_seconds(static_cast<std::uint64_t>(i) * 86'413'171 % 250'000'000'000),
                    std::chrono::minutes(i % 2879 - 1439)};
    const auto again = parse_date(write_date(date));
    ASSERT_TRUE(again) << write_date(date);
    EXPECT_EQ(*again, date);
  }
}

TEST(Date, ClampsTimesThatHaveNoFourDigitYear) {
  EXPECT_EQ(write_date({base::Time::max(), {}}).substr(0, 16), "Thu, 30 Dec 9999");
  EXPECT_EQ(write_date({base::Time::min(), {}}).substr(0, 15), "Tue, 2 Jan 1900");
}

}  // namespace
}  // namespace mailpod::message
