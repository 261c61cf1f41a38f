#include <mailpod/text/unicode.hpp>

#include <chrono>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

TEST(Utf8, IsAcceptedExactlyAsRfc3629Defines) {
  for (const std::string_view good : {"", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
                                      "\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(is_utf8(good));
  }
  for (const std::string_view bad : {"\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x20", "\xe0\x9f\xbf",
                                     "\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
                                     "\xf5\x80\x80\x80", "\xff", "\xf0\x90\x80", "a\xe2\x82"}) {
    EXPECT_FALSE(is_utf8(bad));
  }
}

TEST(Utf8, IsRepairedByOneReplacementForEachMaximalPart) {
  EXPECT_EQ(repaired_utf8("a\xffz"), "a\xef\xbf\xbdz");
  EXPECT_EQ(repaired_utf8("\xe2\x82z"), "\xef\xbf\xbdz");
  EXPECT_EQ(repaired_utf8("\xed\xa0\x80"), "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
  EXPECT_TRUE(is_utf8(repaired_utf8("\xf0\x90\x80\xc3\xa4\xc3")));
}

TEST(Utf8, IsNeverCutInsideACharacter) {
  const std::string_view text = "a\xc3\xa4\xf0\x9f\x90\x9d";
  for (std::size_t limit = 0; limit <= text.size(); ++limit) {
    EXPECT_LE(utf8_prefix(text, limit).size(), limit);
    EXPECT_TRUE(is_utf8(utf8_prefix(text, limit)));
  }
  EXPECT_EQ(utf8_prefix(text, 3), "a\xc3\xa4");
  EXPECT_EQ(utf8_prefix(text, 6), "a\xc3\xa4");
  EXPECT_EQ(count_characters(text), 3U);
  EXPECT_EQ(count_characters("a\xff\xffz"), 4U);
}

TEST(Charset, IsFoundByItsMimeName) {
  for (const std::string_view known : {"us-ascii", "UTF-8", "ISO-8859-1", "iso-8859-15", "windows-1252", "koi8-r",
                                       "gb18030", "iso-2022-jp", "Shift_JIS", "EUC-KR", "big5", "utf-16"}) {
    EXPECT_TRUE(knows_charset(known)) << known;
  }
  for (const std::string_view unknown : {"", "x-unknown", "unknown-8bit", "../../etc/passwd", "utf-8,option=1"}) {
    EXPECT_FALSE(knows_charset(unknown)) << unknown;
    EXPECT_EQ(to_utf8(unknown, "a"), std::nullopt) << unknown;
  }
  EXPECT_FALSE(knows_charset(std::string(100'000, 'a')));
}

TEST(Charset, IsConvertedToUtf8) {
  EXPECT_EQ(to_utf8("iso-8859-1", "Z\xfcrich"), "Z\xc3\xbcrich");
  EXPECT_EQ(to_utf8("windows-1252", "\x80"), "\xe2\x82\xac");
  EXPECT_EQ(to_utf8("koi8-r", "\xcd\xc9\xd2"), "\xd0\xbc\xd0\xb8\xd1\x80");
  EXPECT_EQ(to_utf8("iso-2022-jp", "\x1b$B%F\x1b(B!"), "\xe3\x83\x86!");
  EXPECT_EQ(to_utf8("gb18030", "\xc4\xe3"), "\xe4\xbd\xa0");
  EXPECT_EQ(to_utf8("utf-8", "\xc3\xa4\xff"), "\xc3\xa4\xef\xbf\xbd");
}

TEST(Charset, UsAsciiIsReadAsMailHasIt) {
  EXPECT_EQ(to_utf8("us-ascii", "\xc3\xa4"), "\xc3\xa4");
  EXPECT_EQ(to_utf8("US-ASCII", "\xe4"), "\xc3\xa4");
}

TEST(Charset, ConvertsMoreThanOneBufferful) {
  const std::string many(100'000, '\xe4');
  std::string expected;
  for (std::size_t i = 0; i < many.size(); ++i) expected += "\xc3\xa4";
  EXPECT_EQ(to_utf8("iso-8859-1", many), expected);
}

TEST(Fold, ComparesWithoutCaseAndAccents) {
  EXPECT_EQ(fold("Z\xc3\x9cRICH"), "zurich");
  EXPECT_EQ(fold("Zu\xcc\x88rich"), "zurich");
  EXPECT_EQ(fold("stra\xc3\x9f"
                 "e"),
            fold("STRASSE"));
  EXPECT_EQ(fold("\xce\xa3\xce\xaf\xcf\x83\xcf\x85\xcf\x86\xce\xbf\xcf\x82"),
            fold("\xce\xa3\xce\x8a\xce\xa3\xce\xa5\xce\xa6\xce\x9f\xce\xa3"));
  EXPECT_EQ(fold("\xef\xac\x81n"), "fin");
  EXPECT_EQ(fold("\xef\xbc\xa1"), "a");
}

TEST(Fold, KeepsTheMarksThatMakeAnotherLetter) {
  // Kana voicing: KA and GA are different letters, composed or not.
  EXPECT_NE(fold("\xe3\x81\x8b"), fold("\xe3\x81\x8c"));
  EXPECT_EQ(fold("\xe3\x81\x8b\xe3\x82\x99"), fold("\xe3\x81\x8c"));
}

TEST(Fold, ChangesNothingTheSecondTime) {
  for (unsigned code = 0; code < 0x30000; ++code) {
    if (code >= 0xd800 && code < 0xe000) continue;
    std::string one;
    if (code < 0x80) {
      one += static_cast<char>(code);
    } else if (code < 0x800) {
      one += static_cast<char>(0xc0U | code >> 6U);
      one += static_cast<char>(0x80U | (code & 0x3fU));
    } else if (code < 0x10000) {
      one += static_cast<char>(0xe0U | code >> 12U);
      one += static_cast<char>(0x80U | (code >> 6U & 0x3fU));
      one += static_cast<char>(0x80U | (code & 0x3fU));
    } else {
      one += static_cast<char>(0xf0U | code >> 18U);
      one += static_cast<char>(0x80U | (code >> 12U & 0x3fU));
      one += static_cast<char>(0x80U | (code >> 6U & 0x3fU));
      one += static_cast<char>(0x80U | (code & 0x3fU));
    }
    const std::string once = fold(one);
    ASSERT_TRUE(is_utf8(once)) << code;
    ASSERT_EQ(fold(once), once) << code;
  }
}

TEST(Fold, IsTheSameForALongTextAsForItsParts) {
  std::string text;
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    text += "Z\xc3\x9cRICH ";
    expected += "zurich ";
  }
  EXPECT_EQ(fold(text), expected);
}

TEST(Fold, RepairsWhatIsNotUtf8) {
  EXPECT_EQ(fold("A\xff"), "a\xef\xbf\xbd");
}

TEST(Nfc, ComposesAndRefusesMalformedInput) {
  EXPECT_EQ(to_nfc("u\xcc\x88"), "\xc3\xbc");
  EXPECT_EQ(to_nfc("plain"), "plain");
  EXPECT_EQ(to_nfc("\xff"), std::nullopt);
}

}  // namespace
}  // namespace mailpod::text
