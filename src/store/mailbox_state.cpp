#include <algorithm>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/ascii.hpp>

namespace mailpod::store {

const MessageState& MailboxState::at(SeqNum number) const {
  const auto after = std::ranges::upper_bound(chunk_starts, number.value - 1);
  const auto chunk = static_cast<std::size_t>(after - chunk_starts.begin()) - 1;
  return chunks[chunk]->messages[number.value - 1 - chunk_starts[chunk]];
}

SeqNum MailboxState::lower_bound(Uid uid) const {
  const auto chunk = std::ranges::lower_bound(chunks, uid, {}, [](const auto& c) { return c->messages.back().uid; });
  if (chunk == chunks.end()) return {count + 1};
  const auto index = static_cast<std::size_t>(chunk - chunks.begin());
  const auto& messages = (*chunk)->messages;
  const auto message = std::ranges::lower_bound(messages, uid, {}, &MessageState::uid);
  return {chunk_starts[index] + static_cast<std::uint32_t>(message - messages.begin()) + 1};
}

std::optional<SeqNum> MailboxState::find(Uid uid) const {
  const SeqNum number = lower_bound(uid);
  if (number.value > count || at(number).uid != uid) return std::nullopt;
  return number;
}

std::shared_ptr<const MailboxState> VaultState::find(std::string_view name) const {
  if (mailboxes.empty()) return nullptr;
  // INBOX stands in front whatever its name; the others ascend.
  if (text::equal_fold(name, "INBOX")) return mailboxes.front()->name == "INBOX" ? mailboxes.front() : nullptr;
  if (mailboxes.front()->name == name) return mailboxes.front();
  const auto found =
      std::lower_bound(mailboxes.begin() + 1, mailboxes.end(), name,
                       [](const auto& mailbox, std::string_view wanted) { return mailbox->name < wanted; });
  return found != mailboxes.end() && (*found)->name == name ? *found : nullptr;
}

std::shared_ptr<const MailboxState> VaultState::find(MailboxId id) const {
  for (const auto& mailbox : mailboxes) {
    if (mailbox->id == id) return mailbox;
  }
  return nullptr;
}

}  // namespace mailpod::store
