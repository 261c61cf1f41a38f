#include <mailpod/crypto/sign.hpp>

#include <gtest/gtest.h>

#include "simulation/entropy.hpp"

namespace mailpod::crypto {
namespace {

std::string unhexed(std::string_view digits) {
  return base::unhex(digits).value();
}

TEST(Ed25519, EqualsRfc8032Examples) {
  // RFC 8032 §7.1, TEST 1 and TEST 2
  KeyArena arena;
  const SigningKey one(
      Key::copy_of(arena, unhexed("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60")));
  EXPECT_EQ(base::hex(base::octets(one.public_key())),
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  EXPECT_EQ(base::hex(base::octets(one.sign(""))),
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
            "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
  const SigningKey two(
      Key::copy_of(arena, unhexed("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")));
  EXPECT_EQ(base::hex(base::octets(two.sign("\x72"))),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
            "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00");
}

class Signed : public testing::Test {
protected:
  KeyArena arena_;
  simulation::Entropy entropy_;
  SigningKey key_ = SigningKey::random(arena_, entropy_);
  Signature signature_ = key_.sign("message");
};

TEST_F(Signed, VerifiesOnlyUnchanged) {
  EXPECT_TRUE(verify(key_.public_key(), "message", signature_));
  EXPECT_FALSE(verify(key_.public_key(), "messagE", signature_));
  EXPECT_FALSE(verify(SigningKey::random(arena_, entropy_).public_key(), "message", signature_));
  for (std::size_t bit = 0; bit < signature_.size() * 8; ++bit) {
    auto changed = signature_;
    changed[bit / 8] = static_cast<unsigned char>(changed[bit / 8] ^ (1U << bit % 8));
    EXPECT_FALSE(verify(key_.public_key(), "message", changed)) << bit;
  }
}

TEST_F(Signed, RefusesASecondFormOfTheSameSignature) {
  // S + L is congruent to S, and only RFC 8032 §5.1.7's check of the range tells them apart.
  static constexpr unsigned char order[32] = {0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7,
                                              0xa2, 0xde, 0xf9, 0xde, 0x14, 0,    0,    0,    0,    0,    0,
                                              0,    0,    0,    0,    0,    0,    0,    0,    0,    0x10};
  auto other = signature_;
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += other[32 + i] + unsigned{order[i]};
    other[32 + i] = static_cast<unsigned char>(carry & 0xff);
    carry >>= 8;
  }
  EXPECT_FALSE(verify(key_.public_key(), "message", other));
}

TEST_F(Signed, RefusesAPublicKeyOfSmallOrder) {
  // Under the neutral element with R = neutral and S = 0, a lax verifier accepts every message.
  PublicKey neutral{1};
  Signature forged{1};
  EXPECT_FALSE(verify(neutral, "anything", forged));
}

}  // namespace
}  // namespace mailpod::crypto
