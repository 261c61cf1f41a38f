#pragma once

#include <memory>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::imap {

/// A mailbox that is not the same in two versions of a vault.
struct MailboxChange {
  std::shared_ptr<const store::MailboxState> before;  ///< nullptr: it was made
  std::shared_ptr<const store::MailboxState> after;   ///< nullptr: it was deleted
};
/// In the order of `after`, and then what was deleted. Mailboxes that both versions share are passed over by one
/// comparison of two pointers.
std::vector<MailboxChange> changes_between(const store::VaultState& before, const store::VaultState& after);

}  // namespace mailpod::imap
