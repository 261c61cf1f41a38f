#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [messages], [smtp], [imap] and [pop3]: what one message and one session may do.
void add_conversation_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
