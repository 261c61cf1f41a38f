#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// What a newcomer reads before they accept it: the charter in force, octet for octet as it was signed.
Answer join_charter(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto& charter = roster->charters().at(now);
  const auto file = premises.registry.charter_file(charter.seq);
  return json{{"pod", charter.pod},
              {"seq", charter.seq},
              {"identity", base::hex(base::octets(roster->charters().identity_of(charter.seq)))},
              {"expired", charter.expired(now)},
              {"octets", file.octets}};
}

/// A member from now on, who then enrols by their code; or a candidate.
Answer join(const Premises& premises, const json& arguments) {
  members::JoinRequest request{file_argument(arguments, "join"), text_argument(arguments, "address"),
                               hash_argument(arguments, "salt"), code_argument(arguments)};
  const auto joined = premises.admissions.join(request);
  crypto::wipe(request.code);
  if (!joined.has_value()) return joined.error();
  if (joined->as == members::Joined::As::candidate) settle(premises);
  const bool is_member = premises.registry.gate().roster()->find(joined->member) != nullptr;
  return json{
      {"member", joined->member.str()}, {"address", joined->address}, {"as", is_member ? "member" : "candidate"}};
}

}  // namespace mailpod::admin
