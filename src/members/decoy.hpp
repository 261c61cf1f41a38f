#pragma once

#include <string_view>

#include <mailpod/members/directory.hpp>

namespace mailpod::members {

/// Whom a refusal reads and tries in place of somebody who does not exist or has not enrolled: always the same enrolled
/// person for one name, however it is spelled, so that caches tell nothing either. nullptr if nobody has enrolled.
const Person* decoy_for(const DirectoryState& directory, std::string_view name, const base::ByteArray<32>& key);

}  // namespace mailpod::members
