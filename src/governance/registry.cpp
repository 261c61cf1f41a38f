#include <mailpod/governance/registry.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>

#include "file_batch.hpp"
#include "folder.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr std::uint64_t largest_entry = 1 << 20;

Complaint complaint(Errc code, const std::string& file, std::string what, std::string remedy) {
  return {code, file, 0, std::move(what), std::move(remedy)};
}

Hash next_running(const Hash& previous, const Hash& leaf) {
  crypto::Sha256 hash;
  hash.update(base::octets(previous)).update(base::octets(leaf));
  return hash.finish();
}

void make_durable_directory(base::Disk& disk, const std::string& path) {
  disk.make_directory(path);
  disk.sync_directory(parent_of(path));
}

/// Whoever may have signed something of the record.
std::vector<crypto::minisign::PublicKey> signing_keys(const Charter& first, std::span<const SignedFile> files) {
  std::vector<crypto::minisign::PublicKey> keys;
  const auto add = [&](const Charter& charter) {
    for (const auto& maintainer : charter.maintainers) keys.push_back(maintainer.key);
  };
  add(first);
  for (const auto& file : files) {
    const auto type = type_of(file.octets);
    if (type == "charter") {
      if (const auto charter = parse_charter(file.octets, file.name)) add(*charter);
    } else if (type == "join") {
      const auto join = parse_join(file.octets, file.name);
      if (join) keys.push_back(join->citizen_key);
      if (join && join->invitation) keys.push_back(*join->invitation);
    } else if (type == "vote") {
      const auto vote = parse_vote(file.octets, file.name);
      if (!vote) continue;
      for (const auto& candidate : vote->candidates) keys.push_back(candidate.key);
    } else if (file.octets.find("\ncitizen_key = ") != std::string::npos) {
      if (const auto act = parse_act(file.octets, file.name); act && act->citizen_key)
        keys.push_back(*act->citizen_key);
    }
  }
  return keys;
}

/// Applies the results that are due; the entries they are.
std::vector<std::string> decide_what_is_due(Roster& roster, base::Time at) {
  std::vector<std::string> entries;
  for (const auto& result : roster.results_due(at)) {
    roster.decide(result, at).value();  // whom it was computed by is who judges it
    entries.push_back(write_entry({at, result.octets, {}}));
  }
  return entries;
}

}  // namespace

Registry::Registry(Source source, Roster roster)
    : source_(std::move(source)), gate_(std::make_shared<const Roster>(std::move(roster))) {
  if (source_.clock == nullptr) return;
  opened_at_ = source_.clock->now();
  opened_monotonic_ = source_.clock->monotonic();
  in_step_since_ = opened_at_;
  in_step_monotonic_ = opened_monotonic_;
}

Verdict<void> Registry::found(base::Disk& disk, const std::string& folder, const SignedFile& charter) {
  if (auto chain = CharterChain::found(charter, identity(charter.octets)); !chain) return chain.error();
  make_durable_directory(disk, folder);
  make_durable_directory(disk, base::join(folder, "acts"));
  write_charter_files(disk, folder, 1, charter);
  return {};
}

Verdict<std::unique_ptr<Registry>> Registry::open(Source source) {
  const std::string first = base::join(source.folder, charter_name(1));
  if (!source.disk.status(first)) {
    return complaint(Errc::not_the_pinned_charter, first, "does not exist", "restore the pod's first charter");
  }
  const auto file = read_charter_files(source.disk, source.folder, 1);
  auto chain = CharterChain::found(file, source.pinned);
  if (!chain) return chain.error();
  std::unique_ptr<Registry> registry(new Registry(std::move(source), Roster(std::move(*chain))));
  registry->leaves_.push_back(leaf_hash(write_first_entry(file).value()));
  if (auto replayed = registry->replay(); !replayed) return replayed.error();
  return registry;
}

Verdict<std::vector<std::string>> Registry::read_entries() {
  const std::string acts = base::join(source_.folder, "acts");
  std::vector<std::uint64_t> numbers;
  for (const auto& file : source_.disk.list(acts)) {
    if (const auto number = entry_number(file.name)) numbers.push_back(*number);
  }
  std::ranges::sort(numbers);
  std::vector<std::string> entries;
  for (const auto number : numbers) {
    const std::string path = base::join(acts, entry_name(number));
    if (number == entries.size() + 1) {
      entries.push_back(base::read_file(source_.disk, path, largest_entry));
    } else if (source_.known && entries.size() >= source_.known->count) {
      // Beyond what the directory remembers nothing was acknowledged: a crash left the rest of a group.
      source_.disk.rename(path, path + ".unfinished");
    } else {
      return complaint(Errc::record_gap, base::join(acts, entry_name(entries.size() + 1)), "is missing",
                       "restore it from a backup or another copy of the record");
    }
  }
  return entries;
}

Verdict<void> Registry::replay() {
  const std::string acts = base::join(source_.folder, "acts");
  const auto entries = read_entries();
  if (!entries) return entries.error();
  auto roster = std::make_shared<Roster>(*gate_.roster());
  std::vector<SignedFile> files;
  std::vector<base::Time> times;
  for (const auto& octets : *entries) {
    const std::string path = base::join(acts, entry_name(files.size() + 1));
    auto entry = parse_entry(octets, path);
    if (!entry) return entry.error();
    times.push_back(entry->accepted_at);
    files.push_back({path, std::move(entry->octets), std::move(entry->minisigs)});
  }
  const auto seen = SignaturesSeen::of(files, signing_keys(roster->charters().latest(), files));
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (times[i] < last_accepted_) {
      return complaint(Errc::record_damaged, files[i].name, "was accepted before the entry before it",
                       "restore this file from a backup or another copy of the record");
    }
    if (auto v = replay_entry(*roster, files[i], times[i], &seen); !v) return v;
    count_in((*entries)[i], times[i]);
  }
  if (source_.known) {
    if (auto v = agrees_with(*source_.known); !v) return v;
  }
  if (auto v = check_charter_copies(roster->charters()); !v) return v;
  // A daemon that was killed may have left entries whose names are not durable yet. Others will remember this tally.
  source_.disk.sync_directory(acts);
  // A clock that is behind the record now is being set right, if it jumps.
  const base::Time known_time = std::max(last_accepted_, roster->charters().latest().issued);
  clock_watched_ = source_.clock != nullptr && opened_at_ >= known_time;
  gate_.publish(std::move(roster));
  return {};
}

/// The charters beside the record are for people; a copy that says something else would mislead them.
Verdict<void> Registry::check_charter_copies(const CharterChain& chain) const {
  for (std::uint64_t seq = 2; seq <= chain.size(); ++seq) {
    const std::string path = base::join(source_.folder, charter_name(seq));
    if (!source_.disk.status(path)) {
      return complaint(Errc::record_damaged, path, "does not exist", "restore this accepted charter");
    }
    if (identity(base::read_file(source_.disk, path, 16 * largest_signed_file)) != chain.identity_of(seq)) {
      return complaint(Errc::record_damaged, path, "is not the charter that was accepted",
                       "restore it; the record of acts holds its octets");
    }
  }
  return {};
}

Verdict<void> Registry::agrees_with(const Tally& known) const {
  const std::string acts = base::join(source_.folder, "acts");
  if (known.count > tally_.count) {
    return complaint(Errc::record_shorter_than_known, acts,
                     fmt::format("has {} acts, but the directory remembers {}", tally_.count, known.count),
                     "restore the missing files: an act cannot be taken back by deleting it");
  }
  if (tally_at(known.count) != known) {
    return complaint(Errc::record_differs_from_known, acts, "is not the record that the directory remembers",
                     "restore record and directory from the same time");
  }
  return {};
}

Tally Registry::tally_at(std::uint64_t count) const {
  return {count, count == 0 ? Hash{} : running_.at(count - 1)};
}

std::string Registry::entry(std::uint64_t number) const {
  if (number == 0) return write_first_entry(read_charter_files(source_.disk, source_.folder, 1)).value();
  return base::read_file(source_.disk, base::join(base::join(source_.folder, "acts"), entry_name(number)),
                         largest_entry);
}

void Registry::count_in(std::string_view entry, base::Time accepted_at) {
  leaves_.push_back(leaf_hash(entry));
  tally_.running = next_running(tally_.running, leaves_.back());
  ++tally_.count;
  running_.push_back(tally_.running);
  last_accepted_ = accepted_at;
}

Verdict<std::vector<Act>> Registry::judge(Roster& roster, std::span<const SignedFile> acts, base::Time now,
                                          base::Time at) const {
  std::vector<Act> accepted;
  for (const auto& file : acts) {
    auto act = roster.apply(file, at);
    if (!act) return with_the_clocks_part(act.error(), now);
    accepted.push_back(std::move(*act));
  }
  return accepted;
}

Verdict<std::vector<Act>> Registry::examine(std::span<const SignedFile> acts, base::Time now) const {
  Roster roster(*gate_.roster());
  const auto at = acceptance_time(now);
  if (!at) return at.error();
  decide_what_is_due(roster, *at);
  return judge(roster, acts, now, *at);
}

Verdict<std::vector<Act>> Registry::record(std::span<const SignedFile> acts, base::Time now) {
  const auto at = acceptance_time(now);
  if (!at) return at.error();
  settle(*at);
  auto roster = std::make_shared<Roster>(*gate_.roster());
  auto accepted = judge(*roster, acts, now, *at);
  if (!accepted) return accepted;
  std::vector<std::string> entries;
  for (const auto& file : acts) entries.push_back(write_entry({*at, file.octets, file.minisigs}));
  append(entries, *at);
  gate_.publish(std::move(roster));
  if (follower_) follower_(entries);
  return accepted;
}

Verdict<void> Registry::record_charter(const SignedFile& charter, base::Time now) {
  const auto at = acceptance_time(now);
  if (!at) return at.error();
  settle(*at);
  auto roster = std::make_shared<Roster>(*gate_.roster());
  if (auto v = roster->apply_charter(charter, *at); !v) return v;
  refuse_if_in_doubt();
  const auto seq = roster->charters().latest().seq;
  const std::string entry = write_entry({*at, charter.octets, charter.minisigs});
  try {
    write_charter_files(source_.disk, source_.folder, seq, charter);
    append({&entry, 1}, *at);
  } catch (const std::system_error&) {
    // What is not in force must not lie there as if it were. Where nobody knows, the next start asks for the files.
    if (!in_doubt_) remove_charter_files(source_.disk, source_.folder, seq);
    throw;
  }
  gate_.publish(std::move(roster));
  if (follower_) follower_({&entry, 1});
  return {};
}

Verdict<Hash> Registry::record_one(const SignedFile& file, base::Time now, Application apply) {
  const auto at = acceptance_time(now);
  if (!at) return at.error();
  settle(*at);
  auto roster = std::make_shared<Roster>(*gate_.roster());
  const auto vote = ((*roster).*apply)(file, *at, nullptr);
  if (!vote) return vote;
  const std::string entry = write_entry({*at, file.octets, file.minisigs});
  append({&entry, 1}, *at);
  gate_.publish(std::move(roster));
  if (follower_) follower_({&entry, 1});
  return vote;
}

Verdict<void> Registry::examine_word(const SignedFile& file, base::Time now) const {
  Roster roster(*gate_.roster());
  const auto at = believed_acceptance_time(now);
  if (!at) return at.error();
  return replay_entry(roster, file, *at);
}

Verdict<void> Registry::record_word(const SignedFile& file, base::Time now) {
  const auto at = acceptance_time_for_anybody(now);
  if (!at) return at.error();
  settle(*at);
  auto roster = std::make_shared<Roster>(*gate_.roster());
  if (auto v = replay_entry(*roster, file, *at); !v) return v;
  const std::string entry = write_entry({*at, file.octets, file.minisigs});
  append({&entry, 1}, *at);
  gate_.publish(std::move(roster));
  if (follower_) follower_({&entry, 1});
  return {};
}

SignedFile Registry::charter_file(std::uint64_t seq) const {
  return read_charter_files(source_.disk, source_.folder, seq);
}

Verdict<Hash> Registry::record_vote(const SignedFile& vote, base::Time now) {
  return record_one(vote, now, &Roster::open_vote);
}

Verdict<Hash> Registry::record_ballot(const SignedFile& ballot, base::Time now) {
  if (const auto at = acceptance_time_for_anybody(now); !at) return at.error();
  return record_one(ballot, now, &Roster::cast);
}

Verdict<std::size_t> Registry::settle_votes(base::Time now) {
  const auto at = acceptance_time(now);
  if (!at) return at.error();
  return settle(*at);
}

Verdict<std::size_t> Registry::settle_unasked(base::Time now) {
  if (!clock_kept_step(now)) return std::size_t{0};
  return settle_votes(now);
}

/// Results need nobody's consent: those who would lose by one could withhold it.
std::size_t Registry::settle(base::Time at) {
  if (gate_.roster()->results_due(at).empty()) return 0;
  auto roster = std::make_shared<Roster>(*gate_.roster());
  const auto entries = decide_what_is_due(*roster, at);
  append(entries, at);
  gate_.publish(std::move(roster));
  if (follower_) follower_(entries);
  return entries.size();
}

void Registry::refuse_if_in_doubt() const {
  if (in_doubt_) throw std::system_error(EIO, std::generic_category(), "the record of acts must be read anew: restart");
}

void Registry::append(std::span<const std::string> entries, base::Time at) {
  refuse_if_in_doubt();
  base::Disk& disk = source_.disk;
  const std::string acts = base::join(source_.folder, "acts");
  std::vector<std::string> paths;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    paths.push_back(base::join(acts, entry_name(tally_.count + 1 + i)));
    const std::string temporary = paths.back() + ".tmp";
    if (disk.status(temporary)) disk.unlink(temporary);
    const auto file = disk.open(temporary, base::Disk::Open::create_new);
    file->write_at(0, entries[i]);
    file->sync();
  }
  try {
    for (const auto& path : paths) disk.rename(path + ".tmp", path);
    disk.sync_directory(acts);
  } catch (...) {
    withdraw(paths);
    throw;
  }
  for (const auto& entry : entries) count_in(entry, at);
}

/// Entries that could not be made durable must not come into force at the next start.
void Registry::withdraw(std::span<const std::string> paths) noexcept {
  try {
    for (const auto& path : paths) {
      if (source_.disk.status(path)) source_.disk.unlink(path);
    }
    source_.disk.sync_directory(base::join(source_.folder, "acts"));
  } catch (...) {
    in_doubt_ = true;
  }
}

}  // namespace mailpod::governance
