#pragma once

#include <cstdint>
#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/base/member_id.hpp>

namespace mailpod::store {

/// What there is to destroy of a member's folder.
struct Remains {
  std::uint32_t slots = 0;
  std::uint64_t messages = 0;  ///< sealed files
  std::uint64_t octets = 0;    ///< of them
  friend bool operator==(const Remains&, const Remains&) = default;
};
/// Looks at names and sizes. Blocks on the disk, whose failures throw std::system_error.
Remains remains_of(base::Disk& disk, const std::string& folder);

/// Destroys a member's folder: slots and card first, each overwritten and synced before its name goes, so that nothing
/// can be sealed for the member or opened by them any more; then all else; then the folder, durably. What is
/// overwritten may survive on media that write elsewhere, and in copies.
///
/// Nobody may have the vault open. Deliveries to several members that are under way are completed, so that the others
/// get theirs. Whatever ends it early, it is called again and goes on. Blocking; I/O failure throws std::system_error.
void destroy_member_folder(base::Disk& disk, const std::string& members, MemberId member, base::Log& log);

}  // namespace mailpod::store
