#pragma once

#include <optional>
#include <string>

#include <mailpod/members/enrolment.hpp>
#include <mailpod/store/letterbox.hpp>

#include "slot_keys.hpp"

/// One member's folder as admission and enrolment see it.
namespace mailpod::members {

std::string folder_of(const Household& house, MemberId id);
SlotFolder slots_of(const Household& house, MemberId id);
SlotPorts slot_ports(const Household& house);

/// Nothing if there is none. Throws nothing for a damaged one: it counts as none, since it is written anew.
std::optional<store::Card> find_card(const Household& house, MemberId id);
void write_card(const Household& house, const store::Card& card);
/// Durable.
void remove_card(const Household& house, MemberId id);

/// Of slots that were being written when the process was killed. Nobody may be writing one.
void remove_leftovers(const Household& house, MemberId id);

inline constexpr sasl::Scopes every_scope = 15;

/// A label for a new slot of `id`, with every scope.
SlotLabel new_label(const Household& house, MemberId id, SlotType type, std::string_view name);

}  // namespace mailpod::members
