#pragma once

#include <vector>

#include "fetch_items.hpp"
#include "session.hpp"

namespace mailpod::imap {

/// FETCH responses for these messages of the selected mailbox, as NOTIFY's MessageNew and UPDATE ask for them; no flag
/// is set by it. RFC 5465 §5.2, §7.
awaitable<void> show_new_messages(Session& session, const std::vector<FetchItem>& items, NumberRanges numbers);

}  // namespace mailpod::imap
