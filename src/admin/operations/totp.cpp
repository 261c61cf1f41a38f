#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_news.hpp"

// One-time codes beside a member's human password. What they are made from is the caller's idea: drawn where it is
// shown to the member, it needs no question to a pod that would have to know whom it is for.
namespace mailpod::admin {

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
