#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"

namespace mailpod::imap {

/// Some of a member's mailboxes, as NOTIFY and ESEARCH name them: each takes most of these kinds. RFC 5465 §6,
/// RFC 7377 §2.2.
struct MailboxFilter {
  enum class Of { selected, selected_delayed, inboxes, personal, subscribed, subtree, subtree_one, mailboxes };
  Of of = Of::personal;
  std::vector<std::string> names;  ///< of the last three, as the store spells them

  bool has_names() const { return of >= Of::subtree; }
};

/// The names of a filter: `SP INBOX`, or `SP (INBOX Lists)`. A wildcard is an octet like others: RFC 5465 §6.6.
std::optional<text::ParseError> parse_names(text::Cursor& in, const Dialect& dialect, MailboxFilter& filter,
                                            std::size_t most);

/// Whether this one is meant, of which there may be the name alone (nullptr). Not of the selected mailbox, nor of
/// inboxes: what that is follows from what is asked.
bool covers(const MailboxFilter& filter, std::string_view name, const store::MailboxState* mailbox);

}  // namespace mailpod::imap
