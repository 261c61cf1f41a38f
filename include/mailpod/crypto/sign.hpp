#pragma once

#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/crypto/keys.hpp>

/// Ed25519 (RFC 8032 §5.1). Callable from any thread.
namespace mailpod::crypto {

using PublicKey = base::ByteArray<32>;
using Signature = base::ByteArray<64>;

/// A signer's secret: the 32-octet seed of RFC 8032 §5.1.5, in an arena.
class SigningKey {
public:
  static SigningKey random(KeyArena& arena, base::Entropy& entropy);
  explicit SigningKey(Key seed);

  const PublicKey& public_key() const { return public_; }
  const Key& seed() const { return seed_; }
  /// Deterministic.
  Signature sign(std::string_view message) const;

private:
  Key seed_;
  PublicKey public_{};
};

/// Strict: refuses non-canonical S and R, small-order and non-canonical public keys.
bool verify(const PublicKey& key, std::string_view message, const Signature& signature);

}  // namespace mailpod::crypto
