#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// The mailbox that a delivery for `target` comes into. What delivery calls Junk is whatever the member keeps as such,
/// and one only called so comes after; a name that is no mailbox is INBOX. Any thread.
std::shared_ptr<const MailboxState> delivery_place(const VaultState& vault, std::string_view target);

/// All the mailboxes that deliveries come into: INBOX, and the one for Junk. Linear in the mailboxes. RFC 5465 §6.3.
std::vector<MailboxId> delivery_places(const VaultState& vault);

}  // namespace mailpod::store
