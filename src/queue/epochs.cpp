#include "epochs.hpp"

#include <cerrno>
#include <charconv>
#include <system_error>

#include "resealed.hpp"
#include "sealed_entry.hpp"

namespace mailpod::queue {

namespace {

constexpr std::string_view suffix = ".epoch";
constexpr std::uint64_t largest_epoch_file = 1024;

std::optional<std::uint32_t> day_of(std::string_view name) {
  if (!name.ends_with(suffix)) return std::nullopt;
  const std::string_view digits = name.substr(0, name.size() - suffix.size());
  std::uint32_t day = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), day);
  if (error != std::errc() || end != digits.data() + digits.size()) return std::nullopt;
  return day;
}

}  // namespace

Epochs::Epochs(const Spool::Ports& ports, std::string folder)
    : ports_(ports), folder_(std::move(folder)), queue_key_(queue_key_of(ports.arena, ports.server_key)) {}

class Epochs::Resealing final : public crypto::Resealing {
public:
  Resealing(Epochs& epochs, const crypto::Key& server_key)
      : epochs_(epochs), still_(epochs.mutex_), key_(queue_key_of(epochs.ports_.arena, server_key)) {
    const auto& ports = epochs_.ports_;
    for (const auto& file : ports.disk.list(epochs_.folder_)) {
      const auto day = day_of(file.name);
      const auto epoch = day ? epochs_.load(*day) : Result<std::shared_ptr<const crypto::Key>>(Errc::damaged);
      // What opens no more under this key opens under no other.
      if (!epoch) continue;
      base::replace_file(ports.disk, next_to(epochs_.path(*day)), write_epoch_file(*day, **epoch, key_, ports.entropy));
    }
  }
  void install() override {
    settle_resealed_queue(epochs_.ports_.disk, epochs_.folder_);
    epochs_.queue_key_ = std::move(key_);
  }
  void hold() override { epochs_.held_ = true; }

private:
  Epochs& epochs_;
  std::scoped_lock<std::mutex> still_;
  crypto::Key key_;
};

std::unique_ptr<crypto::Resealing> Epochs::reseal(const crypto::Key& server_key) {
  return std::make_unique<Resealing>(*this, server_key);
}

std::string Epochs::path(std::uint32_t day) const {
  return base::join(folder_, std::to_string(day) + std::string(suffix));
}

void Epochs::remove_unused() {
  const std::lock_guard lock(mutex_);
  for (const auto& file : ports_.disk.list(folder_)) {
    const auto day = day_of(file.name);
    if (!day || entries_.contains(*day)) continue;
    ports_.disk.unlink(path(*day));
  }
}

std::shared_ptr<const crypto::Key> Epochs::enter(std::uint32_t day) {
  const std::lock_guard lock(mutex_);
  auto loaded = load(day);
  if (!loaded) {
    // A key that cannot be read is kept: its messages may be rescued with a repaired file. Today's mail must wait.
    if (ports_.disk.status(path(day))) throw std::system_error(EIO, std::system_category(), path(day));
    if (held_) throw std::system_error(EIO, std::generic_category(), "the queue must be opened anew: restart");
    auto fresh = std::make_shared<const crypto::Key>(crypto::Key::random(ports_.arena, ports_.entropy));
    base::replace_file(ports_.disk, path(day), write_epoch_file(day, *fresh, queue_key_, ports_.entropy));
    keys_[day] = fresh;
    loaded = fresh;
  }
  ++entries_[day];
  return *loaded;
}

void Epochs::leave(std::uint32_t day) {
  const std::lock_guard lock(mutex_);
  const auto entries = entries_.find(day);
  if (entries == entries_.end() || --entries->second > 0) return;
  entries_.erase(entries);
  keys_.erase(day);
  ports_.disk.unlink(path(day));
  ports_.disk.sync_directory(folder_);
}

Result<std::shared_ptr<const crypto::Key>> Epochs::key(std::uint32_t day) {
  const std::lock_guard lock(mutex_);
  return load(day);
}

Result<std::shared_ptr<const crypto::Key>> Epochs::load(std::uint32_t day) {
  if (const auto known = keys_.find(day); known != keys_.end()) return known->second;
  if (!ports_.disk.status(path(day))) return Errc::damaged;
  auto key = parse_epoch_file(base::read_file(ports_.disk, path(day), largest_epoch_file), day, queue_key_);
  if (!key) return key.error();
  auto shared = std::make_shared<const crypto::Key>(std::move(*key));
  keys_[day] = shared;
  return shared;
}

}  // namespace mailpod::queue
