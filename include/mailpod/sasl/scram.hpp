#pragma once

#include <string_view>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

/// SCRAM-SHA-256's keys. RFC 5802 §3, RFC 7677. The exchange itself is not offered yet; key slots are made for it in
/// full, since a password is never seen again.
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

}  // namespace mailpod::sasl::scram
