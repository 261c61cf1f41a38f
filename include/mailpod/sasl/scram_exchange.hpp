#pragma once

#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/sasl/credentials.hpp>
#include <mailpod/sasl/mechanisms.hpp>

namespace mailpod::sasl {

/// What a connection can be bound to; empty where it has none of a kind.
struct ChannelBindings {
  std::string exporter;          ///< `tls-exporter`, RFC 9266
  std::string server_end_point;  ///< `tls-server-end-point`, RFC 5929 §4
  bool any() const { return !exporter.empty() || !server_end_point.empty(); }
};
ChannelBindings bindings_of(const net::Stream& stream);

/// Why an exchange ends before any secret is looked at: RFC 5802 §7's server-error-value, which is the error's message.
/// Those about names and proofs are never said: they would tell who has an account.
enum class ScramError {
  invalid_encoding = 1,
  extensions_not_supported,
  invalid_username_encoding,
  channel_bindings_dont_match,
  server_does_support_channel_binding,  ///< somebody between took -PLUS out of what we offer
  channel_binding_not_supported,        ///< asked for without -PLUS
  unsupported_channel_binding_type,
  other_error,  ///< the nonce is not the one of this exchange; -PLUS without a binding
};
const boost::system::error_category& scram_category();
inline boost::system::error_code make_error_code(ScramError e) {
  return {static_cast<int>(e), scram_category()};
}
/// The client's message has not the mechanism's form; otherwise it has, and asks for what cannot be.
bool is_malformed(const boost::system::error_code& error);

/// The server's side of SCRAM-SHA-256 and SCRAM-SHA-256-PLUS, one exchange: RFC 5802 §5, RFC 7677. Messages are decoded
/// from base64. Holds no secret.
///
///     take_first → server_first → take_final → claim → server_final
///
/// each once and in this order; after an error nothing.
class ScramExchange {
public:
  enum class Variant { bare, plus };
  static constexpr std::string_view name = "SCRAM-SHA-256";
  static constexpr std::string_view plus_name = "SCRAM-SHA-256-PLUS";

  /// `bindings` of the connection, also for Variant::bare: where there is any, -PLUS was offered.
  ScramExchange(Variant variant, ChannelBindings bindings) : variant_(variant), bindings_(std::move(bindings)) {}

  /// Errors: ScramError; MechanismError::too_long, not_utf8, empty_name, authorization_differs.
  Status take_first(std::string_view message);
  /// Who the client says it is.
  const std::string& authentication_id() const { return authentication_id_; }
  std::string server_first(const ScramChallenge& challenge);
  /// Errors: as take_first().
  Status take_final(std::string_view message);
  /// Borrowed from this object.
  ScramClaim claim(Scope wanted) const { return {authentication_id_, auth_message_, proof_, wanted}; }
  static std::string server_final(const base::ByteArray<32>& signature);

private:
  Status take_header(std::string_view& rest);
  Status choose_binding(std::string_view flag);

  Variant variant_;
  ChannelBindings bindings_;
  std::string header_;    ///< gs2-header, as the client wrote it
  std::string expected_;  ///< what the client's last message must bind to: header, then the binding's octets
  std::string authentication_id_;
  std::string nonce_;         ///< the client's, then ours behind it
  std::string auth_message_;  ///< grows with each message; RFC 5802 §3
  std::string proof_;
};

}  // namespace mailpod::sasl

template <>
struct boost::system::is_error_code_enum<mailpod::sasl::ScramError> : std::true_type {};
