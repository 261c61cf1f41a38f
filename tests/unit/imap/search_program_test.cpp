#include "search_program.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

using Kind = SearchKey::Kind;

std::optional<SearchProgram> parse(std::string_view octets) {
  text::Cursor in(octets);
  const SearchLimits limits{.depth = 32, .keys = 100, .set_ranges = 100, .texts = 3};
  auto program = parse_search(in, limits);
  if (program.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*program);
}

std::string repeated(std::string_view octets, int times) {
  std::string out;
  for (; times > 0; --times) out += octets;
  return out;
}

TEST(SearchProgram, ReadsEveryKeyOfTheRfc) {
  for (const auto* octets : {"ALL",
                             "ANSWERED",
                             "BCC a",
                             "BEFORE 1-Jan-2026",
                             "BODY a",
                             "CC a",
                             "DELETED",
                             "DRAFT",
                             "FLAGGED",
                             "FROM a",
                             "HEADER X a",
                             "KEYWORD $a",
                             "LARGER 5",
                             "NEW",
                             "NOT SEEN",
                             "OLD",
                             "ON 1-Jan-2026",
                             "OR SEEN DRAFT",
                             "RECENT",
                             "SEEN",
                             "SENTBEFORE 1-Jan-2026",
                             "SENTON 1-Jan-2026",
                             "SENTSINCE 1-Jan-2026",
                             "SINCE 1-Jan-2026",
                             "SMALLER 5",
                             "SUBJECT a",
                             "TEXT a",
                             "TO a",
                             "UID 1:*",
                             "UNANSWERED",
                             "UNDELETED",
                             "UNDRAFT",
                             "UNFLAGGED",
                             "UNKEYWORD a",
                             "UNSEEN",
                             "1:5,*",
                             "(SEEN DRAFT)",
                             "CHARSET UTF-8 SEEN",
                             "charset us-ascii seen",
                             "$",
                             "UID $",
                             "OLDER 60",
                             "YOUNGER 4294967295",
                             "SAVEDBEFORE 1-Jan-2026",
                             "SAVEDON 1-Jan-2026",
                             "SAVEDSINCE 1-Jan-2026",
                             "SAVEDATESUPPORTED",
                             "EMAILID M6d99",
                             "THREADID T64b4",
                             "FUZZY SUBJECT a",
                             "FUZZY (SUBJECT a NOT SEEN)",
                             "FUZZY OR FROM a BODY b"}) {
    EXPECT_TRUE(parse(octets).has_value()) << octets;
  }
}

TEST(SearchProgram, RefusesWhatIsNone) {
  for (const auto* octets : {"",
                             "FROB",
                             "NOT",
                             "OR SEEN",
                             "OR SEEN ",
                             "FROM",
                             "LARGER x",
                             "LARGER -1",
                             "KEYWORD \\Seen",
                             "(SEEN",
                             "()",
                             "SEEN)",
                             "SEEN  DRAFT",
                             " SEEN",
                             "CHARSET UTF-8",
                             "ON 31-Feb-2026",
                             "HEADER a",
                             "UID x",
                             "SUBJECT {2+}\r\n\xff\xfe",
                             "SEENX",
                             "OLDER 0",
                             "YOUNGER x",
                             "1,$",
                             "$,1",
                             "SAVEDON",
                             "EMAILID",
                             "FUZZY",
                             "FUZZY SUBJECT",
                             "ALLSEEN"}) {
    EXPECT_FALSE(parse(octets).has_value()) << octets;
  }
}

TEST(SearchProgram, AsksForCheapThingsFirst) {
  const auto program = parse("BODY x SUBJECT y SEEN");
  ASSERT_TRUE(program.has_value());
  ASSERT_EQ(program->root.keys.size(), 3U);
  EXPECT_EQ(program->root.keys[0].kind, Kind::flag);
  EXPECT_EQ(program->root.keys[1].kind, Kind::subject);
  EXPECT_EQ(program->root.keys[2].kind, Kind::body);
  EXPECT_EQ(program->texts, std::vector<std::string>{"x"});
}

TEST(SearchProgram, FoldsWhatItLooksFor) {
  const auto program = parse("SUBJECT {5+}\r\nK\xc3\x96LN");
  ASSERT_TRUE(program.has_value());
  EXPECT_EQ(program->root.text, "koln");
}

TEST(SearchProgram, MarksTextsAsFuzzyAndNothingElse) {
  const auto program = parse("FUZZY (SUBJECT help SEEN) FROM ann");
  ASSERT_TRUE(program.has_value());
  EXPECT_TRUE(program->asks_fuzzily);
  for (const auto& key : program->root.keys) EXPECT_FALSE(key.kind == Kind::from && key.fuzzy);
  const auto wordless = parse("FUZZY SUBJECT -");
  ASSERT_TRUE(wordless.has_value());
  EXPECT_FALSE(wordless->root.fuzzy);
  EXPECT_FALSE(
      parse("FUZZY (BODY a BODY b TEXT c SUBJECT d SUBJECT e SUBJECT f SUBJECT g SUBJECT h SUBJECT i SUBJECT j "
            "SUBJECT k)")
          .has_value());
}

TEST(SearchProgram, ReadsNothingInAnUnknownCharset) {
  const auto program = parse("CHARSET KOI8-R SUBJECT {2+}\r\n\xc1\xc2");
  ASSERT_TRUE(program.has_value());
  EXPECT_FALSE(program->known_charset);
}

TEST(SearchProgram, IsAtMostSoDeep) {
  EXPECT_TRUE(parse(repeated("(", 31) + "ALL" + repeated(")", 31)).has_value());
  EXPECT_FALSE(parse(repeated("(", 32) + "ALL" + repeated(")", 32)).has_value());
  EXPECT_FALSE(parse(repeated("NOT ", 1'000'000) + "ALL").has_value());
  EXPECT_FALSE(parse(repeated("(", 1'000'000)).has_value());
  EXPECT_FALSE(parse(repeated("OR ALL ", 100'000) + "ALL").has_value());
}

TEST(SearchProgram, HasAtMostSoManyKeysAndTexts) {
  EXPECT_TRUE(parse("ALL" + repeated(" ALL", 99)).has_value());
  EXPECT_FALSE(parse("ALL" + repeated(" ALL", 100)).has_value());
  EXPECT_TRUE(parse("BODY a BODY b TEXT c").has_value());
  EXPECT_FALSE(parse("BODY a BODY b TEXT c TEXT d").has_value());
}

}  // namespace
}  // namespace mailpod::imap
