#pragma once

#include <string>

#include "operation.hpp"

namespace mailpod::admin {

/// Where an entry stands, in a word: `held`, `due` (an attempt is owed or under way), `waits` (for its next try),
/// `done` (nobody is left to reach; reports may be owed).
std::string state_of(const queue::Entry& entry, base::Time now);

/// The line of `queue list`: no address but the domains that are still to be reached.
json listed(const queue::Entry& entry, base::Time now);

/// All of it, for people.
json shown(const queue::Entry& entry, base::Time now);

}  // namespace mailpod::admin
