#pragma once

#include <span>
#include <string>
#include <string_view>

#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/error.hpp>
#include <mailpod/crypto/keys.hpp>

/// XChaCha20-Poly1305 (draft-irtf-cfrg-xchacha): the one seal of every stored format except age files. Callable from
/// any thread. What does not open is Errc::not_authentic.
namespace mailpod::crypto {

using Nonce = base::ByteArray<24>;
inline constexpr std::size_t nonce_size = 24;
inline constexpr std::size_t tag_size = 16;

/// `ciphertext | tag`. A nonce never serves twice under one key; 24 random octets never do.
std::string seal(const Key& key, const Nonce& nonce, std::string_view associated, std::string_view plaintext);
Result<std::string> open(const Key& key, const Nonce& nonce, std::string_view associated, std::string_view sealed);

/// `nonce | ciphertext | tag` with a nonce drawn here.
std::string seal(const Key& key, base::Entropy& entropy, std::string_view associated, std::string_view plaintext);
Result<std::string> open(const Key& key, std::string_view associated, std::string_view nonce_and_sealed);

/// The same without allocating: `into` takes plaintext.size() + 16 octets; it may begin where `plaintext` begins.
void seal_into(std::span<char> into, const Key& key, const Nonce& nonce, std::string_view associated,
               std::string_view plaintext);
/// `into` takes sealed.size() - 16 octets; it may begin where `sealed` begins. On failure it holds zeros.
Status open_into(std::span<char> into, const Key& key, const Nonce& nonce, std::string_view associated,
                 std::string_view sealed);

}  // namespace mailpod::crypto
