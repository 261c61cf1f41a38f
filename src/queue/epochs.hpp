#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <mailpod/queue/spool.hpp>

namespace mailpod::queue {

/// The keys of the days on which queued messages arrived: each a file, unlinked with the day's last entry, after which
/// nothing that was sealed under it can be read by anyone. Callable from any thread.
class Epochs {
public:
  Epochs(const Spool::Ports& ports, std::string folder);

  /// Entries that exist at start; the rest is counted by enter() and leave().
  void count(std::uint32_t day) { ++entries_[day]; }
  /// Unlinks the keys of days without an entry.
  void remove_unused();

  /// The day's key, made durable first if there is none yet. The day has one entry more.
  std::shared_ptr<const crypto::Key> enter(std::uint32_t day);
  /// The day has one entry less; with the last one its key goes.
  void leave(std::uint32_t day);
  /// Errors: damaged (also: the file is missing), unknown_version.
  Result<std::shared_ptr<const crypto::Key>> key(std::uint32_t day);

  /// As Spool::reseal: holds the days' keys still.
  std::unique_ptr<crypto::Resealing> reseal(const crypto::Key& server_key);

private:
  class Resealing;
  std::string path(std::uint32_t day) const;
  Result<std::shared_ptr<const crypto::Key>> load(std::uint32_t day);

  Spool::Ports ports_;
  std::string folder_;
  crypto::Key queue_key_;
  std::mutex mutex_;
  bool held_ = false;  // crypto::Resealing::hold; guarded by mutex_
  std::map<std::uint32_t, std::size_t> entries_;
  std::map<std::uint32_t, std::shared_ptr<const crypto::Key>> keys_;
};

}  // namespace mailpod::queue
