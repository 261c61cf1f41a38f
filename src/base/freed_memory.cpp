#include <mailpod/base/freed_memory.hpp>

#include <malloc.h>

namespace mailpod::base {

void give_back_freed_memory() noexcept {
  ::malloc_trim(0);
}

}  // namespace mailpod::base
