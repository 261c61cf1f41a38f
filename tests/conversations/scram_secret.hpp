#pragma once

#include <string>
#include <string_view>

#include <mailpod/sasl/credentials.hpp>
#include <mailpod/sasl/scram.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::conversations {

/// What credentials that follow a script know of SCRAM: the example of RFC 7677 §3, user "user" with the password
/// "pencil", and a server whose nonce is always the one printed there.
class ScramSecret {
public:
  static constexpr std::string_view name = "user";

  static sasl::ScramChallenge challenge(std::string_view authentication_id) {
    return {authentication_id == name ? salt() : "made-up salt", 4096, "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"};
  }

  /// Answers `login` to who knows the password.
  Result<sasl::ScramLogin> check(const sasl::ScramClaim& claim, const sasl::Login& login) {
    const auto found =
        sasl::scram::recover_client_key(arena_, base::octets(keys_.stored_key), claim.auth_message, claim.proof);
    if (!found || claim.authentication_id != name) return sasl::make_error_code(sasl::Errc::refused);
    return sasl::ScramLogin{login, sasl::scram::sign(keys_.server_key, claim.auth_message)};
  }

private:
  static std::string salt() { return text::parse_base64("W22ZaJ0SNY7soEsUEjb6gQ==").value(); }
  crypto::KeyArena arena_;
  sasl::scram::Keys keys_ = sasl::scram::derive(arena_, "pencil", salt(), 4096);
};

}  // namespace mailpod::conversations
