#pragma once

namespace mailpod::base {

/// Gives what was freed, and lies unused in the allocator, back to the system. For who has freed much at once and will
/// not soon want as much again; takes some milliseconds for each hundred megabytes, and who allocates in the same part
/// of the heap waits meanwhile. Any thread, but not a loop's.
void give_back_freed_memory() noexcept;

}  // namespace mailpod::base
