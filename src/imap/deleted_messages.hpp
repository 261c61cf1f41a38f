#pragma once

#include <vector>

#include <mailpod/store/vault.hpp>

namespace mailpod::imap {

/// The UIDs that carry \Deleted now, whoever set it; ascending.
std::vector<store::Uid> deleted_messages(const store::Vault& vault, store::MailboxId mailbox);

}  // namespace mailpod::imap
