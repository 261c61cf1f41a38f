#include <mailpod/text/rtf_text.hpp>

#include <gtest/gtest.h>

#include <mailpod/text/unicode.hpp>

// Seen to fail without the characters passed over behind \u.
namespace mailpod::text {
namespace {

std::string shown(std::string_view rtf) {
  RtfText text;
  const auto out = text.feed(rtf);
  return out + text.finish();
}

constexpr std::string_view letter =
    "{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fswiss Helvetica;}}{\\colortbl;\\red0;}\r\n"
    "{\\*\\generator Writer;}{\\info{\\title Hidden}}\\pard\\f0\\fs24 Dear {\\b An}n,\\par\r\n"
    "gr\\'fc\\'dfe \\u8364? 5 \\emdash  all\\line {\\pict\\bin5 }}}}}\\pngblip 0102}end\\tab x\\~y \\{z\\}\\par}";

TEST(RtfText, IsWhatAPersonReads) {
  EXPECT_EQ(shown(letter), "Dear Ann, grüße € 5 — all end x y {z} ");
}

TEST(RtfText, IsReadByItsCodePage) {
  EXPECT_EQ(shown("{\\rtf1\\ansi\\ansicpg1251 \\'cf\\'f0\\'e8\\'e2\\'e5\\'f2}"), "Привет");
  EXPECT_EQ(shown("{\\rtf1\\ansi\\ansicpg932 \\'93\\'8c\\'8b\\'9e}"), "東京");
  EXPECT_EQ(shown("{\\rtf1\\ansi\\ansicpg99999 \\'ff a}"), "\uFFFD a");
}

TEST(RtfText, PassesOverWhatStandsBesideACharacterForOlderPrograms) {
  EXPECT_EQ(shown("{\\rtf1\\uc2\\u228 ae{\\uc0\\u246 x}\\uc1\\u-10179?\\u-8704?!}"), "äöx😀!");
  EXPECT_EQ(shown("{\\rtf1\\u228\\'e4b}"), "äb");
  EXPECT_EQ(shown("{\\rtf1\\u-8704?a}"), "\uFFFDa") << "half a character";
}

TEST(RtfText, IsNothingOfWhatIsNoRtf) {
  EXPECT_EQ(shown("plain \\b text"), "");
  EXPECT_EQ(shown("{\\rt"), "");
  EXPECT_EQ(shown(""), "");
}

TEST(RtfText, EndsWithItsGroupOrTooManyWithinEachOther) {
  EXPECT_EQ(shown("{\\rtf1 a}b{c}"), "a");
  EXPECT_EQ(shown("{\\rtf1 a" + std::string(100'000, '{') + "b"), "a");
  EXPECT_EQ(shown("{\\rtf1 a\\bin4000000000 }b"), "a") << "octets that never come";
}

TEST(RtfText, IsTheSameHoweverItIsCut) {
  const auto whole = shown(letter);
  for (std::size_t piece = 1; piece < 40; ++piece) {
    RtfText text;
    std::string parted;
    for (auto rest = letter; !rest.empty(); rest.remove_prefix(std::min(piece, rest.size()))) {
      const auto come = text.feed(rest.substr(0, piece));
      EXPECT_TRUE(is_utf8(come));
      parted += come;
    }
    EXPECT_EQ(parted + text.finish(), whole) << piece;
  }
}

}  // namespace
}  // namespace mailpod::text
