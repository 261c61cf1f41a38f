#include <mailpod/queue/suppressions.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <mailpod/text/ascii.hpp>

#include "destination.hpp"
#include "resealed.hpp"
#include "sealed_entry.hpp"

namespace mailpod::queue {

namespace {

constexpr std::uint64_t largest_file = 8 * 1024 * 1024;

bool has_ended(const Suppression& one, base::Time now) {
  return one.until && *one.until <= now;
}

const Suppression* find_in(const std::vector<Suppression>& list, const std::string& what, base::Time now) {
  const auto found = std::ranges::lower_bound(list, what, {}, &Suppression::what);
  return found == list.end() || found->what != what || has_ended(*found, now) ? nullptr : &*found;
}

/// A recipient's address in the form in which parse_suppressed writes it, however odd it is.
struct Compared {
  explicit Compared(std::string_view address)
      : domain(destination_of(address, {}).domain),
        whole(text::lower(address.substr(0, address.rfind('@') + 1)) + domain) {}
  std::string domain;
  std::string whole;
};

}  // namespace

bool covers(std::string_view what, std::string_view address) {
  const Compared compared(address);
  return what == compared.whole || what == compared.domain;
}

Suppressions::Suppressions(const Spool::Ports& ports, std::string folder)
    : ports_(ports),
      folder_(std::move(folder)),
      path_(base::join(folder_, "suppressed")),
      queue_key_(queue_key_of(ports.arena, ports.server_key)),
      list_(std::make_shared<const List>()) {
  auto loaded = load();
  if (loaded) {
    list_ = std::make_shared<const List>(std::move(*loaded));
  } else {
    ports_.log.error("queue.suppressions_unread reason=\"{}\"", loaded.error().message());
    list_ = loaded.error();
  }
}

class Suppressions::Resealing final : public crypto::Resealing {
public:
  Resealing(Suppressions& all, const crypto::Key& server_key)
      : all_(all), still_(all.change_), key_(queue_key_of(all.ports_.arena, server_key)) {
    const auto known = all_.current();
    // What opens no more under this key opens under no other.
    if (!known || (*known)->empty()) return;
    base::replace_file(all_.ports_.disk, next_to(all_.path_),
                       write_suppressed_file(encode(**known), key_, all_.ports_.entropy));
  }
  void install() override {
    settle_resealed_queue(all_.ports_.disk, all_.folder_);
    all_.queue_key_ = std::move(key_);
  }
  void hold() override { all_.held_ = true; }

private:
  Suppressions& all_;
  std::scoped_lock<std::mutex> still_;
  crypto::Key key_;
};

std::unique_ptr<crypto::Resealing> Suppressions::reseal(const crypto::Key& server_key) {
  return std::make_unique<Resealing>(*this, server_key);
}

Result<Suppressions::List> Suppressions::load() const {
  if (!ports_.disk.status(path_)) return List();
  const auto octets = parse_suppressed_file(base::read_file(ports_.disk, path_, largest_file), queue_key_);
  if (!octets) return octets.error();
  return decode_suppressions(*octets);
}

Result<std::shared_ptr<const Suppressions::List>> Suppressions::current() const {
  const std::lock_guard lock(mutex_);
  return list_;
}

/// What nobody needs any more leaves no file.
void Suppressions::store(List list) {
  if (held_) throw std::system_error(EIO, std::generic_category(), "the queue must be opened anew: restart");
  if (!list.empty()) {
    base::replace_file(ports_.disk, path_, write_suppressed_file(encode(list), queue_key_, ports_.entropy));
  } else if (ports_.disk.status(path_)) {
    ports_.disk.unlink(path_);
    ports_.disk.sync_directory(folder_);
  }
  const std::lock_guard lock(mutex_);
  list_ = std::make_shared<const List>(std::move(list));
}

Result<std::vector<Suppression>> Suppressions::list(base::Time now) const {
  const auto known = current();
  if (!known) return known.error();
  List standing = **known;
  std::erase_if(standing, [now](const Suppression& one) { return has_ended(one, now); });
  return standing;
}

Status Suppressions::add(const Suppression& wanted) {
  const std::lock_guard one_at_a_time(change_);
  auto standing = list(wanted.since);
  if (!standing) return standing.error();
  const auto place = std::ranges::lower_bound(*standing, wanted.what, {}, &Suppression::what);
  if (place != standing->end() && place->what == wanted.what) {
    *place = wanted;
  } else {
    if (standing->size() >= most) return Errc::too_many_suppressed;
    standing->insert(place, wanted);
  }
  store(std::move(*standing));
  return {};
}

Status Suppressions::remove(const std::string& what, base::Time now) {
  const std::lock_guard one_at_a_time(change_);
  auto standing = list(now);
  if (!standing) return standing.error();
  if (std::erase_if(*standing, [&](const Suppression& one) { return one.what == what; }) == 0)
    return Errc::not_suppressed;
  store(std::move(*standing));
  return {};
}

std::optional<Suppression> Suppressions::find(std::string_view address, base::Time now) const {
  const auto known = current();
  if (!known || (*known)->empty()) return std::nullopt;
  const Compared compared(address);
  const Suppression* found = find_in(**known, compared.whole, now);
  if (found == nullptr) found = find_in(**known, compared.domain, now);
  return found == nullptr ? std::nullopt : std::optional(*found);
}

}  // namespace mailpod::queue
