#pragma once

#include <memory>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::imap {

/// What became of a mailbox's messages between two versions; each ascending.
struct Difference {
  std::vector<store::Uid> vanished;
  std::vector<store::Uid> changed;  ///< their flags
  std::vector<store::Uid> added;
};
/// What both versions share costs nothing.
Difference difference(const store::MailboxState& older, const store::MailboxState& newer);

/// Calls `vanished(message)` and `changed(before, after)` in ascending order. Chunks that both versions share cost
/// nothing.
template <class Vanished, class Changed>
void compare_versions(const store::MailboxState& older, const store::MailboxState& newer, Vanished vanished,
                      Changed changed);

// ------------------------------------------------------------------------------------------------------------------

/// A place in a version of a mailbox, moving by message or by chunk.
class VersionWalk {
public:
  explicit VersionWalk(const store::MailboxState& state) : chunks_(state.chunks) {}

  bool at_end() const { return chunk_ == chunks_.size(); }
  const store::MessageState& message() const { return chunks_[chunk_]->messages[index_]; }
  /// The chunk whose first message this is; nullptr within a chunk.
  const store::MailboxState::Chunk* begun_chunk() const { return index_ == 0 ? chunks_[chunk_].get() : nullptr; }
  void next() {
    if (++index_ == chunks_[chunk_]->messages.size()) skip_chunk();
  }
  void skip_chunk() {
    ++chunk_;
    index_ = 0;
  }

private:
  const std::vector<std::shared_ptr<const store::MailboxState::Chunk>>& chunks_;
  std::size_t chunk_ = 0;
  std::size_t index_ = 0;
};

template <class Vanished, class Changed>
void compare_versions(const store::MailboxState& older, const store::MailboxState& newer, Vanished vanished,
                      Changed changed) {
  VersionWalk before(older);
  VersionWalk after(newer);
  while (!before.at_end()) {
    if (!after.at_end() && before.begun_chunk() != nullptr && before.begun_chunk() == after.begun_chunk()) {
      before.skip_chunk();
      after.skip_chunk();
    } else if (after.at_end() || before.message().uid < after.message().uid) {
      vanished(before.message());
      before.next();
    } else if (after.message().uid < before.message().uid) {
      after.next();
    } else {
      const auto& was = before.message();
      const auto& is = after.message();
      if (was.mod_seq != is.mod_seq || was.flags != is.flags) changed(was, is);
      before.next();
      after.next();
    }
  }
}

}  // namespace mailpod::imap
