#pragma once

#include <string>
#include <string_view>

#include <mailpod/members/slots.hpp>

namespace mailpod::members {

inline constexpr std::uint8_t slot_version = 1;

/// What every seal of a slot authenticates beside its content: all of the slot but the last-use day.
std::string slot_associated_data(const SlotLabel& label, std::string_view parameters, Slot::Seal what);

}  // namespace mailpod::members
