#pragma once

#include <memory>
#include <span>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// The next version of a mailbox while it is being made: shares its chunks with the present version and copies only
/// those that change. Not shared between threads.
class MailboxDraft {
public:
  explicit MailboxDraft(MailboxState state) : state_(std::move(state)), own_(state_.chunks.size()) {}

  /// All but the messages may be changed at will.
  MailboxState& state() { return state_; }
  const MailboxState& state() const { return state_; }

  /// nullptr if there is none; valid until the next change.
  const MessageState* find(Uid uid) const;
  /// False if the UID is not above all that were ever given.
  bool append(const MessageState& message);
  /// The same for each of them, up to the first that does not fit.
  bool append(std::span<const MessageState> messages);
  /// False if there is no such message.
  bool set_flags(Uid uid, Flags flags, ModSeq mod_seq);
  struct SaveDate {
    Uid uid;
    std::uint32_t date;
  };
  /// Likewise, up to the first. Ascending, each is found beside the one before.
  bool set_save_dates(std::span<const SaveDate> dates);
  /// Removes those of `uids` (ascending) that exist, and answers what they were.
  std::vector<MessageState> remove(std::span<const Uid> uids);
  std::vector<MessageState> remove_all();

  /// The finished version; this draft is then spent.
  std::shared_ptr<const MailboxState> freeze();

private:
  using Chunk = MailboxState::Chunk;
  /// Index of the chunk that holds `uid` if any does; chunks.size() if it is above all.
  std::size_t chunk_for(Uid uid) const;
  Chunk& own(std::size_t index);
  void drop_empty_chunks();
  void count(const MessageState& message);
  void uncount(const MessageState& message);
  void pack();

  MailboxState state_;
  std::vector<std::shared_ptr<Chunk>> own_;  ///< those that this draft copied; null: still shared
};

}  // namespace mailpod::store
