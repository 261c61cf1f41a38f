#include "append_grammar.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

class AppendGrammarTest : public testing::Test {
protected:
  /// One letter a step: B begins, t text literal, b binary literal, u URL, E ends; `!` if it is none.
  std::string read(std::string_view octets) {
    text::Cursor in(octets);
    const auto stretch = grammar_.read(in);
    if (stretch.has_error()) return "!";
    std::string steps;
    for (const auto& step : stretch->steps) {
      if (std::holds_alternative<MessageBegins>(step)) steps += 'B';
      if (std::holds_alternative<UrlPart>(step)) steps += 'u';
      if (std::holds_alternative<MessageEnds>(step)) steps += 'E';
      if (const auto* part = std::get_if<LiteralPart>(&step)) {
        steps += part->octets == LiteralPart::Octets::binary ? 'b' : 't';
      }
    }
    return stretch->literal_follows ? steps + '+' : steps;
  }

  Settings settings_;
  Dialect dialect_{settings_};
  AppendGrammar grammar_{dialect_, {.messages = 3, .parts = 5}};
};

TEST_F(AppendGrammarTest, ReadsSeveralMessages) {
  EXPECT_EQ(read(" (\\Seen) "), "BtE+");
  EXPECT_EQ(read(" (\\Draft) \" 7-Feb-1994 21:52:25 -0800\" ~"), "BbE+");
  EXPECT_EQ(read(""), "");
}

TEST_F(AppendGrammarTest, ReadsPartsBetweenLiterals) {
  EXPECT_EQ(read(" CATENATE (URL \"/a/;UID=1\" TEXT "), "But+");
  EXPECT_EQ(read(" URL {3}\r\nxyz URL b TEXT "), "uut+");
  EXPECT_EQ(read(")"), "E");
}

TEST_F(AppendGrammarTest, EndsAMessageWithItsList) {
  EXPECT_EQ(read(" CATENATE (TEXT "), "Bt+");
  EXPECT_EQ(read(") (\\Seen) ~"), "EBbE+");
  EXPECT_EQ(read(" CATENATE (URL x) "), "!");
}

TEST_F(AppendGrammarTest, IsAtMostSoManyMessagesAndParts) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(read(" "), "BtE+");
  EXPECT_EQ(read(" "), "!");
  AppendGrammar parts(dialect_, {.messages = 9, .parts = 2});
  text::Cursor in(" CATENATE (URL a URL b URL c)");
  EXPECT_TRUE(parts.read(in).has_error());
}

TEST_F(AppendGrammarTest, KnowsUtf8OnlyWhereItWasEnabled) {
  EXPECT_EQ(read(" UTF8 (~"), "!");
  dialect_.enabled.utf8_accept = true;
  AppendGrammar fresh(dialect_, {.messages = 3, .parts = 5});
  grammar_ = fresh;
  EXPECT_EQ(read(" UTF8 (~"), "BbE+");
  EXPECT_EQ(read(" UTF8 ("), "!");
  grammar_ = fresh;
  EXPECT_EQ(read(" CATENATE (UTF8 (~"), "Bb+");
  EXPECT_EQ(read(") TEXT "), "t+");
}

TEST_F(AppendGrammarTest, AsksForNothingElseThanItsMessages) {
  for (const auto* octets : {" (\\Seen", " x ", " ~ ", "  ", " CATENATE ", " CATENATE (URL ", " CATENATE (TEXT"}) {
    EXPECT_FALSE(grammar_.awaits_literal(text::Cursor(octets))) << octets;
  }
  for (const auto* octets : {" ", " ~", " CATENATE (TEXT ", " CATENATE (URL a TEXT ~"}) {
    EXPECT_TRUE(grammar_.awaits_literal(text::Cursor(octets))) << octets;
  }
}

}  // namespace
}  // namespace mailpod::imap
