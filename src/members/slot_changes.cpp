#include "slot_changes.hpp"

#include <algorithm>
#include <system_error>

#include "member_folder.hpp"

namespace mailpod::members {
namespace {

bool names(const SlotRoll& roll, const SlotMark& mark) {
  return std::ranges::binary_search(roll, mark);
}

bool is_stray(const SlotRoll& roll, const SlotId& id) {
  return std::ranges::none_of(roll, [&](const SlotMark& mark) { return mark.id == id; });
}

/// Of two marks of one slot the one counts whose file is there. Files that somebody deleted behind our back must not
/// fill the roll.
void tidy(SlotRoll& roll, const SlotRoll& present) {
  const auto is_past = [&](const SlotMark& mark) {
    if (names(present, mark)) return false;
    const auto twin = [&](const SlotMark& other) { return other.id == mark.id; };
    const bool replaced =
        std::ranges::any_of(present, [&](const SlotMark& other) { return other.id == mark.id && names(roll, other); });
    return replaced || (roll.size() > most_slots && std::ranges::none_of(present, twin));
  };
  const SlotRoll past = [&] {
    SlotRoll out;
    std::ranges::copy_if(roll, std::back_inserter(out), is_past);
    return out;
  }();
  std::erase_if(roll, [&](const SlotMark& mark) { return names(past, mark); });
}

/// Slots that came and were never entered, went and were not removed any more, or were put back: worth nothing.
void remove_strays(const Household& house, const Person& person) {
  auto folder = slots_of(house, person.id);
  for (const auto& slot : folder.list(person.id).slots) {
    if (is_stray(*person.slots, slot.label.id)) folder.remove(slot.label.id);
  }
}

/// From now on the directory says which slots of the member count: those that are there.
Status begin_roll(const Household& house, const Person& person) {
  const auto all = slots_of(house, person.id).list(person.id).slots;
  return house.directory.change({&person.id, 1}, [&](Person& changed) { changed.slots = roll_of(all); });
}

}  // namespace

Slots read_slots(const Household& house, const Person& person) {
  Slots out{slots_of(house, person.id).list(person.id).slots, false, {}};
  if (!person.slots) return out;
  const auto& roll = *person.slots;
  out.strays = std::ranges::any_of(out.live, [&](const Slot& slot) { return is_stray(roll, slot.label.id); });
  for (const auto& slot : out.live) {
    if (!is_stray(roll, slot.label.id) && !names(roll, mark_of(slot))) out.changed.push_back(slot.label.id);
  }
  std::erase_if(out.live, [&](const Slot& slot) { return !names(roll, mark_of(slot)); });
  return out;
}

SlotRoll roll_of(std::span<const Slot> slots) {
  SlotRoll roll;
  for (const auto& slot : slots) roll.push_back(mark_of(slot));
  std::ranges::sort(roll);
  return roll;
}

void enter(SlotRoll& roll, const SlotMark& mark) {
  const auto place = std::ranges::lower_bound(roll, mark);
  if (place == roll.end() || *place != mark) roll.insert(place, mark);
}

void strike(SlotRoll& roll, const SlotId& id) {
  std::erase_if(roll, [&](const SlotMark& mark) { return mark.id == id; });
}

Status change_slots(const Household& house, MemberId member, const SlotChange& change) {
  auto folder = slots_of(house, member);
  const auto before = house.directory.state();
  const Person* person = before->find(member);
  if (person == nullptr) return make_error_code(Errc::not_a_member);
  if (!person->slots) {
    if (const auto begun = begin_roll(house, *person); !begun) return begun;
  }
  for (const auto& slot : change.come) folder.write(slot);
  const auto present = roll_of(folder.list(member).slots);
  // The commit point.
  const auto enter_all = [&](Person& changed) {
    for (const auto& id : change.go) strike(*changed.slots, id);
    for (const auto& slot : change.come) enter(*changed.slots, mark_of(slot));
    tidy(*changed.slots, present);
    if (change.told_at) changed.slots_changed = std::chrono::floor<std::chrono::seconds>(*change.told_at);
    if (change.more) change.more(changed);
  };
  if (!change.come.empty() || !change.go.empty() || change.more) {
    if (const auto entered = house.directory.change({&member, 1}, enter_all); !entered) return entered;
  }
  const auto after = house.directory.state();
  try {
    // Who left meanwhile has a folder that is destroyed as a whole.
    if (const Person* still = after->find(member)) remove_strays(house, *still);
  } catch (const std::system_error& failure) {
    // They count no more; the next change removes them.
    house.log.warning("key slots not removed yet reason=\"{}\"", base::printable(failure.what()));
  }
  return {};
}

}  // namespace mailpod::members
