#include <mailpod/queue/policies.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "resealed.hpp"
#include "sealed_entry.hpp"

namespace mailpod::queue {

namespace {

constexpr std::uint64_t largest_file = 64 * 1024 * 1024;

}  // namespace

Policies::Policies(const Spool::Ports& ports, std::string folder)
    : ports_(ports),
      folder_(std::move(folder)),
      path_(base::join(folder_, "policies")),
      queue_key_(queue_key_of(ports.arena, ports.server_key)) {
  auto loaded = load();
  if (loaded) {
    by_domain_ = std::move(*loaded);
  } else {
    ports_.log.warning("queue.policies_unread reason=\"{}\"", loaded.error().message());
  }
}

class Policies::Resealing final : public crypto::Resealing {
public:
  Resealing(Policies& all, const crypto::Key& server_key)
      : all_(all), still_(all.change_), key_(queue_key_of(all.ports_.arena, server_key)) {
    const auto known = all_.all();
    if (known.empty()) return;
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
  std::string file;
  try {
    file = base::read_file(ports_.disk, path_, largest_file);
  } catch (const std::system_error& failure) {
    return boost::system::error_code(failure.code());
  }
  const auto octets = parse_policies_file(file, queue_key_);
  if (!octets) return octets.error();
  auto list = decode_policies(*octets);
  if (!list) return list.error();
  ByDomain by_domain;
  for (auto& one : *list) {
    std::string domain = one.domain;
    by_domain.emplace(std::move(domain), std::move(one));
  }
  return by_domain;
}

std::vector<RememberedPolicy> Policies::all() const {
  const std::lock_guard lock(mutex_);
  std::vector<RememberedPolicy> list;
  for (const auto& [domain, one] : by_domain_) list.push_back(one);
  return list;
}

std::optional<RememberedPolicy> Policies::find(const std::string& domain, base::Time now) const {
  const std::lock_guard lock(mutex_);
  const auto found = by_domain_.find(domain);
  if (found == by_domain_.end() || found->second.ends() <= now) return std::nullopt;
  return found->second;
}

void Policies::remember(RememberedPolicy fetched) {
  const std::lock_guard one_at_a_time(change_);
  {
    const std::lock_guard lock(mutex_);
    std::string domain = fetched.domain;
    by_domain_.insert_or_assign(std::move(domain), std::move(fetched));
    if (by_domain_.size() > most) {
      by_domain_.erase(std::ranges::min_element(by_domain_, {}, [](const auto& one) { return one.second.ends(); }));
    }
  }
  if (held_) throw std::system_error(EIO, std::generic_category(), "the queue must be opened anew: restart");
  base::replace_file(ports_.disk, path_, write_policies_file(encode(all()), queue_key_, ports_.entropy));
}

}  // namespace mailpod::queue
