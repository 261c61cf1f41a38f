#include "member_folder.hpp"

namespace mailpod::members {

std::string folder_of(const Household& house, MemberId id) {
  return base::join(house.members, id.str());
}

SlotFolder slots_of(const Household& house, MemberId id) {
  return SlotFolder(house.disk, base::join(folder_of(house, id), "slots"));
}

SlotPorts slot_ports(const Household& house) {
  return {house.arena, house.entropy};
}

std::optional<store::Card> find_card(const Household& house, MemberId id) {
  const std::string folder = folder_of(house, id);
  if (!house.disk.status(base::join(folder, "card"))) return std::nullopt;
  auto card = store::read_card(house.disk, folder, id, house.pod_key.public_key());
  if (!card) return std::nullopt;
  return std::move(*card);
}

void write_card(const Household& house, const store::Card& card) {
  store::write_card(house.disk, folder_of(house, card.member), card, house.pod_key);
}

void remove_card(const Household& house, MemberId id) {
  const std::string folder = folder_of(house, id);
  if (!house.disk.status(base::join(folder, "card"))) return;
  house.disk.unlink(base::join(folder, "card"));
  house.disk.sync_directory(folder);
}

void remove_leftovers(const Household& house, MemberId id) {
  const std::string slots = base::join(folder_of(house, id), "slots");
  if (house.disk.status(slots)) base::remove_temporaries(house.disk, slots);
}

SlotLabel new_label(const Household& house, MemberId id, SlotType type, std::string_view name) {
  SlotLabel label;
  label.id = house.entropy.bytes<16>();
  label.type = type;
  label.member = id;
  label.scopes = every_scope;
  label.name = name;
  return label;
}

}  // namespace mailpod::members
