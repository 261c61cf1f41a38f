#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../vault_errand.hpp"

namespace mailpod::admin {

Answer app_password_list(const Premises& premises, const json& arguments) {
  const auto& address = text_argument(arguments, "address");
  const auto labels = premises.key_ring.list(address, secret_argument(arguments));
  if (!labels.has_value()) return complaint_for(labels.error(), address);
  return json{{"slots", labels_json(*labels)}};
}

}  // namespace mailpod::admin
