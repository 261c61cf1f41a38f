#include <mailpod/store/destruction.hpp>

#include <algorithm>
#include <system_error>
#include <vector>

#include "intent.hpp"
#include "maildir.hpp"
#include "vanishing.hpp"

namespace mailpod::store {
namespace {

std::vector<base::Disk::Entry> list(base::Disk& disk, const std::string& folder) {
  return disk.status(folder) ? disk.list(folder) : std::vector<base::Disk::Entry>();
}

void remove_file(base::Disk& disk, const std::string& path) {
  unless_gone([&] { disk.unlink(path); });
}

/// Best effort: what cannot be overwritten is unlinked all the same.
void overwrite(base::Disk& disk, const std::string& path) {
  try {
    constexpr std::uint64_t at_once = 64 * 1024;
    static const std::string zeros(at_once, '\0');
    const auto file = disk.open(path, base::Disk::Open::read_write);
    const auto size = file->size();
    for (std::uint64_t at = 0; at < size; at += at_once)
      file->write_at(at, std::string_view(zeros).substr(0, std::min(at_once, size - at)));
    file->sync();
  } catch (const std::system_error&) {
  }
}

void destroy_keys(base::Disk& disk, const std::string& folder) {
  const auto slots = base::join(folder, "slots");
  for (const auto& entry : list(disk, slots)) {
    const auto path = base::join(slots, entry.name);
    if (entry.kind == base::Disk::Kind::file) overwrite(disk, path);
    remove_file(disk, path);
  }
  if (disk.status(slots)) disk.sync_directory(slots);
  for (const auto* name : {"card", "card.next"}) {
    const auto path = base::join(folder, name);
    if (!disk.status(path)) continue;
    overwrite(disk, path);
    remove_file(disk, path);
  }
  disk.sync_directory(folder);
}

void remove_tree(base::Disk& disk, const std::string& folder, unsigned depth) {
  constexpr unsigned deepest = 8;  // ours are two
  if (depth == deepest) throw std::system_error(std::make_error_code(std::errc::too_many_links), folder);
  for (const auto& entry : list(disk, folder)) {
    const auto path = base::join(folder, entry.name);
    if (entry.kind == base::Disk::Kind::directory) {
      remove_tree(disk, path, depth + 1);
      disk.remove_directory(path);
    } else {
      remove_file(disk, path);
    }
  }
}

}  // namespace

Remains remains_of(base::Disk& disk, const std::string& folder) {
  const Maildir maildir(folder);
  Remains remains;
  for (const auto& entry : list(disk, base::join(folder, "slots")))
    remains.slots += entry.name.ends_with(".slot") ? 1U : 0U;
  for (const auto& files : {maildir.fresh(), maildir.cur()}) {
    for (const auto& entry : list(disk, files)) {
      const auto status = disk.status(base::join(files, entry.name));
      if (!status || status->kind != base::Disk::Kind::file) continue;
      ++remains.messages;
      remains.octets += status->size;
    }
  }
  return remains;
}

void destroy_member_folder(base::Disk& disk, const std::string& members, MemberId member, base::Log& log) {
  const auto folder = base::join(members, member.str());
  if (!disk.status(folder)) return;
  destroy_keys(disk, folder);
  complete_intents_of(disk, members, member, log);
  // Deliveries that had read the card before may still put files there.
  constexpr int most_tries = 16;
  for (int tries = 1;; ++tries) {
    try {
      remove_tree(disk, folder, 0);
      disk.remove_directory(folder);
      break;
    } catch (const std::system_error& failure) {
      if (failure.code() != std::errc::directory_not_empty || tries == most_tries) throw;
    }
  }
  disk.sync_directory(members);
}

}  // namespace mailpod::store
