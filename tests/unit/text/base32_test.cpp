#include <mailpod/text/base32.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

const std::string secret = "\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23";

TEST(Code, IsReadBackAsItWasWritten) {
  for (std::size_t length = 0; length <= 33; ++length) {
    std::string octets;
    for (std::size_t i = 0; i < length; ++i) octets += static_cast<char>(i * 37 + length);
    EXPECT_EQ(parse_code(write_code(octets)), octets);
    EXPECT_EQ(parse_code(write_code(octets, 0)), octets);
  }
}

TEST(Code, IsWrittenInGroups) {
  const std::string code = write_code(secret, 5);
  EXPECT_EQ(code.size(), 17U + 3U);
  EXPECT_EQ(code[5], '-');
  EXPECT_EQ(code.find_first_of("ILO"), std::string::npos);
}

TEST(Code, HasTheCheckCharacterOfCrockford) {
  EXPECT_EQ(write_code("", 0), "0");
  // 0x20 is digits 4 and 0, that is 128; 128 modulo 37 is 17, written H.
  EXPECT_EQ(write_code(" ", 0), "40H");
}

TEST(Code, ForgivesWhatHandsDo) {
  const std::string code = write_code(secret, 5);
  std::string typed;
  for (const char character : code) {
    if (character == '-')
      typed += ' ';
    else if (character == '0')
      typed += 'o';
    else if (character == '1')
      typed += 'l';
    else
      typed += static_cast<char>(std::tolower(static_cast<unsigned char>(character)));
  }
  EXPECT_EQ(parse_code(typed), secret);
}

TEST(Code, FindsEveryWrongCharacter) {
  const std::string code = write_code(secret, 0);
  for (std::size_t at = 0; at < code.size(); ++at) {
    for (const char wrong : std::string_view("0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U!")) {
      if (wrong == code[at]) continue;
      std::string changed = code;
      changed[at] = wrong;
      EXPECT_EQ(parse_code(changed), std::nullopt) << changed;
    }
  }
}

TEST(Code, FindsEverySwapOfNeighbours) {
  const std::string code = write_code(secret, 0);
  for (std::size_t at = 0; at + 1 < code.size(); ++at) {
    std::string changed = code;
    std::swap(changed[at], changed[at + 1]);
    if (changed != code) EXPECT_EQ(parse_code(changed), std::nullopt) << changed;
  }
}

TEST(Code, RefusesWhatIsNoCode) {
  for (const std::string_view typed : {"", "-", " ", "*", "0 0", "\xc3\xa4"})
    EXPECT_EQ(parse_code(typed), std::nullopt) << typed;
}

/// RFC 4648 §10, without padding.
TEST(Base32, IsThatOfTheRfc) {
  EXPECT_EQ(write_base32(""), "");
  EXPECT_EQ(write_base32("f"), "MY");
  EXPECT_EQ(write_base32("fo"), "MZXQ");
  EXPECT_EQ(write_base32("foo"), "MZXW6");
  EXPECT_EQ(write_base32("foob"), "MZXW6YQ");
  EXPECT_EQ(write_base32("fooba"), "MZXW6YTB");
  EXPECT_EQ(write_base32("foobar"), "MZXW6YTBOI");
}

}  // namespace
}  // namespace mailpod::text
