#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// Sessions that the revoked secret opened end at once.
Answer app_password_revoke(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto& slot = text_argument(arguments, "slot");
  const auto revoked = premises.key_ring.revoke(address, text_argument(arguments, "secret"), slot);
  if (!revoked.has_value()) return complaint_for(revoked.error(), address);
  const auto state = premises.directory.state();
  const auto* person = find_person(*state, address);
  if (person != nullptr && premises.daemon != nullptr) premises.daemon->close_sessions(person->id);
  return json{{"slot", slot}};
}

}  // namespace mailpod::admin
