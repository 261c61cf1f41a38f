#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../slot_json.hpp"
#include "../slot_news.hpp"

namespace mailpod::admin {

/// Sessions that the revoked secret opened end at once.
Answer app_password_revoke(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto& slot = text_argument(arguments, "slot");
  const auto revoked = premises.key_ring.revoke(address, secret_argument(arguments), slot);
  if (!revoked.has_value()) return complaint_for(revoked.error(), address);
  end_sessions_of(premises, address);
  tell(premises, address,
       {"A secret was revoked",
        "\"" + revoked->name + "\" (" + std::string(name_of(revoked->type)) + ") opens your mail no more."});
  return json{{"slot", slot}};
}

}  // namespace mailpod::admin
