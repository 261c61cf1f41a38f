// Every block that C++ gives back is overwritten first, so that no subject, body, name or password outlives its use in
// freed memory (docs/storage-format.md). Linked into the executable only. The sanitizers bring their own operator
// delete and would not see ours, so it is left out under them.

#include <cstdlib>
#include <cstring>
#include <new>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MAILPOD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MAILPOD_SANITIZED 1
#endif
#endif

#ifndef MAILPOD_SANITIZED

namespace {

// libstdc++'s operator new is malloc, its aligned one aligned_alloc: free() serves both, and the usable size covers
// what a container kept beyond its length.
[[gnu::noinline]] void zero_and_free(void* block) noexcept {
  if (block == nullptr) return;
  // Where the optimiser sees how much was asked for, _FORTIFY_SOURCE takes the usable rest for an overflow.
  asm volatile("" : "+r"(block));
  explicit_bzero(block, malloc_usable_size(block));
  std::free(block);
}

}  // namespace

void operator delete(void* block) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block) noexcept {
  zero_and_free(block);
}
void operator delete(void* block, std::size_t) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block, std::size_t) noexcept {
  zero_and_free(block);
}
void operator delete(void* block, const std::nothrow_t&) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block, const std::nothrow_t&) noexcept {
  zero_and_free(block);
}
void operator delete(void* block, std::align_val_t) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block, std::align_val_t) noexcept {
  zero_and_free(block);
}
void operator delete(void* block, std::size_t, std::align_val_t) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block, std::size_t, std::align_val_t) noexcept {
  zero_and_free(block);
}
void operator delete(void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  zero_and_free(block);
}
void operator delete[](void* block, std::align_val_t, const std::nothrow_t&) noexcept {
  zero_and_free(block);
}

#endif
