#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <mailpod/base/result.hpp>
#include <mailpod/sasl/credentials.hpp>

namespace mailpod::sasl {

/// The most octets of one field of a claim, after decoding.
inline constexpr std::size_t longest_field = 1024;

/// A claim with octets of its own; they are overwritten with it.
class OwnedClaim {
public:
  OwnedClaim(std::string authorization_id, std::string authentication_id, std::string password);
  OwnedClaim(OwnedClaim&& other) noexcept;
  OwnedClaim& operator=(OwnedClaim&& other) noexcept;
  ~OwnedClaim();
  /// Borrowed from this object.
  PlainClaim claim(Scope wanted) const { return {authorization_id_, authentication_id_, password_, wanted}; }

private:
  std::string authorization_id_, authentication_id_, password_;
};

/// What a mechanism says to a client's (decoded) response. Errors: MechanismError.
enum class MechanismError {
  malformed = 1,  ///< not of the mechanism's form
  too_long,
  not_utf8,
  empty_name,
  authorization_differs,  ///< acting for somebody else is not offered
};
const boost::system::error_category& mechanism_category();
inline boost::system::error_code make_error_code(MechanismError e) {
  return {static_cast<int>(e), mechanism_category()};
}

/// PLAIN: `[authzid] NUL authcid NUL passwd`, in one response. RFC 4616 §2.
class Plain {
public:
  static constexpr std::string_view name = "PLAIN";
  /// `response` decoded from base64.
  static Result<OwnedClaim> take(std::string_view response);
};

/// LOGIN: two challenges. Never standardised; draft-murchison-sasl-login, for Outlook's sake.
class LoginExchange {
public:
  static constexpr std::string_view name = "LOGIN";
  /// The challenge to send next (before base64), until claim() is there.
  std::string_view challenge() const;
  /// Takes the decoded answer to it. An initial response is the answer to the first challenge.
  Status take(std::string_view response);
  bool complete() const { return complete_; }
  /// Once complete.
  OwnedClaim claim() const;
  ~LoginExchange();

private:
  std::string name_, password_;
  bool named_ = false, complete_ = false;
};

}  // namespace mailpod::sasl

template <>
struct boost::system::is_error_code_enum<mailpod::sasl::MechanismError> : std::true_type {};
