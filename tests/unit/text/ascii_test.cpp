#include <mailpod/text/ascii.hpp>

#include <map>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(Ascii, FoldsOnlyTheLettersOfAscii) {
  EXPECT_EQ(lower("AZ[`@\xc4"), "az[`@\xc4");
  EXPECT_EQ(upper("az{`\xe4"), "AZ{`\xe4");
  EXPECT_TRUE(equal_fold("StartTLS", "STARTTLS"));
  EXPECT_FALSE(equal_fold("STARTTLS", "STARTTL"));
  EXPECT_FALSE(equal_fold("@", "`"));
}

TEST(Ascii, EndsWhereAnEightBitOctetStands) {
  for (std::size_t at = 0; at < 200; ++at) {
    std::string octets(200, 'x');
    octets[at] = '\x80';
    EXPECT_TRUE(is_ascii(octets.substr(0, at)));
    EXPECT_FALSE(is_ascii(octets));
  }
  EXPECT_TRUE(is_ascii(std::string(200, '\x7f')));
  EXPECT_TRUE(is_ascii(""));
}

TEST(Ascii, FindsWithoutCase) {
  EXPECT_EQ(find_fold("Subject: HELLO", "hello"), 9U);
  EXPECT_EQ(find_fold("abc", "abcd"), std::string_view::npos);
  EXPECT_EQ(find_fold("", ""), 0U);
  EXPECT_TRUE(starts_with_fold("Content-Type", "content-"));
  EXPECT_TRUE(ends_with_fold("a.EXAMPLE", ".example"));
}

TEST(Ascii, OrdersKeysWithoutCase) {
  const std::map<std::string, int, LessFold> keys{{"Subject", 1}, {"from", 2}};
  EXPECT_EQ(keys.at("From"), 2);
  EXPECT_NE(keys.find(std::string_view("SUBJECT")), keys.end());
  EXPECT_EQ(keys.begin()->first, "from");
}

TEST(Ascii, TrimsSpacesAndTabs) {
  EXPECT_EQ(trim(" \t a b\t "), "a b");
  EXPECT_EQ(trim(" \t"), "");
  EXPECT_EQ(trim("\r\na"), "\r\na");
}

}  // namespace
}  // namespace mailpod::text
