#include "mailbox_draft.hpp"

#include <algorithm>

namespace mailpod::store {
namespace {

constexpr std::size_t chunk_limit = 1024;
/// Chunks above those that a fully packed mailbox would need; more of them are packed anew.
constexpr std::size_t spare_chunks = 16;

}  // namespace

std::size_t MailboxDraft::chunk_for(Uid uid) const {
  const auto at =
      std::ranges::lower_bound(state_.chunks, uid, {}, [](const auto& c) { return c->messages.back().uid; });
  return static_cast<std::size_t>(at - state_.chunks.begin());
}

MailboxDraft::Chunk& MailboxDraft::own(std::size_t index) {
  if (!own_[index]) {
    own_[index] = std::make_shared<Chunk>(*state_.chunks[index]);
    state_.chunks[index] = own_[index];
  }
  return *own_[index];
}

const MessageState* MailboxDraft::find(Uid uid) const {
  const std::size_t index = chunk_for(uid);
  if (index == state_.chunks.size()) return nullptr;
  const auto& messages = state_.chunks[index]->messages;
  const auto at = std::ranges::lower_bound(messages, uid, {}, &MessageState::uid);
  return at != messages.end() && at->uid == uid ? &*at : nullptr;
}

bool MailboxDraft::append(const MessageState& message) {
  if (message.uid < state_.uid_next || message.uid.value == 0xffff'ffffU) return false;
  if (state_.chunks.empty() || state_.chunks.back()->messages.size() >= chunk_limit) {
    own_.push_back(std::make_shared<Chunk>());
    own_.back()->messages.reserve(state_.chunks.empty() ? 1 : chunk_limit);
    state_.chunks.push_back(own_.back());
  }
  own(state_.chunks.size() - 1).messages.push_back(message);
  state_.uid_next = {message.uid.value + 1};
  count(message);
  return true;
}

bool MailboxDraft::append(std::span<const MessageState> messages) {
  return std::ranges::all_of(messages, [this](const MessageState& message) { return append(message); });
}

bool MailboxDraft::set_flags(Uid uid, Flags flags, ModSeq mod_seq) {
  if (find(uid) == nullptr) return false;
  auto& messages = own(chunk_for(uid)).messages;
  auto& message = *std::ranges::lower_bound(messages, uid, {}, &MessageState::uid);
  uncount(message);
  message.flags = flags;
  message.mod_seq = mod_seq;
  count(message);
  return true;
}

bool MailboxDraft::set_save_dates(std::span<const SaveDate> dates) {
  std::span<MessageState> here;  // a chunk's messages, from where the next is likely to stand
  for (const auto& [uid, date] : dates) {
    if (here.empty() || uid < here.front().uid || uid > here.back().uid) {
      const std::size_t index = chunk_for(uid);
      if (index == state_.chunks.size()) return false;
      here = own(index).messages;
    }
    const bool is_next = here.front().uid == uid;
    const auto at = is_next ? here.begin() : std::ranges::lower_bound(here, uid, {}, &MessageState::uid);
    if (at == here.end() || at->uid != uid) return false;
    at->save_date = date;
    here = {std::next(at), here.end()};
  }
  return true;
}

std::vector<MessageState> MailboxDraft::remove(std::span<const Uid> uids) {
  std::vector<MessageState> removed;
  for (std::size_t i = 0; i < uids.size();) {
    const std::size_t index = chunk_for(uids[i]);
    if (index == state_.chunks.size()) break;
    const Uid last = state_.chunks[index]->messages.back().uid;
    const auto begin = uids.begin() + static_cast<std::ptrdiff_t>(i);
    const auto end = std::upper_bound(begin, uids.end(), last);
    const auto leaves = [&](const MessageState& message) { return std::binary_search(begin, end, message.uid); };
    const std::size_t before = removed.size();
    std::ranges::copy_if(state_.chunks[index]->messages, std::back_inserter(removed), leaves);
    if (removed.size() > before) {
      auto& messages = own(index).messages;
      std::erase_if(messages, leaves);
      if (messages.empty()) drop_empty_chunks();
    }
    i = static_cast<std::size_t>(end - uids.begin());
  }
  for (const auto& message : removed) uncount(message);
  return removed;
}

std::vector<MessageState> MailboxDraft::remove_all() {
  std::vector<MessageState> removed;
  removed.reserve(state_.count);
  for (const auto& chunk : state_.chunks) std::ranges::copy(chunk->messages, std::back_inserter(removed));
  for (const auto& message : removed) uncount(message);
  state_.chunks.clear();
  own_.clear();
  return removed;
}

void MailboxDraft::drop_empty_chunks() {
  std::erase_if(state_.chunks, [](const auto& chunk) { return chunk->messages.empty(); });
  std::erase_if(own_, [](const auto& chunk) { return chunk && chunk->messages.empty(); });
}

void MailboxDraft::count(const MessageState& message) {
  ++state_.count;
  if (!message.flags.has(Flags::seen)) ++state_.unseen;
  if (message.flags.has(Flags::deleted)) ++state_.deleted;
  state_.octets += message.size;
  state_.highest_mod_seq = std::max(state_.highest_mod_seq, message.mod_seq);
}

void MailboxDraft::uncount(const MessageState& message) {
  --state_.count;
  if (!message.flags.has(Flags::seen)) --state_.unseen;
  if (message.flags.has(Flags::deleted)) --state_.deleted;
  state_.octets -= message.size;
}

/// Many expunges leave many small chunks; packing them now and then keeps their number linear in the messages.
void MailboxDraft::pack() {
  std::vector<std::shared_ptr<const Chunk>> packed;
  std::shared_ptr<Chunk> filling;
  for (const auto& chunk : state_.chunks) {
    for (const auto& message : chunk->messages) {
      if (!filling || filling->messages.size() == chunk_limit) {
        filling = std::make_shared<Chunk>();
        packed.push_back(filling);
      }
      filling->messages.push_back(message);
    }
  }
  state_.chunks = std::move(packed);
}

std::shared_ptr<const MailboxState> MailboxDraft::freeze() {
  if (state_.chunks.size() > 2 * (state_.count / chunk_limit) + spare_chunks) pack();
  own_.clear();
  state_.chunk_starts.clear();
  std::uint32_t start = 0;
  for (const auto& chunk : state_.chunks) {
    state_.chunk_starts.push_back(start);
    start += static_cast<std::uint32_t>(chunk->messages.size());
  }
  return std::make_shared<const MailboxState>(std::move(state_));
}

}  // namespace mailpod::store
