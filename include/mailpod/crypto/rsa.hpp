#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>

struct evp_pkey_st;

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 8017 §8.2), for DKIM, which has no other RSA. Callable from any thread.
namespace mailpod::crypto {

/// A signer's secret. It lives in OpenSSL's memory, which is zeroed when given back, but neither locked nor in an
/// arena: whoever learns it can sign mail, and read none.
class RsaKey {
public:
  /// Takes tenths of a second. The primes come from OpenSSL's own generator, which the kernel seeds.
  static RsaKey generate(unsigned bits);
  /// What secret() gave. Errors: malformed_key.
  static Result<RsaKey> parse(std::string_view secret);

  /// RSAPrivateKey in DER (RFC 8017 §A.1.2). The caller wipes it.
  std::string secret() const;
  /// SubjectPublicKeyInfo in DER (RFC 5280 §4.1.2.7).
  std::string public_key() const;
  unsigned bits() const;
  /// Deterministic; as many octets as the key has.
  std::string sign(std::string_view message) const;

private:
  explicit RsaKey(evp_pkey_st* key);
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  std::unique_ptr<evp_pkey_st, Free> key_;
};

/// Somebody else's key.
class RsaPublicKey {
public:
  /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7) or RSAPublicKey (RFC 8017 §A.1.1), in DER. Errors: malformed_key, also of
  /// an exponent above 64 bits, which nobody has and which would take long to compute with.
  static Result<RsaPublicKey> parse(std::string_view der);

  unsigned bits() const;
  /// Whether `signature` is that of `message`.
  bool verify(std::string_view message, std::string_view signature) const;

private:
  explicit RsaPublicKey(evp_pkey_st* key);
  struct Free {
    void operator()(evp_pkey_st* key) const noexcept;
  };
  std::unique_ptr<evp_pkey_st, Free> key_;
};

/// Whether `signature` is that of `message` by the key that is given as RsaPublicKey reads it.
bool verify_rsa(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace mailpod::crypto
