#include <mailpod/message/decoded_text.hpp>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::message {
namespace {

std::string decoded(std::string_view encoding, std::string_view charset, std::string_view octets,
                    std::size_t chunk = std::string_view::npos) {
  DecodedText text(encoding, charset);
  std::string out;
  for (std::size_t at = 0; at < octets.size(); at += std::min(chunk, octets.size())) {
    const std::string piece = text.feed(octets.substr(at, chunk));
    EXPECT_TRUE(text::is_utf8(piece));
    out += piece;
  }
  return out + text.finish();
}

TEST(DecodedText, RemovesTransferEncodingAndCharset) {
  EXPECT_EQ(decoded("quoted-printable", "iso-8859-1", "caf=E9 =\r\nau lait"), "café au lait");
  EXPECT_EQ(decoded("BASE64", "utf-8", "Y2Fmw6k=\r\n"), "café");
  EXPECT_EQ(decoded("8bit", "", "caf\xc3\xa9"), "café");
  EXPECT_EQ(decoded("x-unknown", "no-such-charset", "caf\xc3\xa9 \xff"), "café \xEF\xBF\xBD");
}

TEST(DecodedText, ReadsUtf16WithAndWithoutMark) {
  EXPECT_EQ(decoded("8bit", "utf-16",
                    std::string_view("\xff\xfe"
                                     "a\0",
                                     4)),
            "a");
  EXPECT_EQ(decoded("8bit", "utf-16be", std::string_view("\0a\xd8\x3d\xde\0", 6)), "a😀");
}

TEST(DecodedText, IsTheSameForEveryChunking) {
  std::string long_text;
  for (int i = 0; i < 9000; ++i) long_text += i % 50 == 0 ? "wörd\r\n" : "日本語 ";
  std::string one_line(40'000, 'x');
  for (std::size_t i = 0; i + 1 < one_line.size(); i += 2) one_line.replace(i, 2, "ä");
  const std::string encoded = text::write_base64_lines(long_text);
  EXPECT_EQ(decoded("base64", "utf-8", encoded), long_text);
  for (const std::size_t chunk : {1U, 7U, 1000U, 16'384U, 100'000U}) {
    EXPECT_EQ(decoded("base64", "utf-8", encoded, chunk), long_text);
    EXPECT_EQ(decoded("8bit", "utf-8", one_line, chunk), one_line);
  }
}

TEST(DecodedText, CutsUtf16OnlyBetweenCharacters) {
  std::string little_endian = "\xff\xfe";
  std::string expected;
  for (int i = 0; i < 20'000; ++i) {
    little_endian += std::string_view("\x3d\xd8\x00\xde", 4);
    expected += "😀";
    if (i % 3 == 0) {
      little_endian += std::string_view("a\0", 2);
      expected += "a";
    }
  }
  EXPECT_EQ(decoded("8bit", "utf-16", little_endian, 4097), expected);
}

TEST(DecodedText, TakesCharsetAndEncodingFromThePart) {
  constexpr std::string_view message =
      "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=E4";
  const Structure structure = scan(message);
  DecodedText text = decoded_text_for(structure.root);
  std::string out = text.feed(message.substr(structure.root.body.begin));
  EXPECT_EQ(out + text.finish(), "ä");
}

TEST(DecodedOctets, KnowsTheEncodingsOfRfc2045) {
  EXPECT_TRUE(DecodedOctets::knows("Base64"));
  EXPECT_TRUE(DecodedOctets::knows("7BIT"));
  EXPECT_FALSE(DecodedOctets::knows("x-uuencode"));
  DecodedOctets octets("base64");
  std::string out = octets.feed("AAEC");
  EXPECT_EQ(out + octets.finish(), std::string("\0\1\2", 3));
}

TEST(TextParts, AreVisitedInOrder) {
  const Structure structure = scan(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n\r\n"
      "--b\r\nContent-Type: image/png\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n\r\n--b--");
  std::vector<std::string> seen;
  for_each_text(structure.root, [&](const Part& part) { seen.push_back(part.subtype); });
  EXPECT_EQ(seen, (std::vector<std::string>{"html", "plain"}));
}

}  // namespace
}  // namespace mailpod::message
