#pragma once

#include <cstdint>

#include <mailpod/base/log.hpp>

namespace mailpod::daemon {

/// Takes from the process what it must not have, before any secret is read: no core dumps, no reading of its memory by
/// other processes of the same user (ptrace, /proc), no signal from a peer that went away, no files for others.
void give_up_dumps();

/// Raises the limit of open files towards `wanted`, as far as the kernel lets us; says so if it falls short.
void raise_open_files(std::uint64_t wanted, base::Log& log);

/// How many files this process may have open.
std::uint64_t open_files();

}  // namespace mailpod::daemon
