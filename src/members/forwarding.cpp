#include <mailpod/members/enrolment.hpp>

#include "key_ring_state.hpp"

namespace mailpod::members {

Result<std::optional<Forward>> KeyRing::forward(std::string_view address, const Secret& secret) {
  const auto opened = open_for_change(state_->house, state_->guesses, address, secret);
  if (!opened) return opened.error();
  end_enrolment(*state_, opened->person.id, opened->slots);
  return opened->person.forward;
}

Status KeyRing::set_forward(std::string_view address, const Secret& secret, const std::optional<Forward>& forward) {
  const Household& house = state_->house;
  const auto opened = open_for_change(house, state_->guesses, address, secret);
  if (!opened) return opened.error();
  if (forward && house.directory.state()->serves(forward->to.domain)) return make_error_code(Errc::stays_here);
  const MemberId id = opened->person.id;
  end_enrolment(*state_, id, opened->slots);
  return house.directory.change({&id, 1}, [&](Person& person) { person.forward = forward; });
}

}  // namespace mailpod::members
