#include <system_error>

#include <mailpod/text/base64.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

namespace mailpod::admin {
namespace {

/// A charter that names another pod's key, or a mistaken one, would have everybody disbelieve what this pod signs.
governance::Verdict<void> check_pod_key(const governance::SignedFile& file, const crypto::PublicKey& ours) {
  const auto charter = governance::parse_charter(file.octets, file.name);
  if (!charter) return charter.error();
  const auto& named = charter->federation.pod_key;
  if (!named || *named == ours) return {};
  return governance::Complaint{
      governance::Errc::bad_value, file.name, 0, "names a pod_key that is not this pod's",
      fmt::format("write pod_key = \"{}\", and have all sign again", text::write_base64(base::octets(ours)))};
}

}  // namespace

/// The next charter, signed by the old threshold and the new.
Answer charter_accept(const Premises& premises, const json& arguments) {
  const auto file = file_argument(arguments, "charter");
  if (const auto v = check_pod_key(file, premises.household.pod_key.public_key()); !v) return v.error();
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
