#include <mailpod/crypto/digest.hpp>

#include <stdexcept>

#include <gtest/gtest.h>

#include <mailpod/crypto/password_hash.hpp>

namespace mailpod::crypto {
namespace {

std::string unhexed(std::string_view digits) {
  return base::unhex(digits).value();
}
template <std::size_t N>
std::string hexed(const base::ByteArray<N>& bytes) {
  return base::hex(base::octets(bytes));
}

TEST(Sha256Digest, EqualsFips180Examples) {
  EXPECT_EQ(hexed(sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(hexed(sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

TEST(Sha256Digest, IsTheSameInPieces) {
  Sha256 digest;
  digest.update("a").update("").update("bc");
  EXPECT_EQ(digest.finish(), sha256("abc"));
  EXPECT_EQ(digest.finish(), sha256("")) << "as new after finish()";
}

TEST(HmacSha256, EqualsRfc4231Examples) {
  // RFC 4231 §4.2, §4.3, §4.7 (a key longer than a block)
  EXPECT_EQ(hexed(hmac_sha256(std::string(20, '\x0b'), "Hi There")),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hexed(hmac_sha256("Jefe", "what do ya want for nothing?")),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hexed(hmac_sha256(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First")),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HkdfSha256, EqualsRfc5869Examples) {
  // RFC 5869 §A.1 and §A.3 (no salt, no info)
  base::ByteArray<42> out{};
  hkdf_sha256(out, std::string(22, '\x0b'), unhexed("000102030405060708090a0b0c"), unhexed("f0f1f2f3f4f5f6f7f8f9"));
  EXPECT_EQ(hexed(out), "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  hkdf_sha256(out, std::string(22, '\x0b'), "", "");
  EXPECT_EQ(hexed(out), "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST(HkdfSha256, GivesAKeyThatIsThePrefixOfALongerOutput) {
  KeyArena arena;
  base::ByteArray<64> longer{};
  hkdf_sha256(longer, "secret", "salt", "info");
  EXPECT_EQ(hkdf_key(arena, "secret", "salt", "info").octets(), base::octets(longer).substr(0, 32));
}

TEST(HkdfSha256, RefusesMoreThanItCanGive) {
  std::vector<unsigned char> out(255 * 32 + 1);
  EXPECT_THROW(hkdf_sha256(out, "s", "", ""), std::invalid_argument);
  EXPECT_THROW(hkdf_sha256({}, "s", "", ""), std::invalid_argument);
}

TEST(Pbkdf2, EqualsScramsExample) {
  // RFC 7677 §3: the server's signature proves the salted password of "pencil".
  const auto salted = pbkdf2_hmac_sha256("pencil", unhexed("5b6d99689d12358eeca04b141236fa81"), 4096);
  const auto server_key = hmac_sha256(base::octets(salted), "Server Key");
  const std::string nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0";
  const auto exchange =
      "n=user,r=rOprNGfwEbeRWgbNEkqO,r=" + nonce + ",s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=" + nonce;
  EXPECT_EQ(hexed(hmac_sha256(base::octets(server_key), exchange)),
            "eabae24d1062db75a9451ff0b6ea7e98c8546549ff741e672d3251b2397de46e");
}

TEST(Pbkdf2, RefusesNoIterations) {
  EXPECT_THROW(pbkdf2_hmac_sha256("p", "s", 0), std::invalid_argument);
}

TEST(ConstantTimeEquality, ComparesLengthsToo) {
  EXPECT_TRUE(equal_in_constant_time("abc", "abc"));
  EXPECT_FALSE(equal_in_constant_time("abc", "abd"));
  EXPECT_FALSE(equal_in_constant_time("abc", "ab"));
  EXPECT_TRUE(equal_in_constant_time("", ""));
}

constexpr Argon2Cost cheap{1, 8192};

TEST(Argon2id, DependsOnSecretSaltAndCost) {
  KeyArena arena;
  const base::ByteArray<16> salt{1};
  const auto key = argon2id(arena, "password", salt, cheap);
  EXPECT_EQ(key.octets(), argon2id(arena, "password", salt, cheap).octets());
  EXPECT_NE(key.octets(), argon2id(arena, "passwore", salt, cheap).octets());
  EXPECT_NE(key.octets(), argon2id(arena, "password", {2}, cheap).octets());
  EXPECT_NE(key.octets(), argon2id(arena, "password", salt, {2, 8192}).octets());
  EXPECT_NE(key.octets(), argon2id(arena, "password", salt, {1, 16384}).octets());
}

TEST(Argon2id, EqualsTheReferenceImplementation) {
  // echo -n password | argon2 somesaltsomesalt -id -t 3 -m 16 -p 1 -l 32 -r
  KeyArena arena;
  const auto salt = *base::byte_array<16>("somesaltsomesalt");
  EXPECT_EQ(base::hex(argon2id(arena, "password", salt).octets()),
            "7664ad4ba1a3c999fcdd0991ffc2270f78302d2383233db5e7befc85d1bb1819");
}

TEST(Argon2id, RefusesACostBelowTheLeast) {
  KeyArena arena;
  EXPECT_THROW(argon2id(arena, "password", {}, {0, 8192}), std::invalid_argument);
  EXPECT_THROW(argon2id(arena, "password", {}, {1, 8191}), std::invalid_argument);
}

}  // namespace
}  // namespace mailpod::crypto
