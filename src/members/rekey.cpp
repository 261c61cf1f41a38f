#include <mailpod/store/rekey.hpp>

#include "app_password.hpp"
#include "key_ring_state.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

/// The slot that leads by `secret` to another key, in the place of the one that led to the present one.
Result<Slot> rewrapped(const Household& house, const Opened& opened, std::string_view secret,
                       const crypto::Key& vault_key) {
  const auto& slot = opened.with.slot;
  if (slot.label.type == SlotType::password) {
    const auto& factor = opened.with.second_factor;
    return make_password_slot(slot_ports(house), slot.label, secret, opened.person.pepper, house.argon2,
                              {vault_key, factor ? &*factor : nullptr});
  }
  const auto parameters = app_parameters(slot);
  auto canonical = canonical_app_password(secret);
  if (!parameters || !canonical) return make_error_code(Errc::wrong_secret);
  auto fresh = make_app_slot(slot_ports(house), slot.label, *canonical, *parameters, vault_key);
  crypto::wipe(*canonical);
  return fresh;
}

store::Vault::Ports vault_ports(const Household& house) {
  return {house.disk, house.clock, house.entropy, house.log, house.arena};
}

Result<Opened> open_for_reading(const Household& house, Trials& trials, std::string_view address,
                                const Secret& secret) {
  auto opened = open_for_change(house, trials, address, secret);
  if (!opened) return opened.error();
  const auto scopes = opened->with.slot.label.scopes;
  if ((scopes & static_cast<sasl::Scopes>(sasl::Scope::imap)) == 0) return make_error_code(Errc::wrong_secret);
  return opened;
}

std::vector<SlotLabel> all_but(const std::vector<Slot>& slots, const SlotId& id) {
  std::vector<SlotLabel> labels;
  for (const auto& slot : slots) {
    if (slot.label.id != id) labels.push_back(slot.label);
  }
  return labels;
}

}  // namespace

Result<sasl::Login> KeyRing::unlock(std::string_view address, const Secret& secret, Demand demand) {
  auto opened = open_for_reading(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const auto& by = opened->with.slot.label;
  if (demand == Demand::what_outlives_it && !has_no_limits(by)) return make_error_code(Errc::not_permitted);
  if (demand == Demand::everything) {
    if (const auto may = may_change(opened->slots.live, by); !may) return may.error();
  }
  end_enrolment(*state_, opened->person.id, opened->slots);
  auto& with = opened->with;
  const auto age = state_->revoked->age(with.slot.label.id);
  return login_by(state_->house, state_->revoked, with.slot.label, std::move(with.vault_key), age);
}

Result<std::vector<SlotLabel>> KeyRing::others(std::string_view address, const Secret& secret) {
  const auto opened = open_for_reading(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  if (const auto may = may_change(opened->slots.live, opened->with.slot.label); !may) return may.error();
  return all_but(opened->slots.live, opened->with.slot.label.id);
}

Result<std::vector<SlotLabel>> KeyRing::rekey(std::string_view address, const Secret& secret) {
  const Household& house = state_->house;
  auto opened = open_for_reading(house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const MemberId id = opened->person.id;
  const SlotId kept = opened->with.slot.label.id;
  const std::scoped_lock lock(state_->changing(id));
  const auto slots = present_slots(house, opened->with.slot.label);
  if (!slots) return slots.error();
  const auto going = all_but(slots->live, kept);
  // One that ends would be the last to open the mail, and take it along.
  if (const auto may = may_change(slots->live, opened->with.slot.label); !may) return may.error();

  const store::VaultPlace place{folder_of(house, id), id, house.pod_key.public_key()};
  const auto present = std::make_shared<const crypto::VaultKey>(std::move(*opened->with.vault_key));
  const crypto::VaultKey fresh(crypto::Key::random(house.arena, house.entropy));
  const auto made = store::begin_rekey(vault_ports(house), place, present, fresh);
  if (!made) return made.error();
  store::Card card{id, made->drop_key_number, made->drop_recipient, std::nullopt};
  if (const auto before = find_card(house, id)) card.archive_recipient = before->archive_recipient;
  store::write_next_card(house.disk, place.folder, card, house.pod_key);
  const auto rewrapping = rewrapped(house, *opened, secret.text, fresh.secret());
  if (!rewrapping) return rewrapping.error();
  // All others first: none of them may lead to the old key once the new one counts. The kept one counts as it is and as
  // it is about to be.
  auto roll = roll_of({&opened->with.slot, 1});
  enter(roll, mark_of(*rewrapping));
  const bool goes_on_with_codes = opened->with.second_factor.has_value();
  const auto only_kept = [&](Person& person) {
    person.slots = roll;
    person.slots_changed = std::chrono::floor<std::chrono::seconds>(house.clock.now());
    if (!goes_on_with_codes) person.second_factor.reset();
  };
  if (const auto changed = house.directory.change({&id, 1}, only_kept); !changed) return changed.error();
  auto files = slots_of(house, id);
  for (const auto& label : going) {
    files.remove(label.id);
    state_->revoked->add(label.id);
  }
  files.write(*rewrapping);  // the commit point
  state_->revoked->renew(kept);
  state_->revoked->call_watchers(id);
  // Its older file counts no more.
  const auto only_fresh = [&](Person& person) { person.slots = roll_of({&*rewrapping, 1}); };
  if (const auto changed = house.directory.change({&id, 1}, only_fresh); !changed) return changed.error();
  store::settle_rekey(house.disk, place, fresh);
  return going;
}

void KeyRing::write_card(const store::Card& card) {
  members::write_card(state_->house, card);
}

std::vector<store::Fault> KeyRing::damaged_slots(MemberId member) const {
  const auto& house = state_->house;
  auto names = slots_of(house, member).list(member).damaged;
  const auto directory = house.directory.state();
  if (const Person* person = directory->find(member)) {
    for (const auto& id : read_slots(house, *person).changed) names.push_back(base::hex(base::octets(id)) + ".slot");
  }
  std::vector<store::Fault> faults;
  for (const auto& name : names) {
    store::Fault fault{store::Fault::Kind::slot_damaged, "slots/" + base::printable(name), {}};
    fault.path = "slots/" + name;
    faults.push_back(std::move(fault));
  }
  return faults;
}

std::map<SlotType, std::size_t> KeyRing::count_slots(MemberId member) const {
  std::map<SlotType, std::size_t> counts;
  const auto directory = state_->house.directory.state();
  const Person* person = directory->find(member);
  if (person == nullptr) return counts;
  for (const auto& slot : read_slots(state_->house, *person).live) ++counts[slot.label.type];
  return counts;
}

}  // namespace mailpod::members
