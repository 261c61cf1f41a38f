#pragma once

#include <cstddef>

#include "life.hpp"
#include "simulation/dice.hpp"

/// Who talks with a pod. Each goes on, session after session, until its life is over, whatever befalls it.
namespace mailpod::world {

/// Somebody at another server, who writes to members over port 25.
net::awaitable<void> correspond(Life& life, simulation::Dice dice, unsigned number);
/// A member who writes to other members and to other servers, over submission.
net::awaitable<void> submit(Life& life, simulation::Dice dice, std::size_t author);
/// A member's own mail program, the only one that changes the mailbox: it knows what must be there.
net::awaitable<void> own(Life& life, simulation::Dice dice, std::size_t member);
/// Another device of the member, which only looks.
net::awaitable<void> watch(Life& life, simulation::Dice dice, std::size_t member);

/// One look at everything in a member's mailboxes, held against the ledger.
net::awaitable<void> survey(Life& life, std::size_t member, Holdings::When when);

}  // namespace mailpod::world
