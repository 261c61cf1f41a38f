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

// The C library's own, under the names by which it exports them for this purpose.
void* __libc_malloc(std::size_t size);
void __libc_free(void* block);

// The usable size covers what a container kept beyond its length.
[[gnu::noinline]] void free(void* block) noexcept {
  if (block == nullptr) return;
  // Where the optimiser sees how much was asked for, _FORTIFY_SOURCE takes the usable rest for an overflow.
  asm volatile("" : "+r"(block));
  explicit_bzero(block, malloc_usable_size(block));
  __libc_free(block);
}

// A block that grows moves and is cleared where it was; the C library would leave the old one as it is.
[[gnu::noinline]] void* realloc(void* block, std::size_t size) noexcept {
  if (block == nullptr) return __libc_malloc(size);
  if (size == 0) {
    free(block);
    return nullptr;
  }
  asm volatile("" : "+r"(block));
  const std::size_t usable = malloc_usable_size(block);
  if (size <= usable && size >= usable / 2) {
    explicit_bzero(static_cast<char*>(block) + size, usable - size);
    return block;
  }
  void* moved = __libc_malloc(size);
  if (moved == nullptr) return nullptr;
  std::memcpy(moved, block, size < usable ? size : usable);
  free(block);
  return moved;
}

[[gnu::noinline]] void* reallocarray(void* block, std::size_t count, std::size_t size) noexcept {
  std::size_t octets = 0;
  if (__builtin_mul_overflow(count, size, &octets)) {
    errno = ENOMEM;
    return nullptr;
  }
  return realloc(block, octets);
}

}  // extern "C"

#endif
