#pragma once

#include <functional>
#include <span>
#include <vector>

#include <mailpod/members/enrolment.hpp>

/// Which of a member's slots count, and how that changes. docs/members-format.md, "Which slots count".
namespace mailpod::members {

/// What lies in a member's slots folder.
struct Slots {
  /// Sound, and on the directory's roll. What was revoked or replaced and lies in the folder again is not among them.
  std::vector<Slot> live;
  bool strays = false;          ///< there are others, that are on no roll
  std::vector<SlotId> changed;  ///< on the roll by their id, but not as they are: an older file, or somebody's own
};
Slots read_slots(const Household& house, const Person& person);

/// The directory's roll of `slots`.
SlotRoll roll_of(std::span<const Slot> slots);
/// Adds `mark` where it belongs.
void enter(SlotRoll& roll, const SlotMark& mark);
/// Removes all marks of a slot.
void strike(SlotRoll& roll, const SlotId& id);

struct SlotChange {
  std::vector<Slot> come = {};
  std::vector<SlotId> go = {};
  std::optional<base::Time> told_at = {};  ///< when the member did it; nothing: not a thing to tell them
  std::function<void(Person&)> more = {};  ///< what changes with it, in the same breath
};
/// All of it or nothing: what comes is durable before the directory says so, which is the commit point; what goes is
/// removed after it, with all strays. The caller holds the member's lock. Errors: not_a_member.
Status change_slots(const Household& house, MemberId member, const SlotChange& change);

}  // namespace mailpod::members
