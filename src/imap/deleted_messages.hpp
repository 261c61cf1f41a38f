#pragma once

#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/store/vault.hpp>

namespace mailpod::imap {

class Session;

/// The UIDs that carry \Deleted now, whoever set it; ascending.
std::vector<store::Uid> deleted_messages(const store::Vault& vault, store::MailboxId mailbox);

/// Expunges those of `uids` that still carry \Deleted, five hundred in one change, and tells the client how far it is.
/// What fails leaves the rest: EXPUNGE need not be all or none.
boost::asio::awaitable<Status> expunge_deleted(Session& session, store::MailboxId mailbox,
                                               const std::vector<store::Uid>& uids);

}  // namespace mailpod::imap
