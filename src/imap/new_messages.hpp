#pragma once

#include <vector>

#include "fetch_items.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// FETCH responses for the messages of the selected mailbox whose UIDs are not below `from`, as NOTIFY's MessageNew
/// asks for them; no flag is set by it. RFC 5465 §5.2.
awaitable<void> show_new_messages(Session& session, const std::vector<FetchItem>& items, store::Uid from);

}  // namespace mailpod::imap
