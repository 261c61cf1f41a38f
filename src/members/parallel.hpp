#pragma once

#include <cstddef>
#include <functional>

namespace mailpod::members {

/// Calls `work(0)` … `work(count - 1)`. Small counts one after the other; from `parallel_from` on several threads share
/// them, since what costs time is waiting for the disk. Once all is done, the first exception is thrown again.
void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work);

inline constexpr std::size_t parallel_from = 16;
inline constexpr std::size_t parallel_threads = 16;

}  // namespace mailpod::members
