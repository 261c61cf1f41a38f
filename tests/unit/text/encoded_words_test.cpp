#include <mailpod/text/encoded_words.hpp>

#include <gtest/gtest.h>

#include <mailpod/text/unicode.hpp>

namespace mailpod::text {
namespace {

TEST(EncodedWords, DecodeTheExamplesOfRfc2047) {
  const std::pair<std::string_view, std::string_view> examples[] = {
      {"=?US-ASCII?Q?Keith_Moore?= <moore@cs.utk.edu>", "Keith Moore <moore@cs.utk.edu>"},
      {"=?ISO-8859-1?Q?Keld_J=F8rn_Simonsen?= <keld@dkuug.dk>", "Keld J\xc3\xb8rn Simonsen <keld@dkuug.dk>"},
      {"=?ISO-8859-1?B?SWYgeW91IGNhbiByZWFkIHRoaXMgeW8=?= =?ISO-8859-2?B?dSB1bmRlcnN0YW5kIHRoZSBleGFtcGxlLg==?=",
       "If you can read this you understand the example."},
      {"(=?ISO-8859-1?Q?a?=)", "(a)"},
      {"(=?ISO-8859-1?Q?a?= b)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a?=  =?ISO-8859-1?Q?b?=)", "(ab)"},
      {"(=?ISO-8859-1?Q?a_b?=)", "(a b)"},
      {"(=?ISO-8859-1?Q?a?= =?ISO-8859-2?Q?_b?=)", "(a b)"},
  };
  for (const auto& [value, decoded] : examples) EXPECT_EQ(decode_encoded_words(value), decoded) << value;
}

TEST(EncodedWords, IgnoreTheLanguageOfRfc2231) {
  EXPECT_EQ(decode_encoded_words("=?US-ASCII*EN?Q?Keith_Moore?="), "Keith Moore");
}

TEST(EncodedWords, JoinACharacterSplitOverTwoWords) {
  EXPECT_EQ(decode_encoded_words("=?utf-8?Q?=C3?= =?UTF-8?Q?=BC?="), "\xc3\xbc");
  EXPECT_EQ(decode_encoded_words("=?utf-8?B?w?= =?utf-8?Q?x?="), "x");
}

TEST(EncodedWords, StayAsTheyAreWhenTheyCannotBeDecoded) {
  for (const std::string_view value : {"=?x-unknown?Q?a?=", "=?utf-8?X?a?=", "=?utf-8?Q?a", "=?utf-8?Q?a b?=",
                                       "=??Q?a?=", "=?utf-8?Q", "=?", "a =?x-unknown?Q?a?= b", "plain"}) {
    EXPECT_EQ(decode_encoded_words(value), value);
  }
  EXPECT_EQ(decode_encoded_words("=?utf-8?Q?a?= =?x-unknown?Q?b?= =?utf-8?Q?c?="), "a =?x-unknown?Q?b?= c");
}

TEST(EncodedWords, HideNoLineEndsOrControls) {
  const std::string decoded = decode_encoded_words("=?utf-8?Q?a=0D=0ABcc:_x=00?=");
  EXPECT_EQ(decoded, "a  Bcc: x ");
}

TEST(EncodedWords, ReadRawOctetsAsMailHasThem) {
  EXPECT_EQ(decode_encoded_words("Z\xfcrich =?utf-8?Q?=C3=BC?="), "Z\xc3\xbcrich \xc3\xbc");
  EXPECT_EQ(decode_encoded_words("Z\xc3\xbcrich"), "Z\xc3\xbcrich");
}

TEST(EncodedWords, LeavePlainTextAlone) {
  EXPECT_EQ(write_encoded_words("Hello, world!"), "Hello, world!");
}

TEST(EncodedWords, AreReadBackAsTheyWereWritten) {
  std::string long_text;
  for (int i = 0; i < 60; ++i) long_text += "\xc3\xbc \xf0\x9f\x90\x9d";
  for (const std::string& text :
       {std::string("Z\xc3\xbcrich"), std::string("looks like =?utf-8?Q?a?="), long_text,
        std::string("\xe6\x97\xa5\xe6\x9c\xac\xe8\xaa\x9e"), std::string(200, 'x') + "\xc3\xa4"}) {
    const std::string written = write_encoded_words(text);
    EXPECT_EQ(decode_encoded_words(written), text);
    std::size_t begin = 0;
    while (begin < written.size()) {
      const auto end = std::min(written.find(' ', begin), written.size());
      EXPECT_LE(end - begin, 75U);
      EXPECT_TRUE(is_utf8(decode_encoded_words(written.substr(begin, end - begin))));
      begin = end + 1;
    }
  }
}

TEST(EncodedWords, AreDecodedInLinearTime) {
  // Were each of these beginnings to look ahead to the end, this would take minutes.
  std::string beginnings;
  for (int i = 0; i < 200'000; ++i) beginnings += "=?a?q?x";
  EXPECT_EQ(decode_encoded_words(beginnings), beginnings);
  std::string signs;
  for (int i = 0; i < 400'000; ++i) signs += "=?";
  EXPECT_EQ(decode_encoded_words(signs), signs);
}

}  // namespace
}  // namespace mailpod::text
