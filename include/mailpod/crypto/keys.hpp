#pragma once

#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <mailpod/base/ports.hpp>

namespace mailpod::crypto {

/// Memory for keys: locked against swapping, left out of core dumps, between guard pages, zeroed when given back.
///
/// One for the process; it outlives every Key in it. Grows by chunks of 64 KiB (2,048 keys). Callable from any thread.
/// Throws std::system_error, with the remedy in its text, if the kernel refuses to lock memory.
class KeyArena {
public:
  /// Locks the first chunk, so that a missing permission shows at start and not at the first login.
  KeyArena();
  ~KeyArena();
  KeyArena(const KeyArena&) = delete;
  KeyArena& operator=(const KeyArena&) = delete;

  /// Keys that live in it now.
  std::size_t in_use() const;

private:
  friend class Key;
  unsigned char* take();
  void give_back(unsigned char* slot) noexcept;
  void add_chunk();

  mutable std::mutex mutex_;
  std::vector<unsigned char*> chunks_;  // the first usable octet of each mapping
  std::vector<unsigned char*> free_;
};

/// 32 secret octets in an arena. Moves, never copies by itself; zeroed on destruction.
class Key {
public:
  static constexpr std::size_t size = 32;

  static Key random(KeyArena& arena, base::Entropy& entropy);
  /// Throws std::invalid_argument unless `octets` are exactly 32. The caller wipes its own copy.
  static Key copy_of(KeyArena& arena, std::string_view octets);
  /// A key whose octets `fill` writes in place: `fill(std::span<unsigned char, 32>)`.
  template <class Fill>
  static Key made_by(KeyArena& arena, Fill&& fill) {
    Key key(arena);
    fill(std::span<unsigned char, size>(key.slot_, size));
    return key;
  }

  Key(Key&& other) noexcept : arena_(other.arena_), slot_(std::exchange(other.slot_, nullptr)) {}
  Key& operator=(Key&& other) noexcept;
  ~Key();

  /// Borrowed; valid as long as this key, which must not have been moved from.
  std::string_view octets() const { return {reinterpret_cast<const char*>(slot_), size}; }
  const unsigned char* data() const { return slot_; }
  KeyArena& arena() const { return *arena_; }

private:
  explicit Key(KeyArena& arena);

  KeyArena* arena_;
  unsigned char* slot_;
};

/// The key of one member's vault. Whoever holds it can read the member's mail, so it exists only between login and
/// logout, and nothing is sealed under it directly except what the key slots hold.
class VaultKey {
public:
  explicit VaultKey(Key key) : key_(std::move(key)) {}

  /// HKDF-SHA-256 with an empty salt; `label` such as "mailpod/v1/log". The same label gives the same key for ever.
  Key derive(std::string_view label) const;
  /// For wrapping it in a key slot only.
  const Key& secret() const { return key_; }

private:
  Key key_;
};

/// Overwrites the whole capacity of `secret` with zeros and empties it; never optimised away.
void wipe(std::string& secret) noexcept;
void wipe(std::span<unsigned char> secret) noexcept;

}  // namespace mailpod::crypto
