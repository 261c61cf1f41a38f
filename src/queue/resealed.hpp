#pragma once

#include <string>

namespace mailpod::queue {

/// Where a file under another server key waits until that key counts.
std::string next_to(const std::string& path);

}  // namespace mailpod::queue
