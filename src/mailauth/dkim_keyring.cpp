#include <mailpod/mailauth/dkim_keyring.hpp>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <tuple>

#include <mailpod/mailauth/dkim_signature.hpp>

#include "dkim_key_file.hpp"

namespace mailpod::mailauth {

namespace {

constexpr std::string_view suffix = ".key";
constexpr std::string_view waiting = ".next";  // under another server key, until that one counts
constexpr std::uint64_t largest_key_file = 64 * 1024;
constexpr std::array algorithms{Algorithm::rsa_sha256, Algorithm::ed25519_sha256};

base::Time whole_seconds(base::Time time) {
  return base::from_seconds(base::to_seconds(time));
}

/// `20261129`.
std::string day_of(base::Time time) {
  const std::chrono::year_month_day day(std::chrono::floor<std::chrono::days>(time));
  return fmt::format("{:04}{:02}{:02}", static_cast<int>(day.year()), static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

/// `mp20261129r`, `mp20261129e2`: the day, the algorithm, and a number where the day's names are taken.
std::string selector_for(std::string_view day, Algorithm algorithm, unsigned number) {
  return fmt::format("mp{}{}{}", day, algorithm == Algorithm::rsa_sha256 ? 'r' : 'e',
                     number == 1 ? std::string() : std::to_string(number));
}

bool is_named(const KeyEntry& entry, std::string_view domain, std::string_view selector) {
  return entry.domain == domain && entry.selector == selector;
}

}  // namespace

std::optional<base::Time> KeyEntry::removable_at() const {
  if (state != KeyState::retired) return std::nullopt;
  return since + signature_validity;
}

class DkimKeyring::Resealing final : public crypto::Resealing {
public:
  Resealing(DkimKeyring& keyring, const crypto::Key& server_key)
      : keyring_(keyring), still_(keyring.changing_), key_(dkim_sealing_key(server_key)) {
    const auto& ports = keyring_.ports_;
    forget_resealed_keys(ports.disk, keyring_.folder_);
    for (const auto& entry : *keyring_.entries_) {
      base::replace_file(ports.disk, keyring_.path(entry.domain, entry.selector) + std::string(waiting),
                         write_key_file(entry, key_, ports.entropy));
    }
  }
  void install() override {
    settle_resealed_keys(keyring_.ports_.disk, keyring_.folder_);
    keyring_.sealing_key_ = std::move(key_);
  }
  void hold() override { keyring_.held_ = true; }

private:
  DkimKeyring& keyring_;
  std::scoped_lock<std::mutex> still_;
  crypto::Key key_;
};

std::unique_ptr<crypto::Resealing> DkimKeyring::reseal(const crypto::Key& server_key) {
  return std::make_unique<Resealing>(*this, server_key);
}

DkimKeyring::DkimKeyring(const Ports& ports, std::string folder)
    : ports_(ports), folder_(std::move(folder)), sealing_key_(dkim_sealing_key(ports.server_key)) {
  try {
    load();
  } catch (const std::system_error& failure) {
    ports_.log.error("dkim.unread reason=\"{}\"", failure.code().message());
  }
}

void DkimKeyring::load() {
  if (!ports_.disk.status(folder_)) return;
  for (const auto& domain : ports_.disk.list(folder_)) {
    if (domain.kind == base::Disk::Kind::directory) load_domain(domain.name);
  }
}

void DkimKeyring::load_domain(const std::string& domain) {
  base::remove_temporaries(ports_.disk, base::join(folder_, domain));
  Entries entries = list();
  for (const auto& file : ports_.disk.list(base::join(folder_, domain))) {
    if (!file.name.ends_with(suffix)) continue;
    const std::string selector = file.name.substr(0, file.name.size() - suffix.size());
    auto entry = parse_key_file(base::read_file(ports_.disk, path(domain, selector), largest_key_file), domain,
                                selector, sealing_key_);
    if (entry) {
      entries.push_back(std::move(*entry));
    } else {
      damages_.push_back({path(domain, selector), entry.error()});
      ports_.log.error("dkim.damaged domain={} selector={} reason=\"{}\"", base::printable(domain),
                       base::printable(selector), entry.error().message());
    }
  }
  publish(std::move(entries));
}

std::vector<KeyEntry> DkimKeyring::list() const {
  const std::lock_guard lock(reading_);
  return *entries_;
}

std::vector<DkimKeyring::Damage> DkimKeyring::damages() const {
  return damages_;
}

std::vector<KeyEntry> DkimKeyring::signing(std::string_view domain) const {
  const auto entries = [this] {
    const std::lock_guard lock(reading_);
    return entries_;
  }();
  std::vector<KeyEntry> newest;
  for (const auto algorithm : algorithms) {
    const KeyEntry* found = nullptr;
    for (const auto& entry : *entries) {
      if (entry.domain != domain || entry.state != KeyState::active || entry.key->algorithm() != algorithm) continue;
      if (found == nullptr || std::tie(entry.since, entry.made) >= std::tie(found->since, found->made)) found = &entry;
    }
    if (found != nullptr) newest.push_back(*found);
  }
  return newest;
}

std::vector<KeyEntry> DkimKeyring::prepare(const std::string& domain) {
  const std::lock_guard changing(changing_);
  make_folders(domain);
  const std::string day = day_of(ports_.clock.now());
  const unsigned number = unused_number(domain, day);
  std::vector<KeyEntry> made;
  for (const auto algorithm : algorithms) {
    KeyEntry entry;
    entry.domain = domain;
    entry.selector = selector_for(day, algorithm, number);
    entry.made = entry.since = whole_seconds(ports_.clock.now());
    entry.key = std::make_shared<const DkimKey>(DkimKey::generate(algorithm, ports_.arena, ports_.entropy));
    save(entry);
    made.push_back(std::move(entry));
  }
  return made;
}

Result<KeyEntry> DkimKeyring::activate(const std::string& domain, const std::string& selector) {
  const std::lock_guard changing(changing_);
  const KeyEntry* entry = find(domain, selector);
  if (entry == nullptr) return Errc::no_such_key;
  if (entry->state != KeyState::prepared) return Errc::not_prepared;
  return moved(*entry, KeyState::active);
}

Result<KeyEntry> DkimKeyring::retire(const std::string& domain, const std::string& selector, Haste haste) {
  const std::lock_guard changing(changing_);
  const KeyEntry* entry = find(domain, selector);
  if (entry == nullptr) return Errc::no_such_key;
  if (entry->state != KeyState::active) return Errc::not_active;
  const bool has_others = std::ranges::any_of(*entries_, [&](const KeyEntry& other) {
    return &other != entry && other.domain == domain && other.state == KeyState::active &&
           other.key->algorithm() == entry->key->algorithm();
  });
  if (!has_others && haste == Haste::orderly) return Errc::last_of_its_kind;
  return moved(*entry, KeyState::retired);
}

Status DkimKeyring::remove(const std::string& domain, const std::string& selector, Haste haste) {
  const std::lock_guard changing(changing_);
  const KeyEntry* entry = find(domain, selector);
  if (entry == nullptr) return Errc::no_such_key;
  if (entry->state == KeyState::active) return Errc::not_retired;
  const auto removable = entry->removable_at();
  if (removable && *removable > ports_.clock.now() && haste == Haste::orderly) return Errc::still_needed;
  ports_.disk.unlink(path(domain, selector));
  ports_.disk.sync_directory(base::join(folder_, domain));
  Entries entries = list();
  std::erase_if(entries, [&](const KeyEntry& other) { return is_named(other, domain, selector); });
  publish(std::move(entries));
  return {};
}

void DkimKeyring::put(const KeyEntry& entry) {
  const std::lock_guard changing(changing_);
  make_folders(entry.domain);
  save(entry);
}

// ---- with changing_ held

std::string DkimKeyring::path(const std::string& domain, const std::string& selector) const {
  return base::join(base::join(folder_, domain), selector + std::string(suffix));
}

void DkimKeyring::make_folders(const std::string& domain) {
  if (ports_.disk.status(base::join(folder_, domain))) return;
  ports_.disk.make_directory(folder_);
  ports_.disk.sync_directory(folder_.substr(0, folder_.rfind('/')));
  ports_.disk.make_directory(base::join(folder_, domain));
  ports_.disk.sync_directory(folder_);
}

/// A file that cannot be read keeps its selector: DNS may say something of it.
unsigned DkimKeyring::unused_number(const std::string& domain, const std::string& day) const {
  for (unsigned number = 1;; ++number) {
    const bool taken = std::ranges::any_of(algorithms, [&](Algorithm algorithm) {
      return ports_.disk.status(path(domain, selector_for(day, algorithm, number))).has_value();
    });
    if (!taken) return number;
  }
}

const KeyEntry* DkimKeyring::find(const std::string& domain, const std::string& selector) const {
  const auto found =
      std::ranges::find_if(*entries_, [&](const KeyEntry& entry) { return is_named(entry, domain, selector); });
  return found == entries_->end() ? nullptr : &*found;
}

KeyEntry DkimKeyring::moved(const KeyEntry& entry, KeyState to) {
  KeyEntry changed = entry;
  changed.state = to;
  changed.since = whole_seconds(ports_.clock.now());
  save(changed);
  return changed;
}

/// Durable first, then seen.
void DkimKeyring::save(const KeyEntry& entry) {
  if (held_) throw std::system_error(EIO, std::generic_category(), "the DKIM keys must be opened anew: restart");
  base::replace_file(ports_.disk, path(entry.domain, entry.selector),
                     write_key_file(entry, sealing_key_, ports_.entropy));
  Entries entries = list();
  std::erase_if(entries, [&](const KeyEntry& other) { return is_named(other, entry.domain, entry.selector); });
  entries.push_back(entry);
  publish(std::move(entries));
}

void DkimKeyring::publish(Entries entries) {
  std::ranges::sort(entries, {},
                    [](const KeyEntry& entry) { return std::tie(entry.domain, entry.made, entry.selector); });
  auto published = std::make_shared<const Entries>(std::move(entries));
  const std::lock_guard lock(reading_);
  entries_ = std::move(published);
}

// ---- of files alone

namespace {

/// Each file that waits, by its folder and its name.
template <class Work>
void for_each_waiting(base::Disk& disk, const std::string& folder, const Work& work) {
  if (!disk.status(folder)) return;
  for (const auto& domain : disk.list(folder)) {
    if (domain.kind != base::Disk::Kind::directory) continue;
    const std::string keys = base::join(folder, domain.name);
    bool any = false;
    for (const auto& file : disk.list(keys)) {
      if (!file.name.ends_with(waiting)) continue;
      work(base::join(keys, file.name));
      any = true;
    }
    if (any) disk.sync_directory(keys);
  }
}

}  // namespace

void settle_resealed_keys(base::Disk& disk, const std::string& folder) {
  for_each_waiting(disk, folder,
                   [&](const std::string& path) { disk.rename(path, path.substr(0, path.size() - waiting.size())); });
}

void forget_resealed_keys(base::Disk& disk, const std::string& folder) {
  for_each_waiting(disk, folder, [&](const std::string& path) { disk.unlink(path); });
}

}  // namespace mailpod::mailauth
