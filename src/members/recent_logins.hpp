#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include <mailpod/members/slots.hpp>

namespace mailpod::members {

/// Which secrets opened which slots within the last minute, so that a program that logs in again and again costs no
/// Argon2id each time. docs/decisions/0086.
///
/// Neither secrets nor keys are kept. An entry is found by a keyed hash of member and secret, and the vault key lies in
/// it sealed under another one: without the secret nothing in memory opens it. A login by it is a minute older at most
/// than whatever is found here, forget_stale() being called as often as KeyRing::forget_every says; so nothing of this
/// is left a minute after the last session began. In a bounded amount of memory. Any thread.
class RecentLogins {
public:
  RecentLogins(base::Clock& clock, base::Entropy& entropy, crypto::KeyArena& arena);

  struct Found {
    SlotLabel label;
    std::optional<crypto::Key> vault_key;  ///< nothing: may only send
    std::uint64_t age = 0;
  };
  /// The same work whether there is one or not, but for opening the seal.
  std::optional<Found> find(MemberId member, std::string_view secret);
  /// `vault_key`: nullptr for who may only send. `age`: RevokedSlots::age of the slot.
  void remember(std::string_view secret, const SlotLabel& label, const crypto::Key* vault_key, std::uint64_t age);
  void forget(MemberId member);
  void forget_stale();
  std::size_t size() const;

  static constexpr std::size_t most = 4096;
  /// After the last login by it; with KeyRing::forget_every it makes a minute.
  static constexpr std::chrono::seconds life{45};
  /// However often it is used: then the slot is looked at again.
  static constexpr std::chrono::minutes longest_life{60};

private:
  using Tag = base::ByteArray<32>;
  struct Derived;
  struct Entry {
    SlotLabel label;
    std::uint64_t age = 0;
    std::string sealed;  ///< the vault key, or nothing, under a key of the secret
    std::chrono::microseconds made{0}, used{0};
    bool is_stale(std::chrono::microseconds now) const { return now - used >= life || now - made >= longest_life; }
  };
  Derived derive(MemberId member, std::string_view secret) const;
  void make_room(std::chrono::microseconds now);

  base::Clock& clock_;
  base::Entropy& entropy_;
  crypto::KeyArena& arena_;
  const crypto::Key process_key_;
  mutable std::mutex mutex_;
  std::map<Tag, Entry> entries_;
};

}  // namespace mailpod::members
