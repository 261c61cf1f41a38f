#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

std::string_view state_of(const governance::Dispute& dispute, base::Time now) {
  if (dispute.closed) return "closed";
  return now < dispute.until ? "open" : "to be closed";
}

}  // namespace

/// What the record says of them, and it says nobody's name.
Answer dispute_list(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  json out = json::array();
  for (const auto& [id, dispute] : roster->disputes()) {
    json one{{"dispute", base::hex(base::octets(id))},
             {"opened", time_text(dispute.opened)},
             {"until", time_text(dispute.until)},
             {"answers", dispute.answers.size()},
             {"state", state_of(dispute, now)}};
    if (dispute.closed) one["closed"] = time_text(*dispute.closed);
    if (dispute.outcome) one["outcome"] = governance::name_of(*dispute.outcome);
    out.push_back(std::move(one));
  }
  return json{{"disputes", std::move(out)}};
}

}  // namespace mailpod::admin
