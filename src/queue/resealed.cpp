#include "resealed.hpp"

#include <mailpod/queue/spool.hpp>

namespace mailpod::queue {
namespace {

constexpr std::string_view waiting = ".next";

}  // namespace

std::string next_to(const std::string& path) {
  return path + std::string(waiting);
}

void settle_resealed_queue(base::Disk& disk, const std::string& folder) {
  if (!disk.status(folder)) return;
  bool any = false;
  for (const auto& file : disk.list(folder)) {
    if (!file.name.ends_with(waiting)) continue;
    disk.rename(base::join(folder, file.name),
                base::join(folder, file.name.substr(0, file.name.size() - waiting.size())));
    any = true;
  }
  if (any) disk.sync_directory(folder);
}

void forget_resealed_queue(base::Disk& disk, const std::string& folder) {
  if (!disk.status(folder)) return;
  bool any = false;
  for (const auto& file : disk.list(folder)) {
    if (!file.name.ends_with(waiting)) continue;
    disk.unlink(base::join(folder, file.name));
    any = true;
  }
  if (any) disk.sync_directory(folder);
}

}  // namespace mailpod::queue
