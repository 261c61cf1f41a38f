#include <limits>

#include <mailpod/base/bytes.hpp>
#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/governance/audit_log.hpp>
#include <mailpod/text/base64.hpp>

#include "../arguments.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"

// The audit log: what it says, and what maintainers sign of it.
namespace mailpod::admin {
namespace {

constexpr std::uint64_t most_entries = 10'000;

json entry_json(const governance::AuditEntry& entry) {
  json out{{"number", entry.number},
           {"at", time_text(entry.at)},
           {"kind", governance::row_of(entry.event.kind).name},
           {"fields", json::object()}};
  for (const auto& [name, value] : entry.event.fields) out["fields"][name] = value;
  return out;
}

}  // namespace

Answer audit_show(const Premises& premises, const json& arguments) {
  const auto most = optional_number(arguments, "last", most_entries).value_or(100);
  json out{{"entries", json::array()}};
  for (const auto& entry : governance::read_audit(premises.household.disk, premises.audit->folder(), most))
    out["entries"].push_back(entry_json(entry));
  return out;
}

/// What a maintainer signs: the checkpoint of all there is now, and under which comment.
Answer audit_checkpoint(const Premises& premises, const json&) {
  const auto file = premises.audit->checkpoint();
  if (!file.has_value()) return file.error();
  const auto& pod = premises.registry.gate().roster()->charters().at(premises.clock.now()).pod;
  const auto entries = premises.audit->head().size;
  return json{{"name", file->name},
              {"octets", file->octets},
              {"entries", entries},
              {"comment", governance::audit_comment(pod, entries, governance::identity(file->octets))}};
}

/// `signature`: a maintainer's, of a checkpoint of `entries`.
Answer audit_countersign(const Premises& premises, const json& arguments) {
  const auto entries = optional_number(arguments, "entries", std::numeric_limits<std::uint32_t>::max());
  if (!entries) throw BadRequest("the argument `entries` is missing");
  const auto& charter = premises.registry.gate().roster()->charters().at(premises.clock.now());
  std::vector<governance::Maintainer> in_term;
  for (const auto& maintainer : charter.maintainers) {
    if (maintainer.in_term(premises.clock.now())) in_term.push_back(maintainer);
  }
  const auto signer = premises.audit->countersign(*entries, text_argument(arguments, "signature"), in_term);
  if (!signer.has_value()) return signer.error();
  premises.audit->write({governance::AuditEvent::Kind::countersigned,
                         {{"entries", fmt::format("{}", *entries)}, {"key", signer->id_text()}}});
  return json{{"entries", *entries}, {"key", signer->id_text()}};
}

}  // namespace mailpod::admin
