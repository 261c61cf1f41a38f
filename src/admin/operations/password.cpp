#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_news.hpp"

// What a member's human password and recovery code are, by one of the member's own secrets. What a new recovery code
// replaces goes once the caller says that its member was told.
namespace mailpod::admin {

Answer password_change(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  auto changed =
      premises.key_ring.change_password(address, secret_argument(arguments), text_argument(arguments, "new_password"));
  if (!changed.has_value()) return complaint_for(changed.error(), address);
  end_sessions_of(premises, address);
  if (!changed->recovery_code) {
    tell(premises, address, {"Your password was changed", "Your password was changed."});
    return json::object();
  }
  tell(premises, address,
       {"Your recovery code was used",
        "Your password was changed by your recovery code. A new code was made, and one-time codes, if you had them,\n"
        "are asked for no more."});
  return json{{"recovery_code", std::move(*changed->recovery_code)}};
}

Answer recovery_code_new(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  auto code = premises.key_ring.new_recovery_code(address, secret_argument(arguments));
  if (!code.has_value()) return complaint_for(code.error(), address);
  tell(premises, address, {"A new recovery code", "A new recovery code was made."});
  return json{{"recovery_code", std::move(*code)}};
}

Answer recovery_code_told(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto done = premises.key_ring.forget_recovery_codes(address, text_argument(arguments, "recovery_code"));
  if (!done.has_value()) return complaint_for(done.error(), address);
  return json::object();
}

}  // namespace mailpod::admin
