#include <mailpod/base/bytes.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"

namespace mailpod::admin {

/// With one of the member's own secrets; there is no other way.
Answer app_password_add(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  auto added =
      premises.key_ring.add_app_password(address, text_argument(arguments, "secret"), text_argument(arguments, "name"));
  if (!added.has_value()) return complaint_for(added.error(), address);
  return json{{"slot", base::hex(base::octets(added->slot))},
              {"name", std::move(added->name)},
              {"password", std::move(added->password)}};
}

}  // namespace mailpod::admin
