#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [guard].
void add_guard_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
