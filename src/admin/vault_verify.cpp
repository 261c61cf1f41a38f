#include <set>

#include <mailpod/members/error.hpp>
#include <utility>

#include "arguments.hpp"
#include "complaint_for.hpp"
#include "person_json.hpp"
#include "slot_json.hpp"
#include "vault_errand.hpp"

namespace mailpod::admin {

VaultErrand::VaultErrand(Premises its_premises, const members::Person& person, const json& arguments)
    : premises(std::move(its_premises)),
      member(person.id),
      address(person.addresses.empty() ? person.id.str() : person.addresses[0].str()),
      secret(optional_text(arguments, "secret")),
      one_time_code(optional_text(arguments, "one_time_code")),
      options(arguments) {
  options.erase("secret");
  options.erase("one_time_code");
}

VaultErrand::~VaultErrand() {
  crypto::wipe(secret);
}

std::optional<governance::Complaint> VaultErrand::visit(const std::function<void(const VaultDoor::Room&)>& work,
                                                        members::KeyRing::Demand demand) const {
  const auto login = premises.key_ring.unlock(address, proof(), demand);
  if (!login.has_value()) return complaint_for(login.error(), address);
  const auto visited = premises.vaults.visit(*login, work);
  if (!visited.has_value()) return complaint_for(visited.error(), address);
  return std::nullopt;
}

json fault_json(const store::Fault& fault) {
  const auto words = store::words_for(fault.kind);
  json out{{"kind", words.name}, {"place", fault.place}, {"detail", base::printable(fault.detail, 200)},
           {"what", words.what}, {"means", words.means}, {"remedy", words.remedy}};
  if (fault.uid.value == 0) return out;
  out["octets"] = fault.size;
  out["date"] = time_text(base::from_seconds(fault.internal_date));
  return out;
}

json labels_json(const std::vector<members::SlotLabel>& labels) {
  json out = json::array();
  for (const auto& label : labels) {
    json slot{{"slot", base::hex(base::octets(label.id))},
              {"type", name_of(label.type)},
              {"name", label.name},
              {"scopes", names_of(label.scopes)}};
    if (label.expires) slot["expires"] = time_text(*label.expires);
    if (label.last_used != 0)
      slot["last_used"] = time_text(base::from_seconds(std::uint64_t{label.last_used} * 86'400)).substr(0, 10);
    out.push_back(std::move(slot));
  }
  return out;
}

void examine(store::Examination& examination, Errands::Pace& pace, const VaultDoor::Room* room) {
  while (examination.more()) {
    const auto progress = examination.progress();
    pace.step(progress.done, progress.of);
  }
  const auto confirm = [&] { examination.confirm(); };
  if (room != nullptr) {
    room->change(confirm);
  } else {
    confirm();
  }
}

std::vector<store::Fault> merged(std::vector<store::Fault> outside, const std::vector<store::Fault>& inside) {
  std::set<std::string> known;
  for (const auto& fault : inside) {
    if (!fault.path.empty()) known.insert(fault.path);
    if (fault.path.empty()) known.insert(fault.place);
  }
  std::erase_if(outside, [&](const store::Fault& fault) { return known.contains(fault.path); });
  outside.insert(outside.end(), inside.begin(), inside.end());
  return outside;
}

std::vector<store::Fault> faults_outside(const VaultErrand& errand, Errands::Pace& pace, std::uint64_t& looked_at) {
  const auto& house = errand.premises.household;
  const auto examination =
      store::examine_folder({house.disk, house.clock, errand.folder(), errand.member, house.pod_key.public_key()});
  examine(*examination, pace, nullptr);
  looked_at += examination->progress().done;
  auto faults = examination->faults();
  // A vault is made by enrolment; until then there is only what waits for it.
  const auto state = errand.premises.directory.state();
  const auto* person = state->find(errand.member);
  if (person != nullptr && person->progress != members::Person::Progress::enrolled)
    std::erase_if(faults, [](const store::Fault& fault) { return fault.kind == store::Fault::Kind::journal_missing; });
  for (auto& fault : errand.premises.key_ring.damaged_slots(errand.member)) faults.push_back(std::move(fault));
  return faults;
}

Answer verify_vault(const VaultErrand& errand, Errands::Pace& pace) {
  std::uint64_t files = 0;
  auto faults = faults_outside(errand, pace, files);
  json out{{"address", errand.address}, {"files", files}, {"unlocked", !errand.secret.empty()}};
  if (!errand.secret.empty()) {
    const auto refused = errand.visit([&](const VaultDoor::Room& room) {
      const auto examination = room.vault.examine();
      examine(*examination, pace, &room);
      const auto progress = examination->progress();
      out["messages"] = progress.done;
      out["expunged_meanwhile"] = progress.went;
      faults = merged(std::move(faults), examination->faults());
    });
    if (refused) return *refused;
  }
  out["faults"] = json::array();
  for (const auto& fault : faults) out["faults"].push_back(fault_json(fault));
  return out;
}

}  // namespace mailpod::admin
