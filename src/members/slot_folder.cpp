#include <algorithm>
#include <system_error>

#include <mailpod/members/slots.hpp>

namespace mailpod::members {
namespace {

constexpr std::uint64_t largest_slot = 8 * 1024;
constexpr std::string_view suffix = ".slot";

std::string file_name(const SlotId& id) {
  return base::hex(base::octets(id)) + std::string(suffix);
}

}  // namespace

/// Nothing if the slot was revoked just now; empty if it is too large to be one.
std::optional<std::string> SlotFolder::read(const std::string& path) const {
  try {
    return base::read_file(disk_, path, largest_slot);
  } catch (const std::system_error& failure) {
    if (failure.code() == std::errc::no_such_file_or_directory) return std::nullopt;
    if (failure.code() == std::errc::file_too_large) return std::string();
    throw;
  }
}

SlotFolder::Listing SlotFolder::list(MemberId member) const {
  Listing out;
  std::vector<std::string> names;
  if (!disk_.status(folder_)) return out;
  for (const auto& entry : disk_.list(folder_)) {
    if (entry.name.ends_with(suffix)) names.push_back(entry.name);
  }
  std::ranges::sort(names);
  for (const auto& name : names) {
    const auto octets = read(base::join(folder_, name));
    if (!octets) continue;
    auto slot = parse_slot(*octets);
    if (slot && slot->label.member == member && file_name(slot->label.id) == name) {
      out.slots.push_back(std::move(*slot));
    } else {
      out.damaged.push_back(name);
    }
  }
  return out;
}

void SlotFolder::write(const Slot& slot) {
  base::remove_temporaries(disk_, folder_);
  base::replace_file(disk_, base::join(folder_, file_name(slot.label.id)), write_slot(slot));
}

void SlotFolder::remove(const SlotId& id) {
  // A process that was killed may have left a copy of this one.
  base::remove_temporaries(disk_, folder_);
  const std::string path = base::join(folder_, file_name(id));
  if (disk_.status(path)) disk_.unlink(path);
  disk_.sync_directory(folder_);
}

bool SlotFolder::holds(const SlotId& id) const {
  return disk_.status(base::join(folder_, file_name(id))).has_value();
}

}  // namespace mailpod::members
