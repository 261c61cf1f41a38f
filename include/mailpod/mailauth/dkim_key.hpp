#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/rsa.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/mailauth/error.hpp>

namespace mailpod::mailauth {

/// How DKIM signs. RFC 8301 §3.1 leaves rsa-sha256, RFC 8463 §3 adds ed25519-sha256. Stored: never renumber.
enum class Algorithm : std::uint8_t { rsa_sha256 = 1, ed25519_sha256 = 2 };

/// As `a=` says it: `rsa-sha256`, `ed25519-sha256`.
std::string_view name_of(Algorithm algorithm);

/// A domain's secret for signing mail. Callable from any thread.
class DkimKey {
public:
  /// RSA keys have 2,048 bits: what every verifier takes (RFC 8301 §3.2), and what still fits into two strings of a TXT
  /// record.
  static DkimKey generate(Algorithm algorithm, crypto::KeyArena& arena, base::Entropy& entropy);
  /// What secret() gave. Errors: damaged.
  static Result<DkimKey> parse(Algorithm algorithm, std::string_view secret, crypto::KeyArena& arena);

  Algorithm algorithm() const;
  /// RSAPrivateKey in DER, or an Ed25519 seed. The caller wipes it.
  std::string secret() const;
  /// Of the octets that RFC 6376 §3.7 has hashed; not base64. Deterministic.
  std::string sign(std::string_view octets) const;
  /// The text of the DNS record that lets others verify. RFC 6376 §3.6.1, RFC 8463 §4.
  std::string record() const;

private:
  using Secret = std::variant<crypto::RsaKey, crypto::SigningKey>;
  explicit DkimKey(Secret secret) : secret_(std::move(secret)) {}
  Secret secret_;
};

}  // namespace mailpod::mailauth
