#include <mailpod/text/modified_utf7.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(ModifiedUtf7, AgreesWithTheExampleOfRfc3501) {
  const std::string utf8 = "~peter/mail/\xe5\x8f\xb0\xe5\x8c\x97/\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e";
  EXPECT_EQ(write_modified_utf7(utf8), "~peter/mail/&U,BTFw-/&ZeVnLIqe-");
  EXPECT_EQ(parse_modified_utf7("~peter/mail/&U,BTFw-/&ZeVnLIqe-"), utf8);
}

TEST(ModifiedUtf7, WritesTheAmpersandAsAnEmptyShift) {
  EXPECT_EQ(write_modified_utf7("Tom & Jerry"), "Tom &- Jerry");
  EXPECT_EQ(parse_modified_utf7("Tom &- Jerry"), "Tom & Jerry");
  EXPECT_EQ(parse_modified_utf7("&-&-"), "&&");
}

TEST(ModifiedUtf7, CarriesEveryPlane) {
  const std::string utf8 = "a\xf0\x9f\x90\x9d\xc3\xa4 \xef\xbf\xbd\xf4\x8f\xbf\xbfz\x01\x7f";
  const auto name = write_modified_utf7(utf8);
  ASSERT_TRUE(name);
  EXPECT_EQ(parse_modified_utf7(*name), utf8);
}

TEST(ModifiedUtf7, RefusesEveryOtherSpelling) {
  const std::pair<std::string_view, std::string_view> refused[] = {
      {"&Jjo!", "no end of the shift"},    {"&U,BTFw", "no end of the shift"},
      {"&", "no end of the shift"},        {"&U,BTFw-&ZeVnLIqe-", "a superfluous shift (RFC 3501's own example)"},
      {"&AGE-", "a letter inside base64"}, {"&ACY-", "an ampersand inside base64"},
      {"&U,BTFx-", "stray bits"},          {"&U,BTFwA-", "a superfluous character"},
      {"&A-", "less than a unit"},         {"&U/BTFw-", "the alphabet of plain base64"},
      {"&2AA-", "a lone high surrogate"},  {"&3AA-", "a lone low surrogate"},
      {"&2ADYAA-", "two high surrogates"}, {"&U,BTFw=-", "padding"},
      {"\xc3\xa4", "octets beyond ASCII"}, {"a\x01", "a control character that is not shifted"},
  };
  for (const auto& [name, why] : refused) EXPECT_EQ(parse_modified_utf7(name), std::nullopt) << why;
}

TEST(ModifiedUtf7, RefusesToWriteWhatIsNotUtf8) {
  EXPECT_EQ(write_modified_utf7("\xc3"), std::nullopt);
  EXPECT_EQ(write_modified_utf7("\xed\xa0\x80"), std::nullopt);
}

}  // namespace
}  // namespace mailpod::text
