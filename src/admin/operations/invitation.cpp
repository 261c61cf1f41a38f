#include "../operation.hpp"
#include "../person_json.hpp"
#include "../recorded_act.hpp"

namespace mailpod::admin {
namespace {

/// Records an act of the maintainers about an invitation.
Answer record(const Premises& premises, const json& arguments, governance::Act::Kind kind) {
  const auto recorded = record_act(premises, arguments, kind);
  if (!recorded.has_value()) return recorded.error();
  return json{{"invitation", base::hex(base::octets(*recorded->invitation))}};
}

std::string_view state_of(const governance::Invitation& invitation, base::Time now) {
  if (invitation.used_by) return "used";
  if (invitation.withdrawn) return "withdrawn";
  return now < invitation.until ? "open" : "expired";
}

}  // namespace

Answer invitation_add(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::invite);
}

Answer invitation_withdraw(const Premises& premises, const json& arguments) {
  return record(premises, arguments, governance::Act::Kind::withdraw_invitation);
}

/// What the record knows of them: no secret, and no name before somebody came.
Answer invitation_list(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  json out = json::array();
  for (const auto& [commitment, invitation] : roster->invitations()) {
    json one{{"invitation", base::hex(base::octets(commitment))},
             {"made", time_text(invitation.made)},
             {"until", time_text(invitation.until)},
             {"state", state_of(invitation, now)}};
    if (invitation.by) one["by"] = invitation.by->str();
    if (invitation.used_by) one["used_by"] = invitation.used_by->str();
    out.push_back(std::move(one));
  }
  return json{{"invitations", std::move(out)}};
}

}  // namespace mailpod::admin
