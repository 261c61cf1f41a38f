#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>
#include <mailpod/crypto/age.hpp>
#include <mailpod/crypto/sign.hpp>
#include <mailpod/store/letterbox.hpp>

#include "maildir.hpp"
#include "sealed_file.hpp"

namespace mailpod::store {

/// What lies in new/ and waits to be merged, in the order in which it will be: receive time, then message id.
///
/// Everything is examined before any of it is handed on, a slice at a time. What the pod's signature does not vouch
/// for, or what is not for this member or not under its own name, goes to quarantine/ and is reported.
class Arrivals {
public:
  struct Ports {
    base::Disk& disk;
    base::Log& log;
  };
  struct Owner {
    MemberId member;
    crypto::PublicKey pod;
  };
  Arrivals(Ports ports, Maildir maildir, Owner owner, const std::vector<crypto::AgeIdentity>& drop_keys)
      : ports_(ports), maildir_(std::move(maildir)), owner_(owner), drop_keys_(drop_keys) {}

  /// What was just delivered and need not be opened. Any thread.
  void hand_over(Arrival arrival);

  /// One that was examined.
  struct Examined {
    SealedRecord record;
    Unlocked unlocked;
    crypto::Digest sealed_hash{};
    std::uint64_t sealed_size = 0;
  };

  /// Examines at most `slice` waiting files. True if there are more to examine before anything can be taken.
  bool look(std::size_t slice);
  /// Copies of the next ones; they stay until done() or refused().
  std::vector<Examined> next(std::size_t count);
  /// These (the first so many of next()) are in the journal.
  void done(std::size_t count);
  bool empty() const { return waiting_.empty(); }
  /// Puts a file out of the way; it is never shown.
  void quarantine(const std::string& name, std::string_view reason);

private:
  using Place = std::pair<base::Time, MessageId>;
  /// What is kept of an examined file; the rest is read again when it is its turn, so that many cost little memory.
  struct Waiting {
    Unlocked unlocked;
    crypto::Digest sealed_hash{};  ///< of the file as it was examined
    std::optional<Arrival> handed_over;
  };
  void take_handed_over();
  void list();
  void examine(const std::string& name);
  std::optional<Examined> read_again(const Place& place, const Waiting& waiting);

  Ports ports_;
  Maildir maildir_;
  Owner owner_;
  const std::vector<crypto::AgeIdentity>& drop_keys_;
  std::mutex mutex_;
  std::vector<Arrival> handed_over_;  ///< guarded by mutex_
  bool listed_ = false;               ///< what nobody announced, from before the vault was opened, is known
  std::deque<std::string> names_;     ///< listed, not yet examined
  std::map<Place, Waiting> waiting_;
};

}  // namespace mailpod::store
