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

constexpr std::size_t nearest_octets = 16 * 1024;

/// Overwrites what lies just below the caller: too near for whole pages to be given back. Returns where that begins,
/// going down. (The frame's address, not the buffer's: a sanitizer may put buffers elsewhere.)
[[gnu::noinline]] std::uintptr_t clear_nearest() noexcept {
  char nearest[nearest_octets];
  explicit_bzero(nearest, sizeof nearest);
  return reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
}

}  // namespace

[[gnu::noinline]] void clear_unused_stack() noexcept {
  static const auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
  thread_local void* const lowest = lowest_of_stack();
  // Half of what was cleared lies above: the calls below this one stand on it.
  const std::uintptr_t end = (clear_nearest() - nearest_octets / 2) & ~(page - 1);
  const auto begin = reinterpret_cast<std::uintptr_t>(lowest);
  // Given back, they are zeros when they are touched again.
  if (lowest != nullptr && begin < end) ::madvise(lowest, end - begin, MADV_DONTNEED);
}

}  // namespace mailpod::base
