// The second factor of a human password: asked for, changed, ended.
#include <mailpod/members/enrolment.hpp>

#include <algorithm>

#include "key_ring_state.hpp"
#include "member_folder.hpp"

namespace mailpod::members {
namespace {

constexpr std::size_t octets_of_a_key = 20;  // RFC 4226 §4

/// The seal holds a key's 32 octets; the codes are made from the first 20.
crypto::Key sealed_form(crypto::KeyArena& arena, std::string_view key) {
  std::string octets(key);
  octets.resize(crypto::Key::size, '\0');
  auto out = crypto::Key::copy_of(arena, octets);
  crypto::wipe(octets);
  return out;
}

}  // namespace

Result<std::vector<std::string>> KeyRing::ask_for_codes(std::string_view address, const Secret& secret,
                                                        const CodeKey& wanted) {
  const Household& house = state_->house;
  if (wanted.key.size() != octets_of_a_key) return make_error_code(Errc::wrong_code);
  const auto key = sealed_form(house.arena, wanted.key);
  const auto step = step_of(key, wanted.code, house.clock.now());
  if (!step) return make_error_code(Errc::wrong_code);
  auto codes = make_backup_codes(house.entropy);
  codes.kept.last_step = *step;
  const auto changed = replace_password(*state_, address, secret, {&key, std::move(codes.kept)});
  if (!changed) return changed.error();
  return std::move(codes.told);
}

Status KeyRing::ask_for_no_codes(std::string_view address, const Secret& secret) {
  return replace_password(*state_, address, secret, {nullptr, std::nullopt});
}

Result<CodesAsked> KeyRing::codes_asked(std::string_view address, const Secret& secret) {
  const auto opened = open_for_change(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const auto directory = state_->house.directory.state();
  const Person* person = directory->find(opened->person.id);
  if (person == nullptr || !std::ranges::any_of(opened->slots.live, asks_for_second_factor)) return CodesAsked{};
  return CodesAsked{true, person->second_factor ? person->second_factor->backup_codes.size() : 0};
}

/// The same password, in a slot of its own: an older file of it must not get around the codes.
Status KeyRing::replace_password(State& state, std::string_view address, const Secret& secret, const Asking& asking) {
  const Household& house = state.house;
  const auto opened = open_for_change(house, state.trials, address, secret);
  if (!opened) return opened.error();
  const auto& by = opened->with.slot.label;
  if (by.type != SlotType::password) return make_error_code(Errc::password_needed);
  end_enrolment(state, by.member, opened->slots);
  const std::scoped_lock lock(state.changing(by.member));
  const auto slots = present_slots(house, by);
  if (!slots) return slots.error();
  SlotChange change{.told_at = house.clock.now()};
  change.come.push_back(make_password_slot(slot_ports(house), new_label(house, by.member, SlotType::password, by.name),
                                           secret.text, opened->person.pepper, house.argon2,
                                           {*opened->with.vault_key, asking.key}));
  change.come.back().label.last_used = by.last_used;
  change.go = {by.id};
  change.more = [&](Person& person) { person.second_factor = asking.kept; };
  if (auto changed = change_slots(house, by.member, change); !changed) return changed;
  state.revoked->add(by.id);
  state.revoked->call_watchers(by.member);
  return {};
}

}  // namespace mailpod::members
