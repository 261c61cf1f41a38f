#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [authentication]: how mail from outside is met by what it proves about where it comes from.
void add_authentication_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
