#pragma once

#include <memory>
#include <string>
#include <vector>

#include <mailpod/net/output.hpp>
#include <mailpod/store/mailbox.hpp>

#include "list_request.hpp"

namespace mailpod::imap {

using net::Output;

/// A name that LIST shows, and why. RFC 5258 §3.3.
struct ListedName {
  std::string name;
  std::shared_ptr<const store::MailboxState> mailbox;  ///< nullptr: \NonExistent
  bool subscribed = false;
  bool selected = false;        ///< it satisfies the selection options itself
  bool selected_below = false;  ///< a name below it does: CHILDINFO, if that was asked
  bool hidden_below = false;    ///< and one of these matches no pattern
};

/// The names that `list` asks for, INBOX first, then ascending. Yields to other connections on the way; linear in the
/// names of the vault and their levels.
boost::asio::awaitable<std::vector<ListedName>> names_for(const ListRequest& list,
                                                          std::shared_ptr<const store::VaultState> vault, Output& out);

}  // namespace mailpod::imap
