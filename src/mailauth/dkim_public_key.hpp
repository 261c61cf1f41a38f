#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include <mailpod/crypto/rsa.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/mailauth/dkim_key.hpp>

namespace mailpod::mailauth {

/// A signer's key as DNS has it. RFC 6376 §3.6.1, RFC 8463 §4.
struct DkimPublicKey {
  std::variant<std::monostate, crypto::RsaPublicKey, crypto::PublicKey> key;  ///< nothing: revoked
  bool testing = false;                                                       ///< `t=y`
  bool identity_exact = false;                                                ///< `t=s`: i= must name d= itself

  bool is_revoked() const { return std::holds_alternative<std::monostate>(key); }
  bool is_for(Algorithm algorithm) const;
  /// Of RSA; others have what they need.
  std::optional<unsigned> rsa_bits() const;
  /// Whether `signature` is that of the octets that RFC 6376 §3.7 has hashed.
  bool verify(std::string_view octets, std::string_view signature) const;
};

/// Reads one record's text; nothing if it is no key for mail.
std::optional<DkimPublicKey> parse_dkim_public_key(std::string_view text);

}  // namespace mailpod::mailauth
