#include <mailpod/search/likeness.hpp>

#include <gtest/gtest.h>

namespace mailpod::search {
namespace {

unsigned likeness(std::string_view word, std::string_view term) {
  return LikedWord(word).likeness(term);
}

DocumentTerms terms_of(std::string_view text) {
  DocumentTerms terms;
  terms.begin(Field::body);
  terms.add(text);
  terms.end();
  return terms;
}

TEST(LikedWord, CountsWhatWouldHaveToBeChanged) {
  EXPECT_EQ(likeness("helo", "helo"), 100U);
  EXPECT_EQ(likeness("helo", "hello"), 80U);
  EXPECT_EQ(likeness("helo", "help"), 75U);
  EXPECT_EQ(likeness("helo", "heo"), 75U);
  EXPECT_EQ(likeness("helo", "hleo"), 75U);  // swapped
  EXPECT_EQ(likeness("invitation", "inivtatoin"), 80U);
}

TEST(LikedWord, AllowsMoreOfLongWords) {
  EXPECT_EQ(likeness("no", "on"), 0U);
  EXPECT_EQ(likeness("cat", "cut"), 67U);
  EXPECT_EQ(likeness("cat", "cup"), 0U);
  EXPECT_EQ(likeness("letter", "better"), 84U);
  EXPECT_EQ(likeness("letter", "bitter"), 67U);
  EXPECT_EQ(likeness("letter", "bitten"), 0U);
}

TEST(LikedWord, TakesWhatBeginsWithIt) {
  EXPECT_EQ(likeness("break", "breaking"), 62U);
  EXPECT_EQ(likeness("break", "breakfasts"), 50U);
  EXPECT_EQ(likeness("break", "breakfasting"), 0U);
  EXPECT_EQ(likeness("in", "ink"), 0U);
}

TEST(LikedWord, CountsCharactersNotOctets) {
  EXPECT_EQ(likeness("\xd0\xbc\xd0\xb8\xd1\x80\xd0\xb0", "\xd0\xbc\xd0\xb8\xd1\x80\xd1\x8b"), 75U);  // мира, миры
  EXPECT_EQ(likeness("\xd0\xbc\xd0\xb8\xd1\x80", "mir"), 0U);
}

TEST(LikedWord, TakesAnyTerm) {
  EXPECT_EQ(likeness("word", ""), 0U);
  EXPECT_EQ(likeness(std::string(100, 'a'), std::string(32, 'a')), 100U);
  EXPECT_EQ(likeness("a", std::string(1000, 'a')), 0U);
}

TEST(LikeQuery, WantsSomethingLikeEachWord) {
  const LikeQuery query("meeting tomorow");
  EXPECT_EQ(query.words().size(), 2U);
  EXPECT_EQ(query.likeness(terms_of("tomorrow is the meeting")), (100U + 88U) / 2);
  EXPECT_EQ(query.likeness(terms_of("the meeting is today")), 0U);
  EXPECT_EQ(query.likeness(terms_of("")), 0U);
}

TEST(LikeQuery, IsEmptyWithoutWords) {
  EXPECT_TRUE(LikeQuery("").words().empty());
  EXPECT_TRUE(LikeQuery(" - ").words().empty());
}

TEST(LikeQuery, HasAtMostSoManyWords) {
  EXPECT_EQ(LikeQuery("a bb ccc dddd eeeee ffffff ggggggg hhhhhhhh iiiiiiiii").words().size(), LikeQuery::most_words);
}

}  // namespace
}  // namespace mailpod::search
