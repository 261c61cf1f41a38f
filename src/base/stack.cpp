#include <mailpod/base/stack.hpp>

#include <cstdint>
#include <cstring>

#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

namespace mailpod::base {
namespace {

/// Where this thread's stack begins, below all that it may ever use; nullptr if that cannot be known.
void* lowest_of_stack() noexcept {
  pthread_attr_t attributes;
  if (::pthread_getattr_np(::pthread_self(), &attributes) != 0) return nullptr;
  void* lowest = nullptr;
  std::size_t size = 0;
  const bool known = ::pthread_attr_getstack(&attributes, &lowest, &size) == 0;
  ::pthread_attr_destroy(&attributes);
  return known ? lowest : nullptr;
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
  thread_local void* const lowest = lowest_of_stack();
  // Half of what was cleared lies above: the calls below this one stand on it.
  std::uintptr_t cleared = 0;
  clear_nearest(cleared);
  const std::uintptr_t end = (cleared + std::uintptr_t{8} * 1024) & ~(page - 1);
  const auto begin = reinterpret_cast<std::uintptr_t>(lowest);
  // Given back, they are zeros when they are touched again.
  if (lowest != nullptr && begin < end) ::madvise(lowest, end - begin, MADV_DONTNEED);
}

}  // namespace mailpod::base
