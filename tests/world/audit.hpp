#pragma once

#include "ledger.hpp"

namespace mailpod::world {

/// Looks at a disk, as it is after a pod's life, with the production code that would start from it, and holds what is
/// there against the ledger: mailboxes, the vaults' own check, the queue, plaintext. `disk` is the auditor's own copy.
/// The first thing that is wrong is the witness' accusation.
void audit(simulation::Disk& disk, Ledger& ledger, simulation::Clock& clock, Witness& witness, Holdings::When when);

/// What must hold when nothing is left to do: everybody remote has the message or its author a report, once.
void audit_the_outcome(const Ledger& ledger, Witness& witness);

}  // namespace mailpod::world
