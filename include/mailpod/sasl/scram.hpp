#pragma once

#include <optional>
#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/keys.hpp>

/// SCRAM-SHA-256's keys and proofs, as functions. RFC 5802 §3, RFC 7677. Any thread.
namespace mailpod::sasl::scram {

/// RFC 7677 §4 asks for at least 4096. Enough where the password is a generated one of 125 bits.
inline constexpr std::uint32_t usual_iterations = 4096;

/// What SCRAM derives from one password; secret but for stored_key, which only verifies.
struct Keys {
  crypto::Key client_key;
  crypto::Key server_key;
  base::ByteArray<32> stored_key;  ///< SHA-256(ClientKey)
};
/// `password` must already be prepared (RFC 4013); generated passwords are ASCII and prepared as they are.
Keys derive(crypto::KeyArena& arena, std::string_view password, std::string_view salt, std::uint32_t iterations);

/// The ClientKey behind a proof, if it is the one that `stored_key` (32 octets) is the hash of. In a time that depends
/// on the sizes only, but for the copy of a key that was found.
std::optional<crypto::Key> recover_client_key(crypto::KeyArena& arena, std::string_view stored_key,
                                              std::string_view auth_message, std::string_view proof);

/// What a client proves with.
base::ByteArray<32> prove(const Keys& keys, std::string_view auth_message);

/// What a server proves with that it knew the password's keys.
inline crypto::Digest sign(const crypto::Key& server_key, std::string_view auth_message) {
  return crypto::hmac_sha256(server_key.octets(), auth_message);
}

}  // namespace mailpod::sasl::scram
