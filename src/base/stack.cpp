#include <mailpod/base/stack.hpp>

#include <cstdint>
#include <cstring>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mailpod::base {
namespace {

/// The lowest address of this thread's stack; 0 if it cannot be known.
std::uintptr_t lowest_of_stack() noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return 0;
  void* lowest = nullptr;
  std::size_t size = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &lowest, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  return known ? reinterpret_cast<std::uintptr_t>(lowest) : 0;
}

/// The part of a page, and the page, that this very call stands on: too near for whole pages to be given back.
/// Writes down where it began.
[[gnu::noinline]] void clear_nearest(std::uintptr_t& begin) noexcept {
  char nearest[16 * 1024];
  explicit_bzero(nearest, sizeof nearest);
  begin = reinterpret_cast<std::uintptr_t>(nearest);
}

}  // namespace

[[gnu::noinline]] void clear_unused_stack() noexcept {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  thread_local const std::uintptr_t lowest = lowest_of_stack();
  // Half of what was cleared lies above: the calls below this one stand on it.
  std::uintptr_t cleared = 0;
  clear_nearest(cleared);
  const std::uintptr_t end = (cleared + std::uintptr_t{8} * 1024) & ~(page - 1);
  // Given back, they are zeros when they are touched again.
  if (lowest != 0 && lowest < end) ::madvise(reinterpret_cast<void*>(lowest), end - lowest, MADV_DONTNEED);
}

}  // namespace mailpod::base
