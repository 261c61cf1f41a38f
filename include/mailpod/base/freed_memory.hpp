#pragma once

namespace mailpod::base {

/// Lets the allocator keep as many heaps as there are cores, at least two, where it would keep eight times as many: each
/// holds what was freed in it. A crowd of threads then shares them, and no more run at once than there are. Once, before
/// there are threads.
void keep_few_heaps() noexcept;

/// Gives what was freed, and lies unused in the allocator, back to the system. For who has freed much at once and will
/// not soon want as much again; takes some milliseconds for each hundred megabytes, and who allocates in the same part
/// of the heap waits meanwhile. Any thread, but not a loop's.
void give_back_freed_memory() noexcept;

}  // namespace mailpod::base
