#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/octet_source.hpp>
#include <mailpod/base/ports.hpp>
#include <mailpod/base/result.hpp>
#include <mailpod/crypto/keys.hpp>
#include <mailpod/crypto/resealing.hpp>
#include <mailpod/queue/entry.hpp>
#include <mailpod/queue/error.hpp>

namespace mailpod::queue {

class Policies;
class Suppressions;

/// What of an entry is readable without the server key, and whether the rest can be read.
struct Summary {
  EntryId id;
  base::Time next_try;
  std::uint64_t padded_size = 0;  ///< octets of the message file, a Padmé size
  friend bool operator==(const Summary&, const Summary&) = default;
};

/// The sealed queue of a pod: entries that survive a crash, each a small sealed file beside its sealed message.
/// docs/queue-format.md.
///
/// Blocks on the disk: on the pool. Callable from any thread; changes and drops of one entry happen one after another.
/// I/O failure throws std::system_error and leaves the queue as it was, or, where a name could not be made durable,
/// either as it was or as asked.
class Spool {
public:
  struct Ports {
    base::Disk& disk;
    base::Entropy& entropy;
    base::Log& log;
    crypto::KeyArena& arena;
    const crypto::Key& server_key;
  };

  /// Opens `folder` (made if missing) and removes what an interrupted put or drop left. Ports outlive the spool.
  Spool(const Ports& ports, std::string folder);
  ~Spool();
  Spool(const Spool&) = delete;
  Spool& operator=(const Spool&) = delete;

  /// Takes a message in; durable once this returns. Sets the id, size, key and hash of `entry` (which of it are given
  /// does not matter) and returns the id. The day whose key seals it is that of `entry.arrival`.
  EntryId put(Entry entry, const base::OctetSource& message);
  /// Ascending by next_try. Damaged entries are listed too, with what their clear head says.
  std::vector<Summary> list() const;
  /// How many list() names; costs nothing.
  std::size_t size() const;
  /// Whose mail was held by the brake when the spool was opened.
  const std::set<MemberId>& found_braked() const;
  /// Errors: no_such_entry, damaged, unknown_version.
  Result<Entry> show(const EntryId& id) const;
  /// The message's exact octets. Reading damaged octets throws std::system_error (EIO); never a wrong octet.
  /// `entry` is what show() answered. Errors: no_such_entry, damaged.
  Result<std::unique_ptr<base::OctetSource>> open_message(const Entry& entry) const;
  /// Changes what is known of the entry (states, replies, next_try, marks): `edit` gets it as it stands, and nobody
  /// else changes it meanwhile, so that a sender's results and an administrator's wishes never undo each other. What
  /// names the entry and opens its message stays as it was. Durable once this returns; an edit that changes nothing
  /// writes nothing. `edit` must not call the spool. Errors: no_such_entry, damaged, unknown_version.
  Status change(const EntryId& id, const std::function<void(Entry&)>& edit);
  /// Forgets entry and message, and the day's key with its last entry. Errors: no_such_entry.
  Status drop(const EntryId& id);
  /// To whom nothing is sent at present. As long as the spool.
  Suppressions& suppressions();
  /// What is known of other domains' MTA-STS policies. As long as the spool.
  Policies& policies();
  /// The days' keys, what is suppressed and the policies, anew under another server key, beside the old ones
  /// (`….next`). Puts, drops and other changes wait meanwhile.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// What reseal() wrote beside the files of the queue in `folder` takes their place, where the other key counts; or it
/// is forgotten. Before the spool is opened; durable; does nothing where there is nothing.
void settle_resealed_queue(base::Disk& disk, const std::string& folder);
void forget_resealed_queue(base::Disk& disk, const std::string& folder);

}  // namespace mailpod::queue
