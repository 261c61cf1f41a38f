#include "arrivals.hpp"

#include <system_error>

namespace mailpod::store {
namespace {

/// A file in new/, which several go over: key, record, signature, mail, hash. Most are small and read once.
class ArrivedFile final : public base::OctetSource {
public:
  explicit ArrivedFile(std::unique_ptr<base::File> file) : file_(std::move(file)) {
    constexpr std::uint64_t small = 128 * 1024;
    if (file_.size() > small) return;
    octets_.resize(static_cast<std::size_t>(file_.size()));
    octets_.resize(file_.read_at(0, octets_));
  }
  std::uint64_t size() const override { return file_.size(); }
  std::size_t read_at(std::uint64_t offset, std::span<char> into) const override {
    return octets_.empty() ? file_.read_at(offset, into) : base::MemorySource(octets_).read_at(offset, into);
  }

private:
  FileSource file_;
  std::string octets_;  ///< empty: read from the disk
};

}  // namespace

void Arrivals::hand_over(Arrival arrival) {
  const std::scoped_lock lock(mutex_);
  handed_over_.push_back(std::move(arrival));
}

void Arrivals::take_handed_over() {
  std::vector<Arrival> fresh;
  {
    const std::scoped_lock lock(mutex_);
    fresh.swap(handed_over_);
  }
  for (auto& arrival : fresh) {
    const auto record = SealedRecord::decode(arrival.record);
    if (!record || record->message != arrival.message || record->member != owner_.member) continue;
    const Place place{record->received, arrival.message};
    const Unlocked unlocked{arrival.file_key, arrival.payload_offset};
    waiting_.insert_or_assign(place, Waiting{unlocked, arrival.sealed_hash, std::move(arrival)});
  }
}

void Arrivals::list() {
  for (const auto& entry : ports_.disk.list(maildir_.fresh())) names_.push_back(entry.name);
  // Their names may be younger than the delivery's own sync of the folder.
  if (!names_.empty()) ports_.disk.sync_directory(maildir_.fresh());
  listed_ = true;
}

bool Arrivals::look(std::size_t slice) {
  take_handed_over();
  // Somebody may announce mail before the first look; what was there earlier must not wait behind it.
  if (!listed_ || (waiting_.empty() && names_.empty())) list();
  for (; slice > 0 && !names_.empty(); --slice) {
    const std::string name = names_.front();
    names_.pop_front();
    try {
      examine(name);
    } catch (const std::system_error& error) {
      // The others need not wait for it; the next listing finds it again.
      ports_.log.error("arrival unreadable member={} reason=\"{}\"", owner_.member.str(), error.what());
    }
  }
  return !names_.empty();
}

void Arrivals::examine(const std::string& name) {
  const auto id = Maildir::parse_name(name);
  const auto information = ports_.disk.status(base::join(maildir_.fresh(), name));
  if (!information) return;
  if (!id || information->kind != base::Disk::Kind::file) return quarantine(name, "foreign name");
  const ArrivedFile file(ports_.disk.open(maildir_.in_new(*id), base::Disk::Open::read));
  const auto unlocked = unlock(file, drop_keys_);
  if (!unlocked) return quarantine(name, "not sealed to this member");
  const auto octets = read_sealed_record(file, *unlocked);
  const auto record = octets ? SealedRecord::decode(*octets) : Result<SealedRecord>(octets.error());
  if (!record) return quarantine(name, "damaged");
  const bool vouched = record->origin == Origin::delivered && is_signed_by(*octets, owner_.pod);
  if (!vouched) return quarantine(name, "not signed by the pod");
  if (record->message != *id || record->member != owner_.member) return quarantine(name, "misplaced");
  if (!verify_mail(file, *unlocked, *record)) return quarantine(name, "damaged");
  waiting_.emplace(Place{record->received, *id}, Waiting{*unlocked, hash_of(file), std::nullopt});
}

std::vector<Arrivals::Examined> Arrivals::next(std::size_t count) {
  std::vector<Examined> found;
  for (auto at = waiting_.begin(); at != waiting_.end() && found.size() < count;) {
    auto examined = read_again(at->first, at->second);
    if (examined) {
      found.push_back(std::move(*examined));
      ++at;
    } else {
      at = waiting_.erase(at);
    }
  }
  return found;
}

std::optional<Arrivals::Examined> Arrivals::read_again(const Place& place, const Waiting& waiting) {
  const auto path = maildir_.in_new(place.second);
  if (waiting.handed_over) {
    const auto& arrival = *waiting.handed_over;
    // An intent that waits for the next start is announced all the same.
    const auto information = ports_.disk.status(path);
    if (!information || information->size != arrival.sealed_size) return std::nullopt;
    return Examined{*SealedRecord::decode(arrival.record), waiting.unlocked, waiting.sealed_hash, arrival.sealed_size};
  }
  if (!ports_.disk.status(path)) return std::nullopt;
  const FileSource file(ports_.disk.open(path, base::Disk::Open::read));
  const auto octets = read_sealed_record(file, waiting.unlocked);
  const auto record = octets ? SealedRecord::decode(*octets) : Result<SealedRecord>(octets.error());
  if (!record || record->message != place.second) {
    quarantine(Maildir::name_for(place.second), "changed while it was waiting");
    return std::nullopt;
  }
  return Examined{*record, waiting.unlocked, waiting.sealed_hash, file.size()};
}

void Arrivals::done(std::size_t count) {
  const auto end = std::next(waiting_.begin(), static_cast<std::ptrdiff_t>(count));
  waiting_.erase(waiting_.begin(), end);
}

void Arrivals::quarantine(const std::string& name, std::string_view reason) {
  ports_.disk.make_directory(maildir_.quarantine());
  ports_.disk.rename(base::join(maildir_.fresh(), name), base::join(maildir_.quarantine(), name));
  ports_.log.warning("arrival quarantined member={} file={} reason=\"{}\"", owner_.member.str(), base::printable(name),
                     reason);
}

}  // namespace mailpod::store
