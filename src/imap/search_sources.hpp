#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/store/mailbox.hpp>
#include <mailpod/text/cursor.hpp>

#include "dialect.hpp"
#include "mailbox_filter.hpp"

namespace mailpod::imap {

/// The mailboxes that ESEARCH looks in. RFC 7377 §2.2.
using SearchSources = std::vector<MailboxFilter>;

/// `SP IN (mailboxes "folder1" subtree "folder2")`; if there is nothing of it, the selected mailbox.
text::Parsed<SearchSources> parse_search_sources(text::Cursor& in, const Dialect& dialect);

/// Those of a vault's mailboxes that are meant, each once, in the order of the vault. Who is not there, or only has
/// mailboxes below it, is passed over.
std::vector<std::shared_ptr<const store::MailboxState>> mailboxes_in(const SearchSources& sources,
                                                                     const store::VaultState& vault,
                                                                     std::optional<store::MailboxId> selected);

}  // namespace mailpod::imap
