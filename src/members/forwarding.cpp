#include <mailpod/members/enrolment.hpp>

#include <system_error>

#include "key_ring_state.hpp"

namespace mailpod::members {

Result<std::optional<Forward>> KeyRing::forward(std::string_view address, const Secret& secret) {
  const auto opened = open_for_change(state_->house, state_->trials, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  return opened->person.forward;
}

Status KeyRing::set_forward(std::string_view address, const Secret& secret, const std::optional<Forward>& forward) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->trials, address, secret);
  if (!opened) return opened.error();
  if (forward && house.directory.state()->serves(forward->to.domain)) return make_error_code(Errc::stays_here);
  const auto& by = opened->with.slot.label;
  if (!has_no_limits(by)) return make_error_code(Errc::not_permitted);
  end_enrolment(*state_, by.member, opened->slots);
  const std::scoped_lock lock(state_->changing(by.member));
  const auto slots = present_slots(house, by);
  if (!slots) return slots.error();
  const auto set = [&](Person& person) { person.forward = forward; };
  return change_slots(house, by.member, {.told_at = house.clock.now(), .more = set});
}

void KeyRing::note_change(MemberId member) {
  const Household& house = state_->house;
  const std::scoped_lock lock(state_->changing(member));
  try {
    const auto noted = change_slots(house, member, {.told_at = house.clock.now(), .more = [](Person&) {}});
    if (!noted) house.log.warning("change not noted member={} reason=\"{}\"", member.str(), noted.error().message());
  } catch (const std::system_error& failure) {
    house.log.warning("change not noted member={} reason=\"{}\"", member.str(), base::printable(failure.what()));
  }
}

}  // namespace mailpod::members
