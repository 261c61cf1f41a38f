#pragma once

#include <vector>

#include "settings_table.hpp"

namespace mailpod::daemon {

/// The rows of [http] and [web]: what one connection may do, and what the pod says of itself.
void add_web_settings(std::vector<Setting>& rows);

}  // namespace mailpod::daemon
