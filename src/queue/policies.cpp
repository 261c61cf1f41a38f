#include <mailpod/queue/policies.hpp>

#include <cerrno>
#include <system_error>

#include <mailpod/queue/error.hpp>

#include "resealed.hpp"
#include "sealed_entry.hpp"

namespace mailpod::queue {

namespace {

// Twice what is ever written.
constexpr std::uint64_t largest_file = 16 * 1024 * 1024;

/// What it adds to the file.
std::size_t size_of(const RememberedPolicy& one) {
  return encode(std::vector{one}).size() - encode(std::vector<RememberedPolicy>()).size();
}

}  // namespace

Policies::Policies(const Spool::Ports& ports, std::string folder, const PoliciesLimits& limits)
    : ports_(ports),
      folder_(std::move(folder)),
      path_(base::join(folder_, "policies")),
      limits_(limits),
      queue_key_(queue_key_of(ports.arena, ports.server_key)) {
  begin();
}

void Policies::begin() {
  auto loaded = load();
  if (loaded) {
    by_domain_ = std::move(*loaded);
    for (const auto& [domain, kept] : by_domain_) octets_ += size_of(kept.policy);
    return;
  }
  ports_.log.error("queue.policies_unread reason=\"{}\"", loaded.error().message());
  only_in_memory_ = loaded.error() != Errc::damaged;
  if (only_in_memory_) return;
  ports_.disk.rename(path_, path_ + ".damaged");
  ports_.disk.sync_directory(folder_);
}

class Policies::Resealing final : public crypto::Resealing {
public:
  Resealing(Policies& all, const crypto::Key& server_key)
      : all_(all), still_(all.change_), key_(queue_key_of(all.ports_.arena, server_key)) {
    std::uint64_t state = 0;
    const auto known = all_.all(state);
    // What opens no more under this key opens under no other.
    if (known.empty() || all_.only_in_memory_) return;
    base::replace_file(all_.ports_.disk, next_to(all_.path_),
                       write_policies_file(encode(known), key_, all_.ports_.entropy));
  }
  void install() override {
    settle_resealed_queue(all_.ports_.disk, all_.folder_);
    all_.queue_key_ = std::move(key_);
  }
  void hold() override { all_.held_ = true; }

private:
  Policies& all_;
  std::scoped_lock<std::mutex> still_;
  crypto::Key key_;
};

std::unique_ptr<crypto::Resealing> Policies::reseal(const crypto::Key& server_key) {
  return std::make_unique<Resealing>(*this, server_key);
}

Result<Policies::ByDomain> Policies::load() const {
  if (!ports_.disk.status(path_)) return ByDomain();
  const auto octets = parse_policies_file(base::read_file(ports_.disk, path_, largest_file), queue_key_);
  if (!octets) return octets.error();
  auto list = decode_policies(*octets);
  if (!list) return list.error();
  ByDomain by_domain;
  for (auto& one : *list) {
    std::string domain = one.domain;
    const base::Time used = one.fetched;
    by_domain.emplace(std::move(domain), Kept{std::move(one), used});
  }
  return by_domain;
}

bool Policies::fits(const RememberedPolicy& one) {
  return size_of(one) <= largest;
}

std::vector<RememberedPolicy> Policies::all(std::uint64_t& state) const {
  const std::lock_guard lock(mutex_);
  state = state_;
  std::vector<RememberedPolicy> list;
  for (const auto& [domain, one] : by_domain_) list.push_back(one.policy);
  return list;
}

std::optional<RememberedPolicy> Policies::find(const std::string& domain, base::Time now) {
  const std::lock_guard lock(mutex_);
  const auto found = by_domain_.find(domain);
  if (found == by_domain_.end()) return std::nullopt;
  Kept& kept = found->second;
  if (kept.policy.fetched > now) kept.policy.fetched = now;
  if (kept.policy.ends() <= now) return std::nullopt;
  return kept.policy;
}

void Policies::note_use(const std::string& domain, base::Time now) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_domain_.find(domain); found != by_domain_.end()) found->second.used = now;
}

void Policies::erase(ByDomain::iterator one) {
  octets_ -= size_of(one->second.policy);
  by_domain_.erase(one);
  ++state_;
}

bool Policies::erase_ended(base::Time now) {
  const std::uint64_t before = state_;
  for (auto one = by_domain_.begin(); one != by_domain_.end();) {
    const auto present = one++;
    if (present->second.policy.ends() <= now) erase(present);
  }
  return state_ != before;
}

void Policies::make_room(const std::string& newest) {
  const auto is_over = [&] { return by_domain_.size() > limits_.policies || octets_ > limits_.octets; };
  while (is_over() && by_domain_.size() > 1) {
    auto longest_unused = by_domain_.end();
    for (auto one = by_domain_.begin(); one != by_domain_.end(); ++one) {
      if (one->first == newest) continue;
      if (longest_unused == by_domain_.end() || one->second.used < longest_unused->second.used) longest_unused = one;
    }
    erase(longest_unused);
  }
}

void Policies::remember(RememberedPolicy fetched) {
  if (!fits(fetched)) return;
  std::uint64_t state = 0;
  {
    const std::lock_guard lock(mutex_);
    const std::string domain = fetched.domain;
    const base::Time now = fetched.fetched;
    if (const auto known = by_domain_.find(domain); known != by_domain_.end()) erase(known);
    octets_ += size_of(fetched);
    by_domain_.emplace(domain, Kept{std::move(fetched), now});
    erase_ended(now);
    make_room(domain);
    state = ++state_;
  }
  write(state);
}

void Policies::forget_ended(base::Time now) {
  std::uint64_t state = 0;
  {
    const std::lock_guard lock(mutex_);
    if (!erase_ended(now)) return;
    state = state_;
  }
  write(state);
}

/// Whoever waited while others wrote finds that they wrote this state, too, or a newer one.
void Policies::write(std::uint64_t state) {
  const std::lock_guard one_at_a_time(change_);
  if (only_in_memory_ || written_ >= state) return;
  if (held_) throw std::system_error(EIO, std::generic_category(), "the queue must be opened anew: restart");
  std::uint64_t newest = 0;
  const auto list = all(newest);
  base::replace_file(ports_.disk, path_, write_policies_file(encode(list), queue_key_, ports_.entropy));
  written_ = newest;
}

}  // namespace mailpod::queue
