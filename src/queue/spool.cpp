#include <mailpod/queue/spool.hpp>

#include <algorithm>
#include <array>
#include <atomic>
#include <mutex>
#include <set>
#include <system_error>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/queue/policies.hpp>
#include <mailpod/queue/suppressions.hpp>

#include "epochs.hpp"
#include "sealed_entry.hpp"
#include "sealed_message.hpp"

namespace mailpod::queue {

namespace {

constexpr std::string_view entry_suffix = ".entry";
constexpr std::string_view mail_suffix = ".mail";
constexpr std::uint64_t largest_entry_file = 64 * 1024 * 1024;
// Changes of one entry wait for each other; of others, seldom: their syncs should meet in the file system.
constexpr std::size_t turns = 64;

std::optional<EntryId> id_of(std::string_view name, std::string_view suffix) {
  if (!name.ends_with(suffix)) return std::nullopt;
  return EntryId::parse(name.substr(0, name.size() - suffix.size()));
}

// A file that was being replaced when the power went.
bool is_leftover(std::string_view name) {
  constexpr std::array begun{".entry.tmp-", ".epoch.tmp-", "suppressed.tmp-", "policies.tmp-", ".next.tmp-"};
  return std::ranges::any_of(begun, [name](const char* part) { return name.find(part) != std::string_view::npos; });
}

}  // namespace

struct Spool::State {
  State(const Ports& given, std::string in)
      : ports(given),
        folder(std::move(in)),
        epochs(given, folder),
        suppressions(given, folder),
        policies(given, folder) {}

  std::string entry_path(const EntryId& id) const { return base::join(folder, id.str() + std::string(entry_suffix)); }
  std::string mail_path(const EntryId& id) const { return base::join(folder, id.str() + std::string(mail_suffix)); }

  std::string read_entry_file(const EntryId& id) const {
    return base::read_file(ports.disk, entry_path(id), largest_entry_file);
  }
  /// Nothing if it is gone: another thread may drop it at any time.
  std::optional<std::string> find_entry_file(const EntryId& id) const {
    try {
      return read_entry_file(id);
    } catch (const std::system_error& error) {
      if (error.code() != std::errc::no_such_file_or_directory) throw;
      return std::nullopt;
    }
  }
  bool has(const EntryId& id) const { return ports.disk.status(entry_path(id)).has_value(); }

  /// Errors: damaged (also: the file is named for another entry), unknown_version.
  static Result<Head> head(const EntryId& id, std::string_view file) {
    auto found = parse_head(file);
    if (found && found->id != id) return Errc::damaged;
    return found;
  }

  /// An entry, and what it takes to write it again.
  struct Opened {
    Entry entry;
    std::uint32_t day;
    std::shared_ptr<const crypto::Key> epoch_key;
  };
  Result<Opened> open(const EntryId& id) {
    const auto file = find_entry_file(id);
    if (!file) return Errc::no_such_entry;
    const auto found = head(id, *file);
    if (!found) return found.error();
    const auto key = epochs.key(found->day);
    // The day's key goes with its last entry.
    if (!key) return has(id) ? key.error() : make_error_code(Errc::no_such_entry);
    auto entry = parse_entry_file(*file, **key);
    if (!entry) return entry.error();
    return Opened{std::move(*entry), found->day, *key};
  }

  /// Whoever holds it is the only one to change this entry.
  std::unique_lock<std::mutex> turn(const EntryId& id) { return std::unique_lock(mutexes[id.bytes[0] % turns]); }

  /// Counts the entries of each day and removes what a crash left: files without an entry, and, if every entry can be
  /// read, the keys of days without entries. A day that a damaged head does not tell might need its key.
  void recover() {
    std::set<EntryId> entries;
    bool all_readable = true;
    const auto files = ports.disk.list(folder);
    for (const auto& file : files) {
      const auto id = id_of(file.name, entry_suffix);
      if (!id) continue;
      entries.insert(*id);
      const auto found = head(*id, read_entry_file(*id));
      if (found) epochs.count(found->day);
      if (found && note_found(open(*id))) continue;
      all_readable = false;
      ports.log.error("queue.damaged entry={}", id->str());
    }
    size = entries.size();
    for (const auto& file : files) {
      const auto id = id_of(file.name, mail_suffix);
      if ((id && !entries.contains(*id)) || is_leftover(file.name)) ports.disk.unlink(base::join(folder, file.name));
    }
    if (all_readable) epochs.remove_unused();
    ports.disk.sync_directory(folder);
  }

  /// Whether it can be read.
  bool note_found(const Result<Opened>& opened) {
    if (!opened) return false;
    const Entry& entry = opened->entry;
    if (entry.braked && entry.submitter) found_braked.insert(*entry.submitter);
    return true;
  }

  /// As far as that works: after a failure, what was begun goes again, the entry durably before its message. What stays
  /// is removed at the next start.
  void undo_put(const EntryId& id, std::uint32_t day) noexcept {
    try {
      if (has(id)) {
        ports.disk.unlink(entry_path(id));
        ports.disk.sync_directory(folder);
      }
      if (ports.disk.status(mail_path(id))) ports.disk.unlink(mail_path(id));
      epochs.leave(day);
    } catch (const std::system_error&) {
    }
  }

  /// The message must be durable, name and all, before the entry that makes it count.
  void write(Entry& entry, std::uint32_t day, const crypto::Key& epoch_key, const base::OctetSource& message) {
    crypto::Key message_key = crypto::Key::random(ports.arena, ports.entropy);
    entry.size = message.size();
    entry.message_key = *base::byte_array<32>(message_key.octets());
    entry.message_hash = write_sealed_message(ports.disk, mail_path(entry.id), entry.id, message_key, message);
    ports.disk.sync_directory(folder);
    base::replace_file(ports.disk, entry_path(entry.id), write_entry_file(entry, day, epoch_key, ports.entropy));
  }

  Ports ports;
  std::string folder;
  Epochs epochs;
  Suppressions suppressions;
  Policies policies;
  std::array<std::mutex, turns> mutexes;
  std::atomic<std::size_t> size = 0;
  std::set<MemberId> found_braked;
};

Spool::Spool(const Ports& ports, std::string folder) {
  ports.disk.make_directory(folder);
  state_ = std::make_unique<State>(ports, std::move(folder));
  state_->recover();
}

Spool::~Spool() = default;

EntryId Spool::put(Entry entry, const base::OctetSource& message) {
  entry.id = EntryId{state_->ports.entropy.bytes<16>()};
  const std::uint32_t day = base::to_day(entry.arrival);
  const auto epoch_key = state_->epochs.enter(day);
  try {
    state_->write(entry, day, *epoch_key, message);
  } catch (const std::system_error&) {
    state_->undo_put(entry.id, day);
    throw;
  }
  ++state_->size;
  return entry.id;
}

std::vector<Summary> Spool::list() const {
  std::vector<Summary> summaries;
  for (const auto& file : state_->ports.disk.list(state_->folder)) {
    const auto id = id_of(file.name, entry_suffix);
    if (!id) continue;
    const auto octets = state_->find_entry_file(*id);
    if (!octets) continue;
    const auto head = State::head(*id, *octets);
    summaries.push_back(head ? head->summary() : Summary{*id, {}, 0});
  }
  std::ranges::sort(summaries, {}, [](const Summary& summary) { return std::pair(summary.next_try, summary.id); });
  return summaries;
}

std::size_t Spool::size() const {
  return state_->size;
}

const std::set<MemberId>& Spool::found_braked() const {
  return state_->found_braked;
}

Result<Entry> Spool::show(const EntryId& id) const {
  auto opened = state_->open(id);
  if (!opened) return opened.error();
  return std::move(opened->entry);
}

Result<std::unique_ptr<base::OctetSource>> Spool::open_message(const Entry& entry) const {
  auto key = crypto::Key::copy_of(state_->ports.arena, base::octets(entry.message_key));
  return open_sealed_message(state_->ports.disk, state_->mail_path(entry.id), entry, std::move(key));
}

Status Spool::change(const EntryId& id, const std::function<void(Entry&)>& edit) {
  const auto turn = state_->turn(id);
  const auto opened = state_->open(id);
  if (!opened) return opened.error();
  const Entry& before = opened->entry;
  Entry after = before;
  edit(after);
  after.id = before.id;
  after.size = before.size;
  after.message_key = before.message_key;
  after.message_hash = before.message_hash;
  if (after == before) return {};
  base::replace_file(state_->ports.disk, state_->entry_path(id),
                     write_entry_file(after, opened->day, *opened->epoch_key, state_->ports.entropy));
  return {};
}

Status Spool::drop(const EntryId& id) {
  const auto turn = state_->turn(id);
  if (!state_->has(id)) return Errc::no_such_entry;
  const auto head = State::head(id, state_->read_entry_file(id));
  // The entry goes first: a message without entry is nothing, an entry without message would be damage.
  state_->ports.disk.unlink(state_->entry_path(id));
  --state_->size;
  state_->ports.disk.sync_directory(state_->folder);
  if (state_->ports.disk.status(state_->mail_path(id))) state_->ports.disk.unlink(state_->mail_path(id));
  if (head) state_->epochs.leave(head->day);
  return {};
}

Suppressions& Spool::suppressions() {
  return state_->suppressions;
}

Policies& Spool::policies() {
  return state_->policies;
}

std::unique_ptr<crypto::Resealing> Spool::reseal(const crypto::Key& server_key) {
  struct All final : crypto::Resealing {
    void install() override {
      for (const auto& part : parts) part->install();
    }
    void hold() override {
      for (const auto& part : parts) part->hold();
    }
    std::vector<std::unique_ptr<crypto::Resealing>> parts;
  };
  forget_resealed_queue(state_->ports.disk, state_->folder);
  auto all = std::make_unique<All>();
  all->parts.push_back(state_->epochs.reseal(server_key));
  all->parts.push_back(state_->suppressions.reseal(server_key));
  all->parts.push_back(state_->policies.reseal(server_key));
  return all;
}

}  // namespace mailpod::queue
