#include <mailpod/base/bytes.hpp>

#include <gtest/gtest.h>

#include <mailpod/base/member_id.hpp>

namespace mailpod::base {
namespace {

TEST(Hex, IsLowerCaseAndReadsBothCases) {
  EXPECT_EQ(hex(std::string_view("\x00\x7f\xff", 3)), "007fff");
  EXPECT_EQ(unhex("007FfF"), std::string("\x00\x7f\xff", 3));
}

TEST(Hex, RefusesOddLengthsAndOtherCharacters) {
  EXPECT_EQ(unhex("abc"), std::nullopt);
  EXPECT_EQ(unhex("0g"), std::nullopt);
  EXPECT_EQ(unhex(" 0"), std::nullopt);
  EXPECT_EQ(unhex(""), std::string());
}

TEST(Encoder, WritesBigEndianAndLengths) {
  const auto octets =
      Encoder().u8(1).u16(0x0203).u32(0x04050607).u64(0x08090a0b0c0d0e0f).var("hi").field(9, "x").take();
  EXPECT_EQ(hex(octets),
            "0102030405060708090a0b0c0d0e0f"
            "000000026869"
            "090000000178");
}

TEST(Decoder, ReadsWhatTheEncoderWrote) {
  const auto octets =
      Encoder().u8(255).u16(65535).u32(1).u64(~0ULL).var("").fixed(ByteArray<2>{7, 8}).field(3, "v").take();
  Decoder in(octets);
  EXPECT_EQ(in.u8(), 255);
  EXPECT_EQ(in.u16(), 65535);
  EXPECT_EQ(in.u32(), 1u);
  EXPECT_EQ(in.u64(), ~0ULL);
  EXPECT_EQ(in.var(), "");
  EXPECT_EQ(in.fixed<2>(), (ByteArray<2>{7, 8}));
  const auto field = in.field();
  ASSERT_TRUE(field);
  EXPECT_EQ(field->tag, 3);
  EXPECT_EQ(field->value, "v");
  EXPECT_FALSE(in.field().has_value());
  EXPECT_TRUE(in.ok());
  EXPECT_TRUE(in.at_end());
}

TEST(Decoder, StaysFailedOnceSomethingDoesNotFit) {
  const auto octets = Encoder().u32(5).fixed("four").take();
  Decoder in(octets);
  EXPECT_EQ(in.var(), "");
  EXPECT_FALSE(in.ok());
  EXPECT_EQ(in.u8(), 0);
  EXPECT_EQ(in.rest(), "");
}

TEST(Decoder, FailsOnEveryTruncationOfAField) {
  const auto octets = Encoder().field(1, "value").take();
  for (std::size_t length = 1; length < octets.size(); ++length) {
    Decoder in(std::string_view(octets).substr(0, length));
    EXPECT_FALSE(in.field().has_value());
    EXPECT_FALSE(in.ok()) << length;
  }
}

TEST(MemberIdText, IsTheOneLowerCaseForm) {
  const auto id = MemberId::parse("000102030405060708090a0b0c0d0e0f");
  ASSERT_TRUE(id);
  EXPECT_EQ(id->str(), "000102030405060708090a0b0c0d0e0f");
  EXPECT_FALSE(MemberId::parse("000102030405060708090A0B0C0D0E0F"));
  EXPECT_FALSE(MemberId::parse("0001"));
}

}  // namespace
}  // namespace mailpod::base
