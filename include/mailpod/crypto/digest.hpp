#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

struct evp_md_ctx_st;

/// SHA-256 (FIPS 180-4), HMAC (RFC 2104), HKDF (RFC 5869) and PBKDF2 (RFC 8018 §5.2). Callable from any thread.
namespace mailpod::crypto {

using Digest = base::ByteArray<32>;

Digest sha256(std::string_view octets);

/// SHA-256 of octets that come in pieces. Not shared between threads.
class Sha256 {
public:
  Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;
  ~Sha256();

  Sha256& update(std::string_view octets);
  /// The digest of all so far; afterwards this is as new.
  Digest finish();

private:
  struct Free {
    void operator()(evp_md_ctx_st* state) const noexcept;
  };
  std::unique_ptr<evp_md_ctx_st, Free> state_;
};

Digest hmac_sha256(std::string_view key, std::string_view octets);

/// Fills `into` (at most 8,160 octets). An empty salt means RFC 5869's default of zeros.
void hkdf_sha256(std::span<unsigned char> into, std::string_view secret, std::string_view salt, std::string_view info);
/// The same, into an arena.
Key hkdf_key(KeyArena& arena, std::string_view secret, std::string_view salt, std::string_view info);

/// SCRAM's Hi() (RFC 5802 §2.2). `iterations` > 0.
Digest pbkdf2_hmac_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations);

/// In a time that depends on the lengths only.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace mailpod::crypto
