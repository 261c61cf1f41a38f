#include <mailpod/crypto/digest.hpp>

#include <limits>
#include <stdexcept>

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include "sodium.hpp"

namespace mailpod::crypto {

namespace {

/// OpenSSL fails here only when memory is out or the library is broken.
void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

template <class T, void (*free_one)(T*)>
struct Freed {
  void operator()(T* one) const noexcept { free_one(one); }
};

/// Looked up once: OpenSSL 3 takes longer to find an algorithm than to hash a short text.
const EVP_MD* sha256_algorithm() {
  static const std::unique_ptr<EVP_MD, Freed<EVP_MD, EVP_MD_free>> algorithm(EVP_MD_fetch(nullptr, "SHA256", nullptr));
  require(algorithm != nullptr, "SHA256");
  return algorithm.get();
}

EVP_KDF* hkdf_algorithm() {
  static const std::unique_ptr<EVP_KDF, Freed<EVP_KDF, EVP_KDF_free>> algorithm(
      EVP_KDF_fetch(nullptr, "HKDF", nullptr));
  require(algorithm != nullptr, "HKDF");
  return algorithm.get();
}

/// OpenSSL's parameters take octets through a pointer that is not const, and only read them.
OSSL_PARAM octets_parameter(const char* name, std::string_view octets) {
  static char nothing = 0;
  char* begin = octets.empty() ? &nothing : const_cast<char*>(octets.data());
  return OSSL_PARAM_construct_octet_string(name, begin, octets.size());
}

}  // namespace

void Sha256::Free::operator()(evp_md_ctx_st* state) const noexcept {
  EVP_MD_CTX_free(state);
}

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  require(state_ && EVP_DigestInit_ex2(state_.get(), sha256_algorithm(), nullptr) == 1, "start SHA-256");
}
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;
Sha256::~Sha256() = default;

Sha256& Sha256::update(std::string_view octets) {
  require(EVP_DigestUpdate(state_.get(), octets.data(), octets.size()) == 1, "update SHA-256");
  return *this;
}

Digest Sha256::finish() {
  Digest digest{};
  require(EVP_DigestFinal_ex(state_.get(), digest.data(), nullptr) == 1, "finish SHA-256");
  require(EVP_DigestInit_ex2(state_.get(), nullptr, nullptr) == 1, "start SHA-256");
  return digest;
}

Digest sha256(std::string_view octets) {
  Digest digest{};
  require(EVP_Digest(octets.data(), octets.size(), digest.data(), nullptr, sha256_algorithm(), nullptr) == 1,
          "SHA-256");
  return digest;
}

Digest hmac_sha256(std::string_view key, std::string_view octets) {
  require_sodium();
  crypto_auth_hmacsha256_state state;
  Digest mac{};
  crypto_auth_hmacsha256_init(&state, raw(key), key.size());
  crypto_auth_hmacsha256_update(&state, raw(octets), octets.size());
  crypto_auth_hmacsha256_final(&state, mac.data());
  sodium_memzero(&state, sizeof state);
  return mac;
}

void hkdf_sha256(std::span<unsigned char> into, std::string_view secret, std::string_view salt, std::string_view info) {
  if (into.empty() || into.size() > 255 * 32) throw std::invalid_argument("HKDF-SHA-256 gives 1 to 8,160 octets");
  const std::unique_ptr<EVP_KDF_CTX, Freed<EVP_KDF_CTX, EVP_KDF_CTX_free>> state(EVP_KDF_CTX_new(hkdf_algorithm()));
  require(state != nullptr, "start HKDF");
  char algorithm[] = "SHA256";
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, algorithm, 0),
      octets_parameter(OSSL_KDF_PARAM_KEY, secret),
      octets_parameter(OSSL_KDF_PARAM_SALT, salt),
      octets_parameter(OSSL_KDF_PARAM_INFO, info),
      OSSL_PARAM_construct_end(),
  };
  require(EVP_KDF_derive(state.get(), into.data(), into.size(), parameters) == 1, "HKDF");
}

Key hkdf_key(KeyArena& arena, std::string_view secret, std::string_view salt, std::string_view info) {
  return Key::made_by(arena, [&](std::span<unsigned char, Key::size> into) { hkdf_sha256(into, secret, salt, info); });
}

Digest pbkdf2_hmac_sha256(std::string_view password, std::string_view salt, std::uint32_t iterations) {
  constexpr auto most = static_cast<std::size_t>(std::numeric_limits<int>::max());
  if (iterations == 0 || iterations > most || password.size() > most || salt.size() > most) {
    throw std::invalid_argument("PBKDF2 input out of range");
  }
  Digest digest{};
  require(PKCS5_PBKDF2_HMAC(password.data(), static_cast<int>(password.size()), raw(salt),
                            static_cast<int>(salt.size()), static_cast<int>(iterations), sha256_algorithm(),
                            static_cast<int>(digest.size()), digest.data()) == 1,
          "PBKDF2");
  return digest;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && sodium_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace mailpod::crypto
