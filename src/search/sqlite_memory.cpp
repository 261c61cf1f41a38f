#include "sqlite_memory.hpp"

#include <cstdlib>
#include <cstring>
#include <mutex>
#include <stdexcept>

#include <malloc.h>
#include <sqlite3.h>

namespace mailpod::search {
namespace {

void* take(int octets) {
  return std::malloc(static_cast<std::size_t>(octets));
}

int size_of(void* block) {
  return block == nullptr ? 0 : static_cast<int>(malloc_usable_size(block));
}

void give_back(void* block) {
  if (block == nullptr) return;
  asm volatile("" : "+r"(block));  // else the optimiser may know a smaller size and take the rest for an overflow
  explicit_bzero(block, malloc_usable_size(block));
  std::free(block);
}

/// realloc() would leave the old octets behind where it moves.
void* resize(void* block, int octets) {
  const int had = size_of(block);
  if (had >= octets && had < 2 * octets) return block;
  void* const larger = take(octets);
  if (larger == nullptr) return nullptr;
  std::memcpy(larger, block, static_cast<std::size_t>(std::min(had, octets)));
  give_back(block);
  return larger;
}

int rounded_up(int octets) {
  return (octets + 7) & ~7;
}

void configure() {
  static constexpr sqlite3_mem_methods methods{
      take, give_back, resize, size_of, rounded_up, [](void*) { return SQLITE_OK; }, [](void*) {}, nullptr};
  // Without the statistics allocations need no lock of their own.
  if (sqlite3_config(SQLITE_CONFIG_MALLOC, &methods) != SQLITE_OK ||
      sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK) {
    throw std::runtime_error("SQLite was used before its memory was given to it");
  }
}

}  // namespace

void give_sqlite_zeroing_memory() {
  static std::once_flag once;
  std::call_once(once, configure);
}

}  // namespace mailpod::search
