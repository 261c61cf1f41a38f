#include "key_rotation.hpp"

#include <memory>
#include <system_error>

#include "pod_keys.hpp"

namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;

/// The last that is written and the last that takes its place: while it waits, all that was written beside is whole.
std::string next_pod_key(const PodFolder& folder) {
  return folder.pod_key() + ".next";
}

void settle(base::Disk& disk, const PodFolder& folder) {
  base::remove_temporaries(disk, folder.path);
  members::settle_resealed_directory(disk, folder.directory());
  queue::settle_resealed_queue(disk, folder.queue());
  mailauth::settle_resealed_keys(disk, folder.dkim());
  disk.rename(next_pod_key(folder), folder.pod_key());
  disk.sync_directory(folder.path);
}

void forget(base::Disk& disk, const PodFolder& folder) {
  base::remove_temporaries(disk, folder.path);
  if (disk.status(next_pod_key(folder))) {
    disk.unlink(next_pod_key(folder));
    disk.sync_directory(folder.path);
  }
  members::forget_resealed_directory(disk, folder.directory());
  queue::forget_resealed_queue(disk, folder.queue());
  mailauth::forget_resealed_keys(disk, folder.dkim());
}

/// What lies sealed under the server key: a change after a failure would be sealed under a key that is no more.
struct Resealed {
  explicit Resealed(const SealedParts& parts, const crypto::Key& fresh)
      : directory(parts.directory.reseal(fresh)), queue(parts.queue.reseal(fresh)), dkim(parts.dkim.reseal(fresh)) {}
  void install() const {
    directory->install();
    queue->install();
    dkim->install();
  }
  void hold() const {
    directory->hold();
    queue->hold();
    dkim->hold();
  }
  std::unique_ptr<crypto::Resealing> directory, queue, dkim;
};

void put_back(const SealedParts& parts, const ServerKey& server, const Resealed& resealed) {
  try {
    write_server_key(parts.disk, parts.key_path, server.key, parts.entropy, server.seal ? &*server.seal : nullptr);
  } catch (const std::system_error&) {
    resealed.hold();
    throw;
  }
  forget(parts.disk, parts.folder);
}

/// The commit point. Whether a replacement that failed took place is not known, so the old key is put back.
void commit(const SealedParts& parts, const ServerKey& server, const crypto::Key& fresh, const Resealed& resealed) {
  const auto* seal = server.seal ? &*server.seal : nullptr;
  try {
    write_server_key(parts.disk, parts.key_path, fresh, parts.entropy, seal);
  } catch (const std::system_error&) {
    parts.log.error("server_key.rotation failed file={}", base::printable(parts.key_path));
    put_back(parts, server, resealed);
    throw;
  }
}

}  // namespace

governance::Verdict<std::string> rotate_server_key(const SealedParts& parts, ServerKey& server) {
  forget(parts.disk, parts.folder);
  auto fresh = crypto::Key::random(server.key.arena(), parts.entropy);
  const Resealed resealed(parts, fresh);
  write_pod_key(parts.disk, next_pod_key(parts.folder), parts.pod_key, fresh, parts.domain, parts.entropy);
  commit(parts, server, fresh, resealed);
  server.key = std::move(fresh);
  try {
    resealed.install();
    settle(parts.disk, parts.folder);
  } catch (const std::runtime_error& failure) {
    resealed.hold();
    parts.log.error("server_key.rotation unsettled reason=\"{}\"", base::printable(failure.what()));
    return Complaint{
        Errc::bad_value, parts.key_path, 0,
        std::string("the server key is another from now on, but not all is in its place: ") + failure.what(),
        "mend what the machine reports, start the daemon anew, which finishes it (until then members, keys and the "
        "queue "
        "take no change), and print the new recovery share: `mailpod server-key show`"};
  }
  parts.log.info("server_key.rotation done");
  return write_server_key_code(server.key);
}

void settle_rotation(base::Disk& disk, const PodFolder& folder, const crypto::Key& server_key,
                     const std::string& domain) {
  if (disk.status(next_pod_key(folder)) && read_pod_key(disk, next_pod_key(folder), server_key, domain).has_value())
    return settle(disk, folder);
  if (disk.status(folder.pod_key()) && read_pod_key(disk, folder.pod_key(), server_key, domain).has_value())
    forget(disk, folder);
}

void remove_key_leftovers(base::Disk& disk, const std::string& key_path) {
  const auto slash = key_path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : key_path.substr(0, slash);
  const std::string begun = key_path.substr(slash == std::string::npos ? 0 : slash + 1) + ".tmp-";
  try {
    for (const auto& file : disk.list(folder)) {
      if (file.name.starts_with(begun)) disk.unlink(base::join(folder, file.name));
    }
  } catch (const std::system_error&) {
    // Who may only read there has left nothing there.
  }
}

}  // namespace mailpod::daemon
