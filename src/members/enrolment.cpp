#include <mailpod/members/enrolment.hpp>

#include <algorithm>
#include <map>

#include <mailpod/base/or_throw.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/store/vaults.hpp>
#include <mailpod/text/base32.hpp>
#include <mailpod/text/unicode.hpp>

#include "key_ring_state.hpp"
#include "member_folder.hpp"
#include "parallel.hpp"
#include "recovery_code.hpp"
#include "slot_changes.hpp"

namespace mailpod::members {
namespace {

/// One enrolment under way.
struct Enrolling {
  const Household& house;
  RevokedSlots& revoked;
  const Person& person;
  std::string code;  ///< 16 octets
  SlotFolder slots;
  Slot enrolment_slot;
  EnrolmentParameters parameters;
};

Status check_choice(const EnrolmentChoice& choice) {
  if (!choice.password && !choice.app_name) return make_error_code(Errc::nothing_chosen);
  if (choice.password && !is_good_password(*choice.password)) return make_error_code(Errc::weak_password);
  if (choice.app_name && !is_slot_name(*choice.app_name)) return make_error_code(Errc::bad_name);
  return {};
}

store::Vault::Ports vault_ports(const Household& house) {
  return {house.disk, house.clock, house.entropy, house.log, house.arena};
}

/// The new vault's key; the vault and, in the enrolment slot, its key are durable. A second try finds both there.
crypto::Key found_vault(Enrolling& enrolling, EnrolmentOpened opened) {
  const Household& house = enrolling.house;
  if (opened.vault_key) return std::move(*opened.vault_key);
  const crypto::VaultKey key(crypto::Key::random(house.arena, house.entropy));
  const auto vault = store::create_vault(vault_ports(house), folder_of(house, enrolling.person.id), enrolling.person.id,
                                         key, &opened.first_drop_key, enrolling.parameters.first_drop_key_number + 1);
  enrolling.parameters.vault = {vault.drop_key_number, vault.drop_recipient};
  enrolling.slots.write(make_enrolment_slot(slot_ports(house), enrolling.enrolment_slot.label, enrolling.code,
                                            enrolling.parameters, opened.first_drop_key, &key.secret()));
  return crypto::Key::copy_of(house.arena, key.secret().octets());
}

/// Slots of an earlier try that never answered; nobody was given their secrets.
void remove_unanswered_slots(Enrolling& enrolling) {
  for (const auto& slot : enrolling.slots.list(enrolling.person.id).slots) {
    if (slot.label.id == enrolling.enrolment_slot.label.id) continue;
    enrolling.slots.remove(slot.label.id);
    enrolling.revoked.add(slot.label.id);
  }
}

/// New slots durable → card. The directory's word follows, for all that enrol together.
Begun carry_out(Enrolling& enrolling, EnrolmentOpened opened, const EnrolmentChoice& choice) {
  const Household& house = enrolling.house;
  const MemberId id = enrolling.person.id;
  const auto vault_key = found_vault(enrolling, std::move(opened));
  remove_unanswered_slots(enrolling);
  std::vector<Slot> made;
  Begun out{{id, std::nullopt, std::nullopt}, {}};
  if (choice.password) {
    made.push_back(make_password_slot(slot_ports(house), new_label(house, id, SlotType::password, "password"),
                                      *choice.password, enrolling.person.pepper, house.argon2, vault_key));
  }
  if (choice.app_name) {
    auto app = make_app_password(house, {id, *choice.app_name, every_scope}, {}, vault_key);
    made.push_back(std::move(app.slot));
    out.enrolled.app = std::move(app.told);
  }
  if (choice.recovery == EnrolmentChoice::Recovery::code) {
    auto code = make_recovery_code(house, id, vault_key);
    made.push_back(std::move(code.slot));
    out.enrolled.recovery_code = std::move(code.text);
  }
  for (const auto& slot : made) enrolling.slots.write(slot);
  // The code goes on until they have been told.
  made.push_back(enrolling.enrolment_slot);
  out.roll = roll_of(made);
  write_card(house, {id, enrolling.parameters.vault->drop_key_number, enrolling.parameters.vault->drop_recipient,
                     std::nullopt});
  return out;
}

/// The enrolment slot that `code` opens.
std::optional<std::pair<Slot, EnrolmentOpened>> open_enrolment(const Household& house, const Person& person,
                                                               std::string_view code) {
  for (auto& slot : read_slots(house, person).live) {
    if (slot.label.type != SlotType::enrolment) continue;
    auto opened = open_enrolment_slot(house.arena, slot, code);
    if (opened) return std::pair{std::move(slot), std::move(*opened)};
  }
  return std::nullopt;
}

Status check_person(const Household& house, const Person* person) {
  if (person == nullptr) return make_error_code(Errc::not_a_member);
  if (const auto may = house.registry.gate().may_be_enrolled(person->id, house.clock.now()); !may) return may;
  if (!person->has_card()) return make_error_code(Errc::no_card);
  return {};
}

/// Whether whoever enrolled has their secrets: then the code is worth nothing, though its slot be there still. Died the
/// machine before it could tell them, only the code leads to their vault.
bool were_told(const std::vector<Slot>& slots) {
  return std::ranges::any_of(slots, [](const Slot& slot) { return slot.label.last_used != 0; });
}

Result<Begun> enrol_in_folder(const Household& house, RevokedSlots& revoked, const Person& person,
                              const EnrolmentRequest& request) {
  const auto code = text::parse_code(request.code);
  if (!code || code->size() != 16) return make_error_code(Errc::mistyped_secret);
  const bool enrolled_before = person.progress == Person::Progress::enrolled;
  if (enrolled_before && were_told(read_slots(house, person).live)) return make_error_code(Errc::already_enrolled);
  auto found = open_enrolment(house, person, *code);
  if (!found) return make_error_code(enrolled_before ? Errc::already_enrolled : Errc::wrong_secret);
  const auto parameters = *enrolment_parameters(found->first);
  Enrolling enrolling{house, revoked, person, *code, slots_of(house, person.id), std::move(found->first), parameters};
  auto begun = carry_out(enrolling, std::move(found->second), request.choice);
  crypto::wipe(enrolling.code);
  return begun;
}

void remove_enrolment_slots(const Household& house, MemberId id) {
  auto folder = slots_of(house, id);
  for (const auto& slot : folder.list(id).slots) {
    if (slot.label.type == SlotType::enrolment) folder.remove(slot.label.id);
  }
}

}  // namespace

/// All but the directory's word.
Result<Begun> KeyRing::enrol_one(State& state, Claims& claims, const EnrolmentRequest& request) {
  if (const auto good = check_choice(request.choice); !good) return good.error();
  const auto before = state.house.directory.state();
  const Person* known = before->find(request.address);
  if (known == nullptr) return make_error_code(Errc::not_a_member);
  // A second try by the same code would take the first one's slots for leftovers.
  if (!claims.take(known->id)) return make_error_code(Errc::busy);
  // Asked again, now that nobody else can finish it in between.
  const auto directory = state.house.directory.state();
  const Person* person = directory->find(request.address);
  if (const auto may = check_person(state.house, person); !may) return may.error();
  const std::scoped_lock lock(state.changing(person->id));
  return enrol_in_folder(state.house, *state.revoked, *person, request);
}

/// Somebody holds a secret made by it: what could not be removed then goes now, and whatever else counts no more.
void KeyRing::end_enrolment(State& state, MemberId id, const Slots& slots) {
  SlotChange change;
  for (const auto& slot : slots.live) {
    if (slot.label.type == SlotType::enrolment) change.go.push_back(slot.label.id);
  }
  if (change.go.empty() && !slots.strays) return;
  const std::scoped_lock lock(state.changing(id));
  try {
    static_cast<void>(change_slots(state.house, id, change));
  } catch (const std::system_error& failure) {
    // No reason to keep anybody from their secrets. The next login tries this again.
    state.house.log.warning("enrolment slot not removed yet reason=\"{}\"", base::printable(failure.what()));
  }
}

std::vector<Result<Enrolled>> KeyRing::enrol_all(std::span<const EnrolmentRequest> requests) {
  const Household& house = state_->house;
  Claims claims(state_->claiming, state_->enrolling);
  std::vector<Result<Enrolled>> out(requests.size(), Result<Enrolled>(make_error_code(Errc::not_a_member)));
  std::vector<SlotRoll> made(requests.size());
  for_each_in_parallel(requests.size(), [&](std::size_t i) {
    auto begun = enrol_one(*state_, claims, requests[i]);
    if (!begun) {
      out[i] = begun.error();
      return;
    }
    made[i] = std::move(begun->roll);
    out[i] = std::move(begun->enrolled);
  });
  std::vector<MemberId> members;
  std::map<MemberId, SlotRoll> rolls;
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (!out[i]) continue;
    members.push_back(out[i]->member);
    rolls[members.back()] = std::move(made[i]);
  }
  // Their enrolment slots stay: died the machine before they are told, only their codes lead to their vaults.
  const auto now = std::chrono::floor<std::chrono::seconds>(house.clock.now());
  const auto roster = house.registry.gate().roster();
  const auto& charter = roster->charters().at(now);
  const Consent accepted{now, charter.seq, roster->charters().identity_of(charter.seq)};
  const auto enrolled = [&](Person& person) {
    person.progress = Person::Progress::enrolled;
    person.slots = rolls.at(person.id);
    person.consent = accepted;
  };
  if (!members.empty()) or_throw(house.directory.change(members, enrolled));
  return out;
}

void KeyRing::forget_codes(std::span<const EnrolmentRequest> told) {
  const Household& house = state_->house;
  const auto directory = house.directory.state();
  std::vector<const Person*> knowing(told.size());
  for_each_in_parallel(told.size(), [&](std::size_t i) {
    const Person* person = directory->find(told[i].address);
    if (person == nullptr || person->progress != Person::Progress::enrolled) return;
    const auto code = text::parse_code(told[i].code);
    if (code && open_enrolment(house, *person, *code)) knowing[i] = person;
  });
  std::erase(knowing, nullptr);
  std::vector<MemberId> members;
  for (const auto* person : knowing) members.push_back(person->id);
  if (members.empty()) return;
  try {
    // One word for all of them; whose roll has not begun has nothing struck from it, but their slot removed.
    const auto strike_codes = [](Person& person) {
      if (person.slots) std::erase_if(*person.slots, [](const SlotMark& mark) { return mark.is_enrolment(); });
    };
    or_throw(house.directory.change(members, strike_codes));
    for_each_in_parallel(members.size(), [&](std::size_t i) {
      const std::scoped_lock lock(state_->changing(members[i]));
      remove_enrolment_slots(house, members[i]);
    });
  } catch (const std::system_error& failure) {
    // The next login tries this again.
    house.log.warning("enrolment slot not removed yet reason=\"{}\"", base::printable(failure.what()));
  }
}

Result<Enrolled> KeyRing::enrol(const EnrolmentRequest& request) {
  return std::move(enrol_all({&request, 1}).front());
}

}  // namespace mailpod::members
