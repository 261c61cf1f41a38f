#include <mailpod/text/base64.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

std::string decode_by(std::string_view text, std::size_t step, bool& damaged) {
  Base64Decoder decoder;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) decoder.decode(text.substr(at, step), out);
  decoder.finish(out);
  damaged = decoder.damaged();
  return out;
}

std::string decode(std::string_view text) {
  bool damaged = false;
  return decode_by(text, text.size() + 1, damaged);
}

TEST(Base64, AgreesWithTheVectorsOfRfc4648) {
  const std::pair<std::string_view, std::string_view> vectors[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
  };
  for (const auto& [octets, text] : vectors) {
    EXPECT_EQ(write_base64(octets), text);
    EXPECT_EQ(parse_base64(text), octets);
    EXPECT_EQ(decode(text), octets);
  }
}

TEST(Base64, RefusesEverySpellingButTheCanonicalOne) {
  for (const std::string_view text : {"Zg=", "Zg", "Zg===", "Zh==", "Zm9=", "Zm9v\r\n", " Zm9v", "Zm9v=", "====", "=",
                                      "Z", "Zm9vZ", "Zg==Zg==", "Zm-v", "Zm_v", "Z=g=", "A==="}) {
    EXPECT_EQ(parse_base64(text), std::nullopt) << text;
  }
  EXPECT_EQ(parse_base64(std::string_view("Zm9\0", 4)), std::nullopt);
}

TEST(Base64, AcceptsAStringIfAndOnlyIfItWouldWriteIt) {
  // Every string of four characters from a small, nasty alphabet.
  constexpr std::string_view alphabet = "AQgwZ/+=-\n";
  for (std::size_t i = 0; i < 10'000; ++i) {
    std::string text;
    for (std::size_t rest = i, place = 0; place < 4; ++place, rest /= 10) text += alphabet[rest % 10];
    if (const auto octets = parse_base64(text)) EXPECT_EQ(write_base64(*octets), text);
  }
}

TEST(Base64, WritesAndReadsTheUrlSafeForm) {
  const std::string octets = "\xfb\xff\xfe\x3e";
  EXPECT_EQ(write_base64url(octets), "-__-Pg");
  EXPECT_EQ(parse_base64url("-__-Pg"), octets);
  EXPECT_EQ(parse_base64url("-__-Pg=="), std::nullopt);
  EXPECT_EQ(parse_base64url("-__-Ph"), std::nullopt);
}

TEST(Base64, WritesLinesOf76Characters) {
  const std::string octets(58, 'a');
  const std::string lines = write_base64_lines(octets);
  EXPECT_EQ(lines.find("\r\n"), 76U);
  EXPECT_TRUE(lines.ends_with("\r\n"));
  EXPECT_EQ(decode(lines), octets);
  EXPECT_EQ(write_base64_lines(""), "");
}

TEST(Base64Decoder, PassesOverLineBreaksAndForeignCharacters) {
  EXPECT_EQ(decode("Zm9\r\n v\tYmFy\r\n"), "foobar");
  bool damaged = false;
  EXPECT_EQ(decode_by("Zm9!vY*mFy", 3, damaged), "foobar");
  EXPECT_TRUE(damaged);
}

TEST(Base64Decoder, DecodesOnAfterPadding) {
  bool damaged = false;
  EXPECT_EQ(decode_by("Zg==Zm8=Zm9v", 100, damaged), "ffofoo");
  EXPECT_TRUE(damaged);
  EXPECT_EQ(decode_by("Zg==\r\n", 100, damaged), "f");
  EXPECT_FALSE(damaged);
}

TEST(Base64Decoder, YieldsWhatATruncatedEndStillHolds) {
  bool damaged = false;
  EXPECT_EQ(decode_by("Zm9vYg", 100, damaged), "foob");
  EXPECT_TRUE(damaged);
  EXPECT_EQ(decode_by("Zm9vY", 100, damaged), "foo");
  EXPECT_TRUE(damaged);
}

TEST(Base64Decoder, DoesNotCareWhereThePiecesEnd) {
  std::string octets;
  for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  const std::string text = write_base64_lines(octets);
  for (std::size_t step = 1; step <= text.size(); ++step) {
    bool damaged = true;
    EXPECT_EQ(decode_by(text, step, damaged), octets);
    EXPECT_FALSE(damaged);
  }
}

}  // namespace
}  // namespace mailpod::text
