#include <mailpod/admin/audit_trail.hpp>
#include <mailpod/base/bytes.hpp>
#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/members/error.hpp>

#include "../arguments.hpp"
#include "../complaint_for.hpp"
#include "../operation.hpp"
#include "../person_json.hpp"
#include "../queue_entry.hpp"
#include "../slot_json.hpp"
#include "../vault_errand.hpp"

// Everything that the pod stores about one member, for themselves; for an administrator, what administrators see.
namespace mailpod::admin {
namespace {

using members::Person;

constexpr std::size_t most_items = 1000;  ///< of each kind; beyond, the report says that there are more
constexpr std::size_t most_audit_entries = 1'000'000;

/// A list that ends somewhere, and says so.
class Listed {
public:
  void add(json item) {
    if (items_.size() < most_items) items_.push_back(std::move(item));
    ++all_;
  }
  void into(json& out, const char* name) {
    out[name] = std::move(items_);
    if (all_ > most_items) out[std::string(name) + "_in_all"] = all_;
  }

private:
  json items_ = json::array();
  std::size_t all_ = 0;
};

json commitment_json(const members::Address& address, const base::ByteArray<32>& salt) {
  return {{"address", address.str()},
          {"salt", base::hex(base::octets(salt))},
          {"commitment", base::hex(base::octets(governance::address_commitment(salt, address.str())))}};
}

json addresses_json(const Person& person) {
  json out = json::array();
  for (const auto& address : person.addresses) out.push_back(commitment_json(address, person.salt));
  for (const auto& alias : person.aliases) out.push_back(commitment_json(alias.address, alias.salt));
  return out;
}

/// By joining under a signature of their own, by enrolling with a maintainer's code, or both.
json consent_json(const Premises& premises, const Person& person) {
  json out = json::array();
  const auto roster = premises.registry.gate().roster();
  const auto* standing = roster->find(person.id);
  if (standing != nullptr && standing->accepted) {
    out.push_back({{"by", "joining, under the member's own signature"},
                   {"charter", standing->accepted->charter},
                   {"sha256", base::hex(base::octets(standing->accepted->identity))},
                   {"file", base::hex(base::octets(standing->accepted->join))}});
  }
  if (person.consent) {
    out.push_back({{"by", "enrolling"},
                   {"at", time_text(person.consent->at)},
                   {"charter", person.consent->charter},
                   {"sha256", base::hex(base::octets(person.consent->identity))}});
  }
  return out;
}

/// Entries of the record that name the member's id or key: acts, joining, vouches and ballots, each as it was signed.
void add_record(const Premises& premises, const Person& person, json& out) {
  const auto roster = premises.registry.gate().roster();
  const auto* standing = roster->find(person.id);
  const auto id = person.id.str();
  const auto key = standing != nullptr && standing->citizen_key ? standing->citizen_key->str() : std::string();
  Listed found;
  const auto count = premises.registry.tally().count;
  for (std::uint64_t number = 1; number <= count; ++number) {
    const auto entry = governance::parse_entry(premises.registry.entry(number), "entry");
    if (!entry.has_value()) continue;
    const bool names_them =
        entry->octets.find(id) != std::string::npos || (!key.empty() && entry->octets.find(key) != std::string::npos);
    if (names_them)
      found.add({{"entry", number}, {"accepted", time_text(entry->accepted_at)}, {"text", entry->octets}});
  }
  found.into(out, "record");
}

void add_groups(const Premises& premises, const Person& person, json& out) {
  Listed found;
  for (const auto& [id, group] : premises.directory.state()->groups()) {
    if (std::ranges::find(group->members, person.id) != group->members.end()) found.add(group->address.str());
  }
  found.into(out, "groups");
}

void add_queue(const Premises& premises, const Person& person, json& out) {
  Listed found;
  for (const auto& summary : premises.queue.list()) {
    const auto entry = premises.queue.show(summary.id);
    if (!entry.has_value() || entry->submitter != person.id) continue;
    found.add(listed(*entry, premises.queue.suppressions(), premises.clock.now()));
  }
  found.into(out, "queue");
}

void add_audit(const Premises& premises, const Person& person, json& out) {
  out["audit_mark"] = audit_mark(person);
  Listed found;
  if (premises.audit != nullptr) {
    const auto entries = governance::read_audit(premises.household.disk, premises.audit->folder(), most_audit_entries);
    for (const auto& entry : entries) {
      if (entry.event.field("member") != audit_mark(person)) continue;
      json one{
          {"number", entry.number}, {"at", time_text(entry.at)}, {"kind", governance::row_of(entry.event.kind).name}};
      for (const auto& [name, value] : entry.event.fields) one[name] = value;
      found.add(std::move(one));
    }
  }
  found.into(out, "audit");
}

void add_counts(const Premises& premises, const Person& person, json& out) {
  out["slots"] = json::object();
  for (const auto& [type, count] : premises.key_ring.count_slots(person.id)) out["slots"][name_of(type)] = count;
}

/// What the pod itself knows, without any secret of the member's.
json common_report(const Premises& premises, const Person& person) {
  json out = person_json(premises, person);
  const auto usage = premises.vaults.usage(person.id);
  out["usage_octets"] = usage.octets;
  out["usage_messages"] = usage.messages;
  out["consent"] = consent_json(premises, person);
  add_counts(premises, person, out);
  out["one_time_codes"] = person.second_factor.has_value();
  if (person.slots_changed != base::Time{}) out["secrets_changed"] = time_text(person.slots_changed);
  if (person.fullness) out["told_full_percent"] = person.fullness->told;
  add_groups(premises, person, out);
  add_record(premises, person, out);
  add_queue(premises, person, out);
  add_audit(premises, person, out);
  const auto& privacy = premises.registry.gate().roster()->charters().at(premises.clock.now()).privacy;
  out["retention_days"] = privacy.retention_days;
  out["log_days"] = privacy.log_days;
  return out;
}

}  // namespace

/// By one of the member's secrets, everything. Without, for administrators: not the salts, by which commitments could
/// be told apart, not the names of devices, and not where mail goes on to.
Answer member_data_report(const Premises& premises, const json& arguments) {
  const auto& who = text_argument(arguments, "address");
  const bool by_member = arguments.contains("secret") || premises.asker == Asker::member;
  std::vector<members::SlotLabel> labels;
  if (by_member) {
    auto listed = premises.key_ring.list(who, secret_argument(arguments));
    if (!listed.has_value()) return complaint_for(listed.error(), who);
    labels = std::move(*listed);
  }
  const auto state = premises.directory.state();
  const auto* person = find_person(*state, who);
  if (person == nullptr) return complaint_for(make_error_code(members::Errc::not_a_member), who);
  json out = common_report(premises, *person);
  out["for"] = by_member ? "member" : "administrator";
  if (!by_member) return out;
  out["commitments"] = addresses_json(*person);
  out["secrets"] = labels_json(labels);
  out["forward"] = nullptr;
  if (person->forward)
    out["forward"] = {{"to", person->forward->to.str()},
                      {"copy", person->forward->copy == members::Forward::Copy::kept}};
  if (person->second_factor) out["backup_codes_left"] = person->second_factor->backup_codes.size();
  return out;
}

}  // namespace mailpod::admin
