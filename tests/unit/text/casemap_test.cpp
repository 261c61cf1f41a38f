#include <mailpod/text/casemap.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(Casemap, DoesNotTellCaseApart) {
  EXPECT_EQ(casemap("Message"), "MESSAGE");
  EXPECT_EQ(casemap("\xd1\x81\xd0\xb5\xd1\x80"), casemap("\xd0\xa1\xd0\x95\xd0\xa0"));  // Cyrillic
  EXPECT_EQ(casemap("\xc3\xa4"), casemap("\xc3\x84"));
}

TEST(Casemap, TellsAccentsApart) {
  EXPECT_EQ(casemap("\xc3\x84"), "A\xcc\x88");
  EXPECT_EQ(casemap("A\xcc\x88"), "A\xcc\x88");
  EXPECT_NE(casemap("\xc3\x84"), casemap("A"));
}

TEST(Casemap, PutsMarksBehindLetters) {
  EXPECT_LT(casemap("z"), casemap("_"));
  EXPECT_LT(casemap("Apple"), casemap("\xc3\x84pfel"));
  EXPECT_LT(casemap("\xc3\x84pfel"), casemap("banana"));
}

TEST(Casemap, UnifiesCompatibleForms) {
  EXPECT_EQ(casemap("\xef\xac\x81nal"), "fiNAL");              // RFC 5051 §2: titlecase first, then the ligature parts
  EXPECT_EQ(casemap("\xc7\x86"), casemap("\xc7\x84"));         // dž and DŽ, both to Dž
  EXPECT_EQ(casemap("\xf0\x90\x90\xa8"), "\xf0\x90\x90\x80");  // beyond the basic plane
}

TEST(Casemap, RepairsWhatIsNoUtf8) {
  EXPECT_EQ(casemap("a\xff"), "A\xef\xbf\xbd");
}

}  // namespace
}  // namespace mailpod::text
