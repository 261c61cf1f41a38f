#include <mailpod/members/enrolment.hpp>

#include "key_ring_state.hpp"

namespace mailpod::members {

Result<std::optional<Forward>> KeyRing::forward(std::string_view address, std::string_view secret) {
  const auto opened = open_for_change(state_->house, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  return opened->person.forward;
}

Status KeyRing::set_forward(std::string_view address, std::string_view secret, const std::optional<Forward>& forward) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, address, secret);
  if (!opened) return opened.error();
  if (forward && house.directory.state()->serves(forward->to.domain)) return make_error_code(Errc::stays_here);
  const MemberId id = opened->person.id;
  end_enrolment(*state_, id, opened->slots);
  const std::scoped_lock lock(state_->changing(id));
  // As they are now: enrolment's end may have changed them.
  const auto directory = house.directory.state();
  const Person* person = directory->find(id);
  if (person == nullptr) return make_error_code(Errc::not_a_member);
  Person changed = *person;
  changed.forward = forward;
  return house.directory.put({&changed, 1});
}

}  // namespace mailpod::members
