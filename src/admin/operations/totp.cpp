#include <fmt/format.h>

#include <mailpod/members/error.hpp>
#include <mailpod/text/base32.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../slot_news.hpp"

// One-time codes beside a member's human password.
namespace mailpod::admin {
namespace {

/// What authenticators read. Addresses and domains are such that nothing needs to be escaped but the @.
std::string uri_for(const members::Address& address, std::string_view domain, std::string_view key) {
  std::string local;
  for (const char c : address.local_part) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_';
    local += plain ? std::string(1, c) : fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return fmt::format("otpauth://totp/{0}:{1}%40{2}?secret={3}&issuer={0}", domain, local, address.domain,
                     text::write_base32(key));
}

}  // namespace

/// A key that is kept nowhere, and how an authenticator takes it.
Answer totp_propose(const Premises& premises, const json& arguments) {
  const auto& name = text_argument(arguments, "address");
  const auto directory = premises.directory.state();
  const auto* person = find_person(*directory, name);
  if (person == nullptr || person->addresses.empty())
    return complaint_for(make_error_code(members::Errc::not_a_member), name);
  auto key = premises.key_ring.propose_code_key();
  json out{{"key", base::hex(key)}, {"uri", uri_for(person->addresses.front(), directory->domains().front(), key)}};
  crypto::wipe(key);
  return out;
}

Answer totp_enable(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  auto key = base::unhex(text_argument(arguments, "key"));
  if (!key) throw BadRequest("the argument `key` is no hexadecimal text");
  auto codes =
      premises.key_ring.ask_for_codes(address, secret_argument(arguments), {*key, text_argument(arguments, "code")});
  crypto::wipe(*key);
  if (!codes.has_value()) return complaint_for(codes.error(), address);
  end_sessions_of(premises, address);
  tell(premises, address,
       {"One-time codes are asked for", "From now on your password asks for a one-time code beside it."});
  return json{{"backup_codes", std::move(*codes)}};
}

Answer totp_disable(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto done = premises.key_ring.ask_for_no_codes(address, secret_argument(arguments));
  if (!done.has_value()) return complaint_for(done.error(), address);
  end_sessions_of(premises, address);
  tell(premises, address,
       {"One-time codes are asked for no more", "Your password asks for no one-time code beside it any more."});
  return json::object();
}

Answer totp_status(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto state = premises.key_ring.codes_asked(address, secret_argument(arguments));
  if (!state.has_value()) return complaint_for(state.error(), address);
  return json{{"enabled", state->asked}, {"backup_codes_left", state->backup_codes}};
}

}  // namespace mailpod::admin
