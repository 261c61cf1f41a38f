#include "age_cipher.hpp"

#include <mailpod/crypto/digest.hpp>

#include "sodium.hpp"

namespace mailpod::crypto {

namespace {

using ChaChaNonce = base::ByteArray<crypto_aead_chacha20poly1305_ietf_NPUBBYTES>;

static_assert(crypto_aead_chacha20poly1305_ietf_ABYTES == age_tag);
static_assert(crypto_scalarmult_BYTES == 32);

/// An 11-octet big-endian counter and the last-chunk flag.
ChaChaNonce nonce_for(std::uint64_t index, AgeChunk kind) {
  ChaChaNonce nonce{};
  for (std::size_t i = 0; i < 8; ++i) nonce[10 - i] = static_cast<unsigned char>(index >> (8 * i) & 0xff);
  nonce[11] = static_cast<unsigned char>(kind);
  return nonce;
}

}  // namespace

bool x25519(base::ByteArray<32>& shared, const unsigned char* secret, const base::ByteArray<32>& point) {
  require_sodium();
  return crypto_scalarmult(shared.data(), secret, point.data()) == 0;
}

base::ByteArray<32> x25519_point(const unsigned char* secret) {
  require_sodium();
  base::ByteArray<32> point{};
  crypto_scalarmult_base(point.data(), secret);
  return point;
}

void derive_wrap_key(AgeSecret& wrap_key, const AgeSecret& shared, const base::ByteArray<32>& share,
                     const AgeRecipient& recipient) {
  const auto salt = std::string(base::octets(share)).append(base::octets(recipient.point));
  hkdf_sha256(wrap_key.octets(), base::octets(shared.octets()), salt, "age-encryption.org/v1/X25519");
}

base::ByteArray<age_wrapped_key> wrap_file_key(const AgeSecret& wrap_key, const AgeFileKey& file_key) {
  // The wrap key is used once, so a zero nonce is right.
  base::ByteArray<age_wrapped_key> wrapped{};
  const ChaChaNonce zero{};
  crypto_aead_chacha20poly1305_ietf_encrypt(wrapped.data(), nullptr, file_key.data(), file_key.size(), nullptr, 0,
                                            nullptr, zero.data(), wrap_key.octets().data());
  return wrapped;
}

bool unwrap_file_key(AgeFileKey& file_key, const AgeSecret& wrap_key, std::string_view wrapped) {
  const ChaChaNonce zero{};
  return wrapped.size() == age_wrapped_key &&
         crypto_aead_chacha20poly1305_ietf_decrypt(file_key.data(), nullptr, nullptr, raw(wrapped), wrapped.size(),
                                                   nullptr, 0, zero.data(), wrap_key.octets().data()) == 0;
}

base::ByteArray<32> header_mac(const AgeFileKey& file_key, std::string_view header) {
  AgeSecret key;
  hkdf_sha256(key.octets(), base::octets(file_key), {}, "header");
  return hmac_sha256(base::octets(key.octets()), header);
}

void derive_payload_key(AgeSecret& payload_key, const AgeFileKey& file_key, std::string_view nonce) {
  hkdf_sha256(payload_key.octets(), base::octets(file_key), nonce, "payload");
}

void seal_chunk(char* into, const AgeSecret& key, std::uint64_t index, AgeChunk kind, std::string_view plaintext) {
  crypto_aead_chacha20poly1305_ietf_encrypt(raw(into), nullptr, raw(plaintext), plaintext.size(), nullptr, 0, nullptr,
                                            nonce_for(index, kind).data(), key.octets().data());
}

bool open_chunk(char* into, const AgeSecret& key, std::uint64_t index, AgeChunk kind, std::string_view sealed) {
  return crypto_aead_chacha20poly1305_ietf_decrypt(raw(into), nullptr, nullptr, raw(sealed), sealed.size(), nullptr, 0,
                                                   nonce_for(index, kind).data(), key.octets().data()) == 0;
}

}  // namespace mailpod::crypto
