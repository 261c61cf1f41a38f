#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/age.hpp>

// The cryptography of age files: C2SP age.md, "X25519 recipient stanza", "Header MAC" and "Payload".
namespace mailpod::crypto {

inline constexpr std::string_view age_version_line = "age-encryption.org/v1";
inline constexpr std::size_t age_payload_nonce = 16;
inline constexpr std::size_t age_tag = 16;
/// A file key under one recipient's wrap key.
inline constexpr std::size_t age_wrapped_key = sizeof(AgeFileKey) + age_tag;

/// 32 secret octets that live as long as one file is open; overwritten on destruction.
class AgeSecret {
public:
  AgeSecret() = default;
  AgeSecret(const AgeSecret&) = delete;
  AgeSecret& operator=(const AgeSecret&) = delete;
  ~AgeSecret() { wipe(octets_); }
  base::ByteArray<32>& octets() { return octets_; }
  const base::ByteArray<32>& octets() const { return octets_; }

private:
  base::ByteArray<32> octets_{};
};

/// X25519; false if `point` is of low order.
bool x25519(base::ByteArray<32>& shared, const unsigned char* secret, const base::ByteArray<32>& point);
base::ByteArray<32> x25519_point(const unsigned char* secret);

/// The key that wraps the file key in one stanza.
void derive_wrap_key(AgeSecret& wrap_key, const AgeSecret& shared, const base::ByteArray<32>& share,
                     const AgeRecipient& recipient);
base::ByteArray<age_wrapped_key> wrap_file_key(const AgeSecret& wrap_key, const AgeFileKey& file_key);
bool unwrap_file_key(AgeFileKey& file_key, const AgeSecret& wrap_key, std::string_view wrapped);

base::ByteArray<32> header_mac(const AgeFileKey& file_key, std::string_view header);

void derive_payload_key(AgeSecret& payload_key, const AgeFileKey& file_key, std::string_view nonce);

/// Whether a chunk ends the payload; sealed into its nonce.
enum class AgeChunk : unsigned char { more = 0, last = 1 };
/// `into` takes plaintext.size() + 16 octets.
void seal_chunk(char* into, const AgeSecret& key, std::uint64_t index, AgeChunk kind, std::string_view plaintext);
/// `into` takes sealed.size() - 16 octets; on failure its content is unspecified.
bool open_chunk(char* into, const AgeSecret& key, std::uint64_t index, AgeChunk kind, std::string_view sealed);

}  // namespace mailpod::crypto
