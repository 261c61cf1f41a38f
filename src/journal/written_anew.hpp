#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <mailpod/base/disk.hpp>

namespace mailpod::journal {

/// A segment whose last writes are in doubt, written anew: a copy of all its octets, durable before it takes the
/// segment's name (durable itself only when the caller syncs `folder`).
///
/// A sync of the segment as it is would not do. Where a killed process saw its sync fail, Linux keeps the octets in
/// memory and calls them clean: its successor reads them, its own sync succeeds, and the power loss after that takes them
/// away, together with whatever was built on them. If there is no room for a copy, that sync is all that is left to do.
/// `file` is the segment; the answer takes its place. Throws std::system_error if the segment cannot even be synced.
std::unique_ptr<base::File> written_anew(base::Disk& disk, const std::string& folder, std::uint32_t segment,
                                         std::unique_ptr<base::File> file);

}  // namespace mailpod::journal
