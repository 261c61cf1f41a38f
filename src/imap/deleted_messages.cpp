#include "deleted_messages.hpp"

#include <algorithm>
#include <span>

#include "session.hpp"

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

awaitable<Status> expunge_deleted(Session& session, store::MailboxId mailbox, const std::vector<store::Uid>& uids) {
  // Each takes a read of the journal and a file from the disk: so many keep the others of the vault waiting.
  constexpr std::size_t at_once = 500;
  auto& vault = session.vault();
  Progress progress(session, uids.size());
  for (std::size_t done = 0; done < uids.size();) {
    const auto some = std::span(uids).subspan(done, std::min(at_once, uids.size() - done));
    const auto change = [&] { return vault.expunge(mailbox, some, store::Vault::Expunge::only_deleted); };
    const auto expunged = co_await session.on_lane(change, &progress);
    if (expunged.has_error()) co_return expunged.error();
    done += some.size();
    if (done < uids.size()) co_await progress.tell(done);
  }
  co_return Status{};
}

}  // namespace mailpod::imap
