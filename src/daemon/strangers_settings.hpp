#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [strangers]: how mail of those is met whom nobody here knows.
void add_strangers_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
