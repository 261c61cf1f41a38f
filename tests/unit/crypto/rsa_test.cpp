#include <mailpod/crypto/rsa.hpp>

#include <gtest/gtest.h>

namespace mailpod::crypto {
namespace {

const RsaKey& key() {
  static const RsaKey one = RsaKey::generate(2048);
  return one;
}

TEST(RsaKeys, SignWhatTheirPublicHalfVerifies) {
  EXPECT_EQ(key().bits(), 2048U);
  const std::string signature = key().sign("a message");
  EXPECT_EQ(signature.size(), 256U);
  EXPECT_EQ(key().sign("a message"), signature);
  EXPECT_TRUE(verify_rsa(key().public_key(), "a message", signature));
  EXPECT_FALSE(verify_rsa(key().public_key(), "a massage", signature));
  EXPECT_FALSE(verify_rsa(RsaKey::generate(1024).public_key(), "a message", signature));
}

TEST(RsaKeys, AreReadBackAndNothingElseIs) {
  const std::string secret = key().secret();
  EXPECT_EQ(RsaKey::parse(secret)->public_key(), key().public_key());
  EXPECT_EQ(RsaKey::parse("").error(), Errc::malformed_key);
  EXPECT_EQ(RsaKey::parse(secret + "x").error(), Errc::malformed_key);
  EXPECT_EQ(RsaKey::parse(secret.substr(1)).error(), Errc::malformed_key);
  EXPECT_EQ(RsaKey::parse(std::string(100'000, '0')).error(), Errc::malformed_key);
}

TEST(RsaSignatures, AreRefusedWhateverIsWrong) {
  const std::string signature = key().sign("a message");
  const std::string public_key = key().public_key();
  EXPECT_FALSE(verify_rsa("", "a message", signature));
  EXPECT_FALSE(verify_rsa(public_key + "x", "a message", signature));
  EXPECT_FALSE(verify_rsa(public_key, "a message", ""));
  EXPECT_FALSE(verify_rsa(public_key, "a message", signature + "x"));
  for (std::size_t at = 0; at < signature.size(); at += 17) {
    std::string changed = signature;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    EXPECT_FALSE(verify_rsa(public_key, "a message", changed)) << at;
  }
}

}  // namespace
}  // namespace mailpod::crypto
