#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "listing.hpp"

/// The vault's listing as the parts of a journal checkpoint. docs/storage-format.md, "vault checkpoint". Frozen.
///
/// A part is a version octet and items `u8 tag | u32 length | octets`; it can be read without the parts before it,
/// except that a mailbox comes before its messages, and those before their save dates. A message takes 32 octets, and
/// 12 more once it was copied or moved.
namespace mailpod::store {

std::vector<std::string> write_checkpoint(const Listing& listing);

/// False if the part makes no sense.
bool read_checkpoint_part(std::string_view part, Change& change);

}  // namespace mailpod::store
