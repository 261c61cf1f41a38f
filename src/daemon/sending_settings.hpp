#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [sending] and [dns]: how mail goes out.
void add_sending_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
