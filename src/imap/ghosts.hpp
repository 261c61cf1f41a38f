#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <vector>

#include <mailpod/store/mailbox.hpp>

#include "sequence_set.hpp"

namespace mailpod::imap {

/// Messages of one mailbox that are expunged already but that its client still counts: RFC 3501 §7.4.1.
///
/// Each has the sequence number that the client knows. It stays the same whatever else goes, for what goes before it
/// becomes a ghost as well; only telling the client shifts it. So many may wait as a mailbox has messages: to tell one,
/// and to look one up, costs no look at the others. Loop; reads also from the pool while the session waits.
class Ghosts {
public:
  bool empty() const { return ghosts_.empty(); }
  std::uint32_t count() const { return static_cast<std::uint32_t>(ghosts_.size()); }

  /// nullptr: no ghost has this number.
  const store::MessageState* find(store::SeqNum number) const;
  /// How many have smaller numbers, or UIDs.
  std::uint32_t before(store::SeqNum number) const;
  std::uint32_t below_uid(std::uint64_t uid) const;
  bool any_in(const NumberRanges& numbers) const;
  NumberRanges taken_out_of(const NumberRanges& numbers) const;

  /// These as well, which the client counts; ascending. `live` is the version that has them no more. Linear in the
  /// ghosts, unless all of these are behind them.
  void add(std::span<const store::MessageState> vanished, const store::MailboxState& live);

  /// Of those that there are.
  store::SeqNum first_number() const { return {ghosts_.front().number - told_}; }
  std::vector<store::Uid> first_uids(std::size_t most) const;
  /// The client was told that the first so many went.
  void forget_first(std::size_t count);

private:
  struct Ghost {
    store::MessageState message;
    std::uint32_t number;  ///< its sequence number, before `told_` were told
  };
  std::deque<Ghost>::const_iterator from(std::uint32_t number) const;

  std::deque<Ghost> ghosts_;  // ascending
  std::uint32_t told_ = 0;    // while these were there; all of them stood before these
};

}  // namespace mailpod::imap
