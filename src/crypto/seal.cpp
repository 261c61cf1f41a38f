#include <mailpod/crypto/seal.hpp>

#include <stdexcept>

#include "sodium.hpp"

namespace mailpod::crypto {

static_assert(nonce_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);
static_assert(Key::size == crypto_aead_xchacha20poly1305_ietf_KEYBYTES);

void seal_into(std::span<char> into, const Key& key, const Nonce& nonce, std::string_view associated,
               std::string_view plaintext) {
  if (into.size() != plaintext.size() + tag_size) throw std::invalid_argument("a seal adds 16 octets");
  require_sodium();
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw(into.data()), nullptr, raw(plaintext), plaintext.size(),
                                             raw(associated), associated.size(), nullptr, nonce.data(), key.data());
}

Status open_into(std::span<char> into, const Key& key, const Nonce& nonce, std::string_view associated,
                 std::string_view sealed) {
  if (sealed.size() < tag_size) return Errc::not_authentic;
  if (into.size() != sealed.size() - tag_size) throw std::invalid_argument("a seal adds 16 octets");
  require_sodium();
  const int answer =
      crypto_aead_xchacha20poly1305_ietf_decrypt(raw(into.data()), nullptr, nullptr, raw(sealed), sealed.size(),
                                                 raw(associated), associated.size(), nonce.data(), key.data());
  if (answer == 0) return {};
  sodium_memzero(into.data(), into.size());
  return Errc::not_authentic;
}

std::string seal(const Key& key, const Nonce& nonce, std::string_view associated, std::string_view plaintext) {
  std::string sealed(plaintext.size() + tag_size, '\0');
  seal_into(sealed, key, nonce, associated, plaintext);
  return sealed;
}

Result<std::string> open(const Key& key, const Nonce& nonce, std::string_view associated, std::string_view sealed) {
  if (sealed.size() < tag_size) return Errc::not_authentic;
  std::string plaintext(sealed.size() - tag_size, '\0');
  const auto opened = open_into(plaintext, key, nonce, associated, sealed);
  if (!opened) return opened.error();
  return plaintext;
}

std::string seal(const Key& key, base::Entropy& entropy, std::string_view associated, std::string_view plaintext) {
  const auto nonce = entropy.bytes<nonce_size>();
  std::string sealed(nonce_size + plaintext.size() + tag_size, '\0');
  base::octets(nonce).copy(sealed.data(), nonce_size);
  seal_into(std::span(sealed).subspan(nonce_size), key, nonce, associated, plaintext);
  return sealed;
}

Result<std::string> open(const Key& key, std::string_view associated, std::string_view nonce_and_sealed) {
  const auto nonce = base::byte_array<nonce_size>(nonce_and_sealed.substr(0, nonce_size));
  if (!nonce) return Errc::not_authentic;
  return open(key, *nonce, associated, nonce_and_sealed.substr(nonce_size));
}

}  // namespace mailpod::crypto
