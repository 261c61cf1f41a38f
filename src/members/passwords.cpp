// A member who forgets a password, and what becomes of the codes in their drawer.
#include <mailpod/members/enrolment.hpp>

#include <algorithm>

#include "key_ring_state.hpp"
#include "member_folder.hpp"
#include "recovery_code.hpp"

namespace mailpod::members {
namespace {

const Slot* find_password(const std::vector<Slot>& slots) {
  const auto found = std::ranges::find(slots, SlotType::password, [](const Slot& slot) { return slot.label.type; });
  return found == slots.end() ? nullptr : &*found;
}

std::vector<SlotId> ids_of(const std::vector<Slot>& slots, SlotType type) {
  std::vector<SlotId> out;
  for (const auto& slot : slots) {
    if (slot.label.type == type) out.push_back(slot.label.id);
  }
  return out;
}

/// A new recovery code for whoever opened the vault by `by`, beside the earlier ones: these go once its holder was
/// told. After three that died untold, they go now. No limit of slots stands in the way of who has nothing else.
std::string add_recovery_code(const Household& house, const OpenedSlot& by, const std::vector<Slot>& slots,
                              SlotChange& change) {
  constexpr std::size_t most_untold = 3;
  auto earlier = ids_of(slots, SlotType::recovery);
  std::erase(earlier, by.slot.label.id);
  if (earlier.size() >= most_untold) change.go.insert(change.go.end(), earlier.begin(), earlier.end());
  auto code = make_recovery_code(house, by.slot.label.member, *by.vault_key);
  change.come.push_back(std::move(code.slot));
  return std::move(code.text);
}

}  // namespace

bool has_no_limits(const SlotLabel& label) {
  return label.scopes == every_scope && !label.expires;
}

Status may_change(const std::vector<Slot>& slots, const SlotLabel& by) {
  if (!has_no_limits(by)) return make_error_code(Errc::not_permitted);
  const Slot* password = find_password(slots);
  const bool guarded = password != nullptr && asks_for_second_factor(*password);
  if (guarded && by.type != SlotType::password && by.type != SlotType::recovery)
    return make_error_code(Errc::not_permitted);
  return {};
}

Result<PasswordChanged> KeyRing::change_password(std::string_view address, const Secret& secret,
                                                 std::string_view password) {
  const Household& house = state_->house;
  if (!is_good_password(password)) return make_error_code(Errc::weak_password);
  const auto opened = open_for_change(house, state_->trials, address, secret, Accepts::recovery_codes_too);
  if (!opened) return opened.error();
  const auto& by = opened->with.slot.label;
  end_enrolment(*state_, by.member, opened->slots);
  const std::scoped_lock lock(state_->changing(by.member));
  const auto slots = present_slots(house, by);
  if (!slots) return slots.error();
  if (const auto may = may_change(slots->live, by); !may) return may.error();

  // Only the old password opens what the codes are made from: a recovery code goes on without.
  const auto& factor = opened->with.second_factor;
  const auto& vault_key = *opened->with.vault_key;
  SlotChange change{.told_at = house.clock.now()};
  change.come.push_back(
      make_password_slot(slot_ports(house), new_label(house, by.member, SlotType::password, "password"), password,
                         opened->person.pepper, house.argon2, {vault_key, factor ? &*factor : nullptr}));
  change.go = ids_of(slots->live, SlotType::password);
  if (!factor) change.more = [](Person& person) { person.second_factor.reset(); };
  PasswordChanged out;
  if (by.type == SlotType::recovery) {
    out.recovery_code = add_recovery_code(house, opened->with, slots->live, change);
  }
  if (const auto changed = change_slots(house, by.member, change); !changed) return changed.error();
  for (const auto& id : change.go) state_->revoked->add(id);
  state_->revoked->call_watchers(by.member);
  return out;
}

Result<std::string> KeyRing::new_recovery_code(std::string_view address, const Secret& secret) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->trials, address, secret, Accepts::recovery_codes_too);
  if (!opened) return opened.error();
  const auto& by = opened->with.slot.label;
  end_enrolment(*state_, by.member, opened->slots);
  const std::scoped_lock lock(state_->changing(by.member));
  const auto slots = present_slots(house, by);
  if (!slots) return slots.error();
  if (const auto may = may_change(slots->live, by); !may) return may.error();
  SlotChange change{.told_at = house.clock.now()};
  auto code = add_recovery_code(house, opened->with, slots->live, change);
  if (const auto changed = change_slots(house, by.member, change); !changed) return changed.error();
  return code;
}

Status KeyRing::forget_recovery_codes(std::string_view address, std::string_view code) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->trials, address, code, Accepts::recovery_codes_too);
  if (!opened) return opened.error();
  const auto& kept = opened->with.slot.label;
  if (kept.type != SlotType::recovery) return make_error_code(Errc::wrong_secret);
  const std::scoped_lock lock(state_->changing(kept.member));
  const auto slots = present_slots(house, kept);
  if (!slots) return slots.error();
  SlotChange change{.go = ids_of(slots->live, SlotType::recovery)};
  std::erase(change.go, kept.id);
  if (change.go.empty()) return {};
  return change_slots(house, kept.member, change);
}

}  // namespace mailpod::members
