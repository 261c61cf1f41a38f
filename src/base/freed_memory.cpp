#include <mailpod/base/freed_memory.hpp>

#include <malloc.h>

#include <algorithm>
#include <thread>

namespace mailpod::base {

void keep_few_heaps() noexcept {
  ::mallopt(M_ARENA_MAX, static_cast<int>(std::max(2U, std::thread::hardware_concurrency())));
}

void give_back_freed_memory() noexcept {
  ::malloc_trim(0);
}

}  // namespace mailpod::base
