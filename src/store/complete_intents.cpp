#include <algorithm>
#include <set>

#include <mailpod/base/log.hpp>
#include <mailpod/store/letterbox.hpp>

#include "intent.hpp"
#include "maildir.hpp"
#include "vanishing.hpp"

namespace mailpod::store {
namespace {

constexpr std::uint64_t intent_size_limit = 1024 * 1024;

/// What all tmp/ folders hold that deliveries to several members left.
struct Leftovers {
  std::vector<std::string> intents;
  std::vector<std::string> unsure;      ///< intents that never became durable
  std::vector<std::string> deliveries;  ///< files an intent may speak for
};

Leftovers find_leftovers(base::Disk& disk, const std::string& members) {
  Leftovers found;
  for (const auto& member : disk.list(members)) {
    if (!MemberId::parse(member.name)) continue;
    const auto tmp = Maildir(base::join(members, member.name)).tmp();
    if (!disk.status(tmp)) continue;
    for (const auto& entry : disk.list(tmp)) {
      const auto path = base::join(tmp, entry.name);
      const auto name = UnfinishedName::parse(entry.name);
      if (entry.name.ends_with(intent_suffix)) found.intents.push_back(path);
      if (entry.name.ends_with(unfinished_intent_suffix)) found.unsure.push_back(path);
      if (name && name->for_delivery) found.deliveries.push_back(path);
    }
  }
  return found;
}

void complete(base::Disk& disk, const std::string& members, const Intent& intent) {
  std::set<std::string> touched;
  for (const auto& move : intent.moves) {
    const Maildir maildir(base::join(members, move.member.str()));
    const auto from = base::join(maildir.tmp(), move.name.str());
    // What was renamed before the crash may not be durable yet either.
    if (disk.status(maildir.fresh())) touched.insert(maildir.fresh());
    if (disk.status(from)) unless_gone([&] { disk.rename(from, maildir.in_new(move.name.message)); });
  }
  for (const auto& folder : touched) disk.sync_directory(folder);
}

void remove_all(base::Disk& disk, const std::vector<std::string>& paths) {
  for (const auto& path : paths) {
    if (disk.status(path)) disk.unlink(path);
  }
}

}  // namespace

void complete_intents_of(base::Disk& disk, const std::string& members, MemberId member, base::Log& log) {
  const auto tmp = Maildir(base::join(members, member.str())).tmp();
  if (!disk.status(tmp)) return;
  for (const auto& entry : disk.list(tmp)) {
    if (!entry.name.ends_with(intent_suffix)) continue;
    const auto intent = Intent::decode(base::read_file(disk, base::join(tmp, entry.name), intent_size_limit));
    if (!intent) {
      log.error("delivery intent unreadable, and goes with its member member={}", member.str());
      continue;
    }
    complete(disk, members, *intent);
  }
}

void complete_intents(base::Disk& disk, const std::string& members, base::Log& log) {
  if (!disk.status(members)) return;
  const auto leftovers = find_leftovers(disk, members);
  std::size_t unreadable = 0;
  for (const auto& path : leftovers.intents) {
    const auto intent = Intent::decode(base::read_file(disk, path, intent_size_limit));
    if (!intent) {
      ++unreadable;
      log.error("delivery intent unreadable, kept file={}", base::printable(path, 200));
      continue;
    }
    complete(disk, members, *intent);
    log.info("delivery completed recipients={}", intent->moves.size());
    disk.unlink(path);
  }
  remove_all(disk, leftovers.unsure);
  if (unreadable == 0) {
    // No intent speaks for what is still there, so nobody was told that it had arrived.
    remove_all(disk, leftovers.deliveries);
  } else {
    log.error("arrivals kept because an intent may speak for them count={}", leftovers.deliveries.size());
  }
}

}  // namespace mailpod::store
