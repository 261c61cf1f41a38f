#include <system_error>

#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {

/// The next charter, signed by the old threshold and the new.
Answer charter_accept(const Premises& premises, const json& arguments) {
  const auto file = file_argument(arguments, "charter");
  const auto accepted = premises.registry.record_charter(file, premises.clock.now());
  if (!accepted.has_value()) return accepted.error();
  try {
    premises.directory.remember(premises.registry.tally());
  } catch (const std::system_error& failure) {
    // It is accepted all the same. The next start remembers it; until then nobody would miss it in the record.
    premises.household.log.error("directory behind reason=\"{}\"", base::printable(failure.what()));
  }
  const auto roster = premises.registry.gate().roster();
  const auto& latest = roster->charters().latest();
  return json{{"seq", latest.seq}, {"effective", time_text(latest.effective)}};
}

}  // namespace mailpod::admin
