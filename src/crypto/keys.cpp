#include <mailpod/crypto/keys.hpp>

#include <algorithm>
#include <cerrno>
#include <stdexcept>
#include <system_error>

#include <sys/mman.h>

#include <mailpod/crypto/digest.hpp>

#include "sodium.hpp"

namespace mailpod::crypto {

namespace {

constexpr std::size_t chunk_size = 64 * 1024;
/// A whole guard on either side, of the largest page size Linux uses on our machines.
constexpr std::size_t guard_size = 64 * 1024;
constexpr std::size_t mapping_size = guard_size + chunk_size + guard_size;

[[noreturn]] void fail(int error, const char* what) {
  throw std::system_error(error, std::system_category(), what);
}

class Mapping {
public:
  Mapping() : begin_(::mmap(nullptr, mapping_size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    if (begin_ == MAP_FAILED) fail(errno, "reserve memory for keys");
  }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;
  ~Mapping() {
    if (begin_ != nullptr) ::munmap(begin_, mapping_size);
  }
  unsigned char* chunk() const { return static_cast<unsigned char*>(begin_) + guard_size; }
  void release() { begin_ = nullptr; }

private:
  void* begin_;
};

}  // namespace

KeyArena::KeyArena() {
  require_sodium();
  add_chunk();
}

KeyArena::~KeyArena() {
  for (auto* chunk : chunks_) {
    sodium_memzero(chunk, chunk_size);
    ::munmap(chunk - guard_size, mapping_size);
  }
}

void KeyArena::add_chunk() {
  // libsodium's own allocator ignores that mlock failed; here a key that could be swapped out is refused.
  chunks_.reserve(chunks_.size() + 1);
  free_.reserve((chunks_.size() + 1) * (chunk_size / Key::size));
  Mapping mapping;
  if (::mprotect(mapping.chunk(), chunk_size, PROT_READ | PROT_WRITE) != 0) fail(errno, "open memory for keys");
  if (::mlock(mapping.chunk(), chunk_size) != 0) {
    fail(errno,
         "cannot lock 64 KiB of memory for keys; raise the limit (LimitMEMLOCK=64M in the systemd unit, "
         "or `ulimit -l 65536`)");
  }
  if (::madvise(mapping.chunk(), chunk_size, MADV_DONTDUMP) != 0) fail(errno, "keep keys out of core dumps");
  // A forked child (a spawned program before its exec) sees zeros instead of keys.
  if (::madvise(mapping.chunk(), chunk_size, MADV_WIPEONFORK) != 0) fail(errno, "keep keys out of child processes");
  for (std::size_t at = chunk_size; at != 0; at -= Key::size) free_.push_back(mapping.chunk() + at - Key::size);
  chunks_.push_back(mapping.chunk());
  mapping.release();
}

unsigned char* KeyArena::take() {
  const std::lock_guard guard(mutex_);
  if (free_.empty()) add_chunk();
  auto* slot = free_.back();
  free_.pop_back();
  return slot;
}

void KeyArena::give_back(unsigned char* slot) noexcept {
  sodium_memzero(slot, Key::size);
  const std::lock_guard guard(mutex_);
  free_.push_back(slot);  // never allocates: add_chunk reserved room for every slot
}

std::size_t KeyArena::in_use() const {
  const std::lock_guard guard(mutex_);
  return chunks_.size() * (chunk_size / Key::size) - free_.size();
}

Key::Key(KeyArena& arena) : arena_(&arena), slot_(arena.take()) {}

Key::~Key() {
  if (slot_ != nullptr) arena_->give_back(slot_);
}

Key& Key::operator=(Key&& other) noexcept {
  if (this == &other) return *this;
  if (slot_ != nullptr) arena_->give_back(slot_);
  arena_ = other.arena_;
  slot_ = std::exchange(other.slot_, nullptr);
  return *this;
}

Key Key::random(KeyArena& arena, base::Entropy& entropy) {
  return made_by(arena, [&](std::span<unsigned char, size> octets) { entropy.fill(octets); });
}

Key Key::copy_of(KeyArena& arena, std::string_view octets) {
  if (octets.size() != size) throw std::invalid_argument("a key has 32 octets");
  return made_by(arena, [&](std::span<unsigned char, size> into) { std::copy_n(raw(octets), size, into.begin()); });
}

Key VaultKey::derive(std::string_view label) const {
  return hkdf_key(key_.arena(), key_.octets(), {}, label);
}

void wipe(std::string& secret) noexcept {
  secret.resize(secret.capacity());  // within the capacity: nothing moves
  sodium_memzero(secret.data(), secret.size());
  secret.clear();
}

void wipe(std::span<unsigned char> secret) noexcept {
  sodium_memzero(secret.data(), secret.size());
}

}  // namespace mailpod::crypto
