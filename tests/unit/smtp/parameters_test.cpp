#include "parameters.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

text::Parsed<std::vector<Parameter>> parse(std::string_view octets) {
  text::Cursor in(octets);
  return parse_parameters(in);
}

TEST(Parameters, MayBeNone) {
  ASSERT_TRUE(parse(""));
  EXPECT_TRUE(parse("")->empty());
  EXPECT_TRUE(parse("  ")->empty());
}

TEST(Parameters, AreKeywordsWithOrWithoutAValue) {
  const auto parameters = parse(" SIZE=10  body=8BITMIME SMTPUTF8");
  ASSERT_TRUE(parameters);
  ASSERT_EQ(parameters->size(), 3U);
  EXPECT_EQ((*parameters)[0].keyword, "SIZE");
  EXPECT_EQ((*parameters)[0].value, "10");
  EXPECT_EQ((*parameters)[1].keyword, "BODY");
  EXPECT_EQ((*parameters)[2].keyword, "SMTPUTF8");
  EXPECT_FALSE((*parameters)[2].has_value);
}

TEST(Parameters, MayStandOnlyOnceInAnyCase) {
  EXPECT_FALSE(parse(" SIZE=1 size=1"));
}

TEST(Parameters, NeedASpaceAndAKeyword) {
  for (const auto* text : {"SIZE=1", " =1", " SIZE=", " -A=1", " A==1", " A=\x01", " A\t"}) {
    EXPECT_FALSE(parse(text)) << text;
  }
}

TEST(Parameters, AreAtMostSixteen) {
  std::string text;
  for (char c = 'A'; c < 'A' + 16; ++c) text += std::string(" ") + c;
  EXPECT_TRUE(parse(text));
  EXPECT_FALSE(parse(text + " Z"));
}

}  // namespace
}  // namespace mailpod::smtp
