#include <mailpod/members/enrolment.hpp>

#include "key_ring_state.hpp"

namespace mailpod::members {

Result<Caution> KeyRing::caution(std::string_view address, const Secret& secret) {
  const auto opened = open_for_change(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  return opened->person.caution;
}

Status KeyRing::set_caution(std::string_view address, const Secret& secret, Caution caution) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->trials, address, secret);
  if (!opened) return opened.error();
  const auto& by = opened->with.slot.label;
  // It outlives the secret that set it.
  if (!has_no_limits(by)) return make_error_code(Errc::not_permitted);
  end_enrolment(*state_, by.member, opened->slots);
  const std::scoped_lock lock(state_->changing(by.member));
  const auto slots = present_slots(house, by);
  if (!slots) return slots.error();
  const auto set = [&](Person& person) { person.caution = caution; };
  return change_slots(house, by.member, {.told_at = house.clock.now(), .more = set});
}

}  // namespace mailpod::members
