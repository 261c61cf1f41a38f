#include <mailpod/crypto/sign.hpp>

#include <algorithm>

#include "sodium.hpp"

namespace mailpod::crypto {

static_assert(crypto_sign_SEEDBYTES == Key::size);
static_assert(crypto_sign_PUBLICKEYBYTES == sizeof(PublicKey));
static_assert(crypto_sign_BYTES == sizeof(Signature));

SigningKey SigningKey::random(KeyArena& arena, base::Entropy& entropy) {
  return SigningKey(Key::random(arena, entropy));
}

SigningKey::SigningKey(Key seed) : seed_(std::move(seed)) {
  require_sodium();
  base::ByteArray<crypto_sign_SECRETKEYBYTES> secret{};
  crypto_sign_seed_keypair(public_.data(), secret.data(), seed_.data());
  wipe(secret);
}

Signature SigningKey::sign(std::string_view message) const {
  // libsodium's secret key is the seed followed by the public key.
  base::ByteArray<crypto_sign_SECRETKEYBYTES> secret{};
  std::copy_n(seed_.data(), Key::size, secret.begin());
  std::ranges::copy(public_, secret.begin() + Key::size);
  Signature signature{};
  crypto_sign_detached(signature.data(), nullptr, raw(message), message.size(), secret.data());
  wipe(secret);
  return signature;
}

bool verify(const PublicKey& key, std::string_view message, const Signature& signature) {
  require_sodium();
  return crypto_sign_verify_detached(signature.data(), raw(message), message.size(), key.data()) == 0;
}

}  // namespace mailpod::crypto
