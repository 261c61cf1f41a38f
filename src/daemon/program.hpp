#pragma once

#include <optional>

#include <mailpod/governance/signatures.hpp>

namespace mailpod::daemon {

/// SHA-256 of the file that this process runs, as it was when it began; asked of the kernel once. Nothing where it
/// cannot be read.
std::optional<governance::Hash> hash_of_program();

}  // namespace mailpod::daemon
