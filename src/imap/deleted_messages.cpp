#include "deleted_messages.hpp"

namespace mailpod::imap {

std::vector<store::Uid> deleted_messages(const store::Vault& vault, store::MailboxId mailbox) {
  std::vector<store::Uid> uids;
  const auto newest = vault.state()->find(mailbox);
  if (!newest || newest->deleted == 0) return uids;
  uids.reserve(newest->deleted);
  for (const auto& chunk : newest->chunks) {
    for (const auto& message : chunk->messages) {
      if (message.flags.has(store::Flags::deleted)) uids.push_back(message.uid);
    }
  }
  return uids;
}

}  // namespace mailpod::imap
