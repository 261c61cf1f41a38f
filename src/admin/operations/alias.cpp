#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

json change_json(const members::AliasChange& change) {
  return {{"member", change.member.str()}, {"address", change.address.str()}};
}

void add_aliases(json& out, const members::Person& person) {
  for (const auto& alias : person.aliases) {
    if (alias.progress != members::Alias::Progress::in_force) continue;
    const auto commitment = governance::address_commitment(alias.salt, alias.address.str());
    out.push_back({{"member", person.id.str()},
                   {"of", person.addresses.empty() ? "" : person.addresses.front().str()},
                   {"address", alias.address.str()},
                   {"salt", base::hex(base::octets(alias.salt))},
                   {"address_commitment", base::hex(base::octets(commitment))}});
  }
}

}  // namespace

Answer alias_add(const Premises& premises, const json& arguments) {
  const auto added = premises.addresses.add_alias(
      {file_argument(arguments, "act"), text_argument(arguments, "address"), hash_argument(arguments, "salt")});
  if (!added.has_value()) return added.error();
  return change_json(*added);
}

Answer alias_remove(const Premises& premises, const json& arguments) {
  const auto removed = premises.addresses.remove_alias(file_argument(arguments, "act"));
  if (!removed.has_value()) return removed.error();
  return change_json(*removed);
}

/// Everyone's, or those of one; each with the salt that lets its member check the commitment in the act.
Answer alias_list(const Premises& premises, const json& arguments) {
  const auto state = premises.directory.state();
  const auto who = optional_text(arguments, "who");
  json out = json::array();
  if (who.empty()) {
    for (const auto& [id, person] : state->people()) add_aliases(out, *person);
  } else {
    const auto* person = find_person(*state, who);
    if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
    add_aliases(out, *person);
  }
  return json{{"aliases", std::move(out)}};
}

}  // namespace mailpod::admin
