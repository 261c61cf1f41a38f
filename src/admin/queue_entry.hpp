#pragma once

#include <string>

#include <mailpod/queue/suppressions.hpp>

#include "operation.hpp"

namespace mailpod::admin {

/// Where an entry stands, in a word: `held`, `suppressed` (all that are still to be reached), `due` (an attempt is owed
/// or under way), `waits` (for its next try), `done` (nobody is left to reach; reports may be owed).
std::string state_of(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now);

/// The line of `queue list`: no address but the domains that are still to be reached.
json listed(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now);

/// All of it, for people.
json shown(const queue::Entry& entry, const queue::Suppressions& suppressions, base::Time now);

}  // namespace mailpod::admin
