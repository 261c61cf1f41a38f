#include "recent_logins.hpp"

#include <algorithm>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/crypto/seal.hpp>

namespace mailpod::members {
namespace {

std::string associated(const SlotLabel& label) {
  return base::Encoder().var("recent login").fixed(label.member.bytes).fixed(label.id).take();
}

}  // namespace

/// Where a secret's entry is, and what opens it: neither tells of the other, or of the secret.
struct RecentLogins::Derived {
  Tag tag;
  crypto::Key key;
};

RecentLogins::RecentLogins(base::Clock& clock, base::Entropy& entropy, crypto::KeyArena& arena)
    : clock_(clock), entropy_(entropy), arena_(arena), process_key_(crypto::Key::random(arena, entropy)) {}

RecentLogins::Derived RecentLogins::derive(MemberId member, std::string_view secret) const {
  base::ByteArray<64> both{};
  const auto info = base::Encoder().var("recent login").fixed(member.bytes).take();
  crypto::hkdf_sha256(both, secret, process_key_.octets(), info);
  Derived out{{}, crypto::Key::copy_of(arena_, base::octets(both).substr(32))};
  std::copy_n(both.begin(), out.tag.size(), out.tag.begin());
  crypto::wipe(both);
  return out;
}

std::optional<RecentLogins::Found> RecentLogins::find(MemberId member, std::string_view secret) {
  const auto derived = derive(member, secret);
  const auto now = clock_.monotonic();
  const std::scoped_lock lock(mutex_);
  const auto entry = entries_.find(derived.tag);
  if (entry == entries_.end()) return std::nullopt;
  if (entry->second.is_stale(now)) {
    entries_.erase(entry);
    return std::nullopt;
  }
  auto opened = crypto::open(derived.key, associated(entry->second.label), entry->second.sealed);
  if (!opened || entry->second.label.member != member) return std::nullopt;
  entry->second.used = now;
  Found found{entry->second.label, std::nullopt, entry->second.age};
  if (!opened->empty()) found.vault_key = crypto::Key::copy_of(arena_, *opened);
  crypto::wipe(*opened);
  return found;
}

void RecentLogins::remember(std::string_view secret, const SlotLabel& label, const crypto::Key* vault_key,
                            std::uint64_t age) {
  const auto derived = derive(label.member, secret);
  const auto content = vault_key == nullptr ? std::string_view() : vault_key->octets();
  const auto now = clock_.monotonic();
  Entry entry{label, age, crypto::seal(derived.key, entropy_, associated(label), content), now, now};
  const std::scoped_lock lock(mutex_);
  if (entries_.size() >= most) make_room(now);
  entries_.insert_or_assign(derived.tag, std::move(entry));
}

void RecentLogins::forget(MemberId member) {
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.label.member == member; });
}

void RecentLogins::forget_stale() {
  const auto now = clock_.monotonic();
  const std::scoped_lock lock(mutex_);
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.is_stale(now); });
}

std::size_t RecentLogins::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

/// Only who logged in is in here, so this is rare, and whoever goes pays for the slot once more.
void RecentLogins::make_room(std::chrono::microseconds now) {
  std::erase_if(entries_, [&](const auto& entry) { return entry.second.is_stale(now); });
  if (entries_.size() < most) return;
  const auto used = [](const auto& entry) { return entry.second.used; };
  entries_.erase(std::ranges::min_element(entries_, {}, used));
}

}  // namespace mailpod::members
