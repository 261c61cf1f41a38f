#include <mailpod/crypto/rsa.hpp>

#include <stdexcept>

#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>

#include "sodium.hpp"

namespace mailpod::crypto {

namespace {

void require(bool done, const char* what) {
  if (!done) throw std::runtime_error(std::string("OpenSSL: ") + what);
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* state) const noexcept { EVP_MD_CTX_free(state); }
};
using DigestState = std::unique_ptr<EVP_MD_CTX, FreeDigest>;

/// OpenSSL counts DER in long.
bool fits(std::string_view der) {
  constexpr std::size_t largest = 64 * 1024;  // octets: a key of 16,384 bits has some 9,000
  return !der.empty() && der.size() <= largest;
}

constexpr int most_exponent_bits = 64;

int exponent_bits(const EVP_PKEY* key) {
  BIGNUM* exponent = nullptr;
  if (EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1) return most_exponent_bits + 1;
  const int bits = BN_num_bits(exponent);
  BN_free(exponent);
  return bits;
}

/// What `write` (an i2d function) gives.
template <class Write>
std::string der_of(Write write) {
  const int size = write(nullptr);
  require(size > 0, "write a key");
  std::string der(static_cast<std::size_t>(size), '\0');
  auto* into = reinterpret_cast<unsigned char*>(der.data());
  require(write(&into) == size, "write a key");
  return der;
}

}  // namespace

void RsaKey::Free::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

RsaKey::RsaKey(evp_pkey_st* key) : key_(key) {}

RsaKey RsaKey::generate(unsigned bits) {
  RsaKey made(EVP_RSA_gen(bits));
  require(made.key_ != nullptr, "make an RSA key");
  return made;
}

Result<RsaKey> RsaKey::parse(std::string_view secret) {
  if (!fits(secret)) return Errc::malformed_key;
  const auto* from = raw(secret);
  RsaKey parsed(d2i_PrivateKey(EVP_PKEY_RSA, nullptr, &from, static_cast<long>(secret.size())));
  if (parsed.key_ == nullptr || from != raw(secret) + secret.size()) return Errc::malformed_key;
  return parsed;
}

std::string RsaKey::secret() const {
  return der_of([&](unsigned char** into) { return i2d_PrivateKey(key_.get(), into); });
}

std::string RsaKey::public_key() const {
  return der_of([&](unsigned char** into) { return i2d_PUBKEY(key_.get(), into); });
}

unsigned RsaKey::bits() const {
  return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get()));
}

std::string RsaKey::sign(std::string_view message) const {
  const DigestState state(EVP_MD_CTX_new());
  require(state && EVP_DigestSignInit(state.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1, "begin to sign");
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key_.get())), '\0');
  std::size_t size = signature.size();
  require(EVP_DigestSign(state.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, raw(message),
                         message.size()) == 1,
          "sign");
  signature.resize(size);
  return signature;
}

void RsaPublicKey::Free::operator()(evp_pkey_st* key) const noexcept {
  EVP_PKEY_free(key);
}

RsaPublicKey::RsaPublicKey(evp_pkey_st* key) : key_(key) {}

Result<RsaPublicKey> RsaPublicKey::parse(std::string_view der) {
  if (!fits(der)) return Errc::malformed_key;
  const auto* const end = raw(der) + der.size();
  const auto* from = raw(der);
  RsaPublicKey parsed(d2i_PUBKEY(nullptr, &from, static_cast<long>(der.size())));
  if (parsed.key_ == nullptr) {
    from = raw(der);
    parsed.key_.reset(d2i_PublicKey(EVP_PKEY_RSA, nullptr, &from, static_cast<long>(der.size())));
  }
  ERR_clear_error();
  const bool is_rsa = parsed.key_ != nullptr && from == end && EVP_PKEY_is_a(parsed.key_.get(), "RSA") == 1;
  if (!is_rsa || exponent_bits(parsed.key_.get()) > most_exponent_bits) return Errc::malformed_key;
  return parsed;
}

unsigned RsaPublicKey::bits() const {
  return static_cast<unsigned>(EVP_PKEY_get_bits(key_.get()));
}

bool RsaPublicKey::verify(std::string_view message, std::string_view signature) const {
  const DigestState state(EVP_MD_CTX_new());
  require(state && EVP_DigestVerifyInit(state.get(), nullptr, EVP_sha256(), nullptr, key_.get()) == 1,
          "begin to verify");
  const bool holds = EVP_DigestVerify(state.get(), raw(signature), signature.size(), raw(message), message.size()) == 1;
  ERR_clear_error();
  return holds;
}

bool verify_rsa(std::string_view public_key, std::string_view message, std::string_view signature) {
  const auto key = RsaPublicKey::parse(public_key);
  return key && key->verify(message, signature);
}

}  // namespace mailpod::crypto
