#pragma once

#include <optional>
#include <string>
#include <vector>

#include <mailpod/store/vault.hpp>

#include "sequence_set.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// What COPY and MOVE ask: some messages into another mailbox.
struct Transfer {
  SequenceSet set;
  Numbers by;
  std::string mailbox;
};
template <Numbers by>
text::Parsed<Transfer> parse_transfer(text::Cursor& in, const Dialect& dialect);

/// The messages it names and the mailbox they go to, or why it cannot be.
struct TransferPlan {
  std::vector<store::Uid> uids;  ///< ascending
  store::MailboxId to;
  std::optional<Answer> refusal;
};
TransferPlan plan(Session& session, const Transfer& transfer);

/// `COPYUID 38505 304,319:320 3956:3958`. RFC 4315 §3.
std::string copy_uid_code(const store::Vault::Copied& copied);

}  // namespace mailpod::imap
