#include <mailpod/sasl/mechanisms.hpp>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::sasl {
namespace {

class Category final : public boost::system::error_category {
public:
  const char* name() const noexcept override { return "mailpod.sasl.mechanism"; }
  std::string message(int value) const override {
    switch (static_cast<MechanismError>(value)) {
      case MechanismError::malformed:
        return "the response is not of the mechanism's form";
      case MechanismError::too_long:
        return "a field of the response is too long";
      case MechanismError::not_utf8:
        return "the response is not UTF-8";
      case MechanismError::empty_name:
        return "the authentication identity is empty";
      case MechanismError::authorization_differs:
        return "acting for another identity is not offered";
    }
    return "an unknown refusal of a response";
  }
};

Status refuse(MechanismError error) {
  return boost::system::error_code(make_error_code(error));
}

Status check_field(std::string_view field) {
  if (field.size() > longest_field) return refuse(MechanismError::too_long);
  if (field.find('\0') != std::string_view::npos) return refuse(MechanismError::malformed);
  if (!text::is_utf8(field)) return refuse(MechanismError::not_utf8);
  return {};
}

}  // namespace

const boost::system::error_category& mechanism_category() {
  static const Category category;
  return category;
}

OwnedClaim::OwnedClaim(std::string authorization_id, std::string authentication_id, std::string password)
    : authorization_id_(std::move(authorization_id)),
      authentication_id_(std::move(authentication_id)),
      password_(std::move(password)) {}

OwnedClaim::OwnedClaim(OwnedClaim&& other) noexcept
    : authorization_id_(std::move(other.authorization_id_)),
      authentication_id_(std::move(other.authentication_id_)),
      password_(std::move(other.password_)) {
  // A short password is copied by the move, not taken.
  crypto::wipe(other.password_);
}

OwnedClaim& OwnedClaim::operator=(OwnedClaim&& other) noexcept {
  authorization_id_.swap(other.authorization_id_);
  authentication_id_.swap(other.authentication_id_);
  password_.swap(other.password_);
  return *this;
}

OwnedClaim::~OwnedClaim() {
  crypto::wipe(password_);
}

Result<OwnedClaim> Plain::take(std::string_view response) {
  // Beyond this no split of it has fields of a permitted length.
  if (response.size() > 3 * longest_field + 2) return refuse(MechanismError::too_long).error();
  const auto first = response.find('\0');
  if (first == std::string_view::npos) return refuse(MechanismError::malformed).error();
  const auto second = response.find('\0', first + 1);
  if (second == std::string_view::npos) return refuse(MechanismError::malformed).error();
  const auto authorization_id = response.substr(0, first);
  const auto authentication_id = response.substr(first + 1, second - first - 1);
  const auto password = response.substr(second + 1);
  for (const auto field : {authorization_id, authentication_id, password}) {
    if (const auto good = check_field(field); !good) return good.error();
  }
  if (authentication_id.empty()) return refuse(MechanismError::empty_name).error();
  // RFC 4616 §2: passwd is 1*SAFE.
  if (password.empty()) return refuse(MechanismError::malformed).error();
  if (!authorization_id.empty() && authorization_id != authentication_id) {
    return refuse(MechanismError::authorization_differs).error();
  }
  return OwnedClaim(std::string(authorization_id), std::string(authentication_id), std::string(password));
}

// draft-murchison-sasl-login-00 §2.1; Outlook before 2010 compares the challenges literally.
std::string_view LoginExchange::challenge() const {
  return named_ ? "Password:" : "Username:";
}

Status LoginExchange::take(std::string_view response) {
  if (const auto good = check_field(response); !good) return good;
  if (!named_) {
    if (response.empty()) return refuse(MechanismError::empty_name);
    name_ = response;
    named_ = true;
    return {};
  }
  if (response.empty()) return refuse(MechanismError::malformed);
  password_ = response;
  complete_ = true;
  return {};
}

OwnedClaim LoginExchange::claim() const {
  return OwnedClaim({}, name_, password_);
}

LoginExchange::~LoginExchange() {
  crypto::wipe(password_);
}

}  // namespace mailpod::sasl
