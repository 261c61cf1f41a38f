#include <mailpod/base/bytes.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// One member; with the salt, which lets the member check the commitment that their admission holds.
Answer member_show(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "who");
  const auto state = premises.directory.state();
  const auto* person = find_person(*state, who);
  if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
  json out = person_json(premises, *person);
  const auto usage = premises.vaults.usage(person->id);
  out["usage_octets"] = usage.octets;
  out["usage_messages"] = usage.messages;
  if (person->fullness && person->fullness->since) out["full_since"] = time_text(*person->fullness->since);
  out["salt"] = base::hex(base::octets(person->salt));
  const auto roster = premises.registry.gate().roster();
  if (const auto* standing = roster->find(person->id))
    out["address_commitment"] = base::hex(base::octets(standing->address_commitment));
  return out;
}

}  // namespace mailpod::admin
