#include <mailpod/crypto/seal.hpp>

#include <gtest/gtest.h>

#include "simulation/entropy.hpp"

namespace mailpod::crypto {
namespace {

std::string unhexed(std::string_view digits) {
  return base::unhex(digits).value();
}

TEST(Seal, EqualsThePublishedExample) {
  // draft-irtf-cfrg-xchacha-03 §A.3.1
  KeyArena arena;
  const auto key = Key::copy_of(arena, unhexed("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  const auto nonce = *base::byte_array<24>(unhexed("404142434445464748494a4b4c4d4e4f5051525354555657"));
  const auto associated = unhexed("50515253c0c1c2c3c4c5c6c7");
  const std::string plaintext =
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.";
  const auto sealed = seal(key, nonce, associated, plaintext);
  EXPECT_EQ(base::hex(sealed),
            "bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
            "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
            "21f9664c97637da9768812f615c68b13b52e"
            "c0875924c1c7987947deafd8780acf49");
  EXPECT_EQ(open(key, nonce, associated, sealed).value(), plaintext);
}

class Sealed : public testing::Test {
protected:
  KeyArena arena_;
  simulation::Entropy entropy_;
  Key key_ = Key::random(arena_, entropy_);
};

TEST_F(Sealed, OpensOnlyWithTheSameKeyAndAssociatedData) {
  const auto sealed = seal(key_, entropy_, "where", "what");
  EXPECT_EQ(sealed.size(), 24u + 4u + 16u);
  EXPECT_EQ(open(key_, "where", sealed).value(), "what");
  EXPECT_EQ(open(key_, "elsewhere", sealed).error(), Errc::not_authentic);
  EXPECT_EQ(open(Key::random(arena_, entropy_), "where", sealed).error(), Errc::not_authentic);
}

TEST_F(Sealed, NoticesEveryBitFlipAndTruncation) {
  const auto sealed = seal(key_, entropy_, "where", "what");
  for (std::size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    auto changed = sealed;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_EQ(open(key_, "where", changed).error(), Errc::not_authentic) << bit;
  }
  for (std::size_t length = 0; length < sealed.size(); ++length) {
    EXPECT_EQ(open(key_, "where", std::string_view(sealed).substr(0, length)).error(), Errc::not_authentic);
  }
}

TEST_F(Sealed, UsesANewNonceEachTime) {
  EXPECT_NE(seal(key_, entropy_, "", "same"), seal(key_, entropy_, "", "same"));
}

TEST_F(Sealed, HoldsNothingAndAlot) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{1} << 20}) {
    const std::string plaintext(size, 'p');
    EXPECT_EQ(open(key_, "", seal(key_, entropy_, "", plaintext)).value(), plaintext);
  }
}

TEST_F(Sealed, OpensInPlaceAndLeavesZerosOnFailure) {
  const Nonce nonce{};
  std::string page(32 + tag_size, 'p');
  const std::span<char> all(page);
  seal_into(all, key_, nonce, "page", std::string_view(page).substr(0, 32));
  EXPECT_EQ(page, seal(key_, nonce, "page", std::string(32, 'p')));
  EXPECT_TRUE(open_into(all.first(32), key_, nonce, "page", page).has_value());
  EXPECT_EQ(page.substr(0, 32), std::string(32, 'p'));
  EXPECT_EQ(open_into(all.first(32), key_, nonce, "page", page).error(), Errc::not_authentic);
  EXPECT_EQ(page.substr(0, 32), std::string(32, '\0'));
}

}  // namespace
}  // namespace mailpod::crypto
