#pragma once

#include <cstdint>
#include <string>

#include <mailpod/base/disk.hpp>

namespace mailpod::journal {

/// Copies what `file` (a segment) holds from `end` on into a file of its own, durably, and then cuts it off, durably:
/// what a crash left unfinished is never destroyed unseen, and never taken for records later.
void set_aside(base::Disk& disk, const std::string& folder, std::uint32_t segment, base::File& file, std::uint64_t end);

}  // namespace mailpod::journal
