#include <mailpod/base/bytes.hpp>

#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// The charter in force, and what a maintainer's command line needs to make acts and the next charter.
Answer charter_show(const Premises& premises, const json&) {
  const auto now = premises.clock.now();
  const auto roster = premises.registry.gate().roster();
  const auto& charters = roster->charters();
  const auto& in_force = charters.at(now);
  return json{{"pod", in_force.pod},
              {"seq", in_force.seq},
              {"effective", time_text(in_force.effective)},
              {"expires", time_text(in_force.expires)},
              {"expired", in_force.expired(now)},
              {"text", governance::write_charter(in_force)},
              {"latest_seq", charters.latest().seq},
              {"latest", governance::write_charter(charters.latest())},
              {"latest_identity", base::hex(base::octets(charters.latest_identity()))}};
}

}  // namespace mailpod::admin
