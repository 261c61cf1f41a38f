// Every block that anybody in the process gives back is overwritten first, so that no subject, body, name or password
// outlives its use in freed memory (docs/threat-model.md): blocks of C++, whose operator delete ends here, and those of
// the C libraries, which would otherwise leave TLS records, converted text and answers of DNS behind. Linked into the
// executable only, where it takes the place of the C library's own free and realloc for all of them
// (docs/decisions/0070). The sanitizers bring their own and would not see ours, so it is left out under them.

#include <cerrno>
#include <cstddef>
#include <cstring>

#include <malloc.h>

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MAILPOD_SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define MAILPOD_SANITIZED 1
#endif
#endif

#ifndef MAILPOD_SANITIZED

extern "C" {

// The C library's own, by the names under which it exports them for this purpose.
void* take_block(std::size_t size) noexcept __asm__("__libc_malloc");
void give_block_back(void* block) noexcept __asm__("__libc_free");

// Ours, by the names under which everybody calls them.
void clear_and_free(void* block) noexcept __asm__("free");
void* clear_and_reallocate(void* block, std::size_t size) noexcept __asm__("realloc");
void* clear_and_reallocate_array(void* block, std::size_t count, std::size_t size) noexcept __asm__("reallocarray");

// The usable size covers what a container kept beyond its length.
[[gnu::noinline, gnu::used]] void clear_and_free(void* block) noexcept {
  if (block == nullptr) return;
  // Where the optimiser sees how much was asked for, _FORTIFY_SOURCE takes the usable rest for an overflow.
  asm volatile("" : "+r"(block));
  explicit_bzero(block, malloc_usable_size(block));
  give_block_back(block);
}

// A block that grows moves and is cleared where it was; the C library would leave the old one as it is.
[[gnu::noinline, gnu::used]] void* clear_and_reallocate(void* block, std::size_t size) noexcept {
  if (block == nullptr) return take_block(size);
  if (size == 0) {
    clear_and_free(block);
    return nullptr;
  }
  asm volatile("" : "+r"(block));
  const std::size_t usable = malloc_usable_size(block);
  if (size <= usable && size >= usable / 2) {
    explicit_bzero(static_cast<char*>(block) + size, usable - size);
    return block;
  }
  void* moved = take_block(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, size < usable ? size : usable);
  clear_and_free(block);
  return moved;
}

[[gnu::noinline, gnu::used]] void* clear_and_reallocate_array(void* block, std::size_t count,
                                                              std::size_t size) noexcept {
  std::size_t octets = 0;
  if (__builtin_mul_overflow(count, size, &octets)) {
    errno = ENOMEM;
    return nullptr;
  }
  return clear_and_reallocate(block, octets);
}

}  // extern "C"

#endif
