#include <mailpod/governance/ledger_examination.hpp>

#include <algorithm>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/governance/registry.hpp>

#include "folder.hpp"
#include "signed_text.hpp"

namespace mailpod::governance {
namespace {

constexpr std::uint64_t largest_entry = 1 << 20;
constexpr std::size_t most_faults = 1000;  // beyond, nobody reads on

/// What an entry commits to an address by.
std::optional<Hash> commitment_in(const Entry& entry, const std::string& name) {
  if (type_of(entry.octets) == "join") {
    const auto join = parse_join(entry.octets, name);
    return join ? std::optional(join->address_commitment) : std::nullopt;
  }
  if (type_of(entry.octets) != "act") return std::nullopt;
  const auto act = parse_act(entry.octets, name);
  return act ? act->address_commitment : std::nullopt;
}

class Examination {
public:
  Examination(base::Disk& disk, const std::string& folder, const LedgerQuestions& questions)
      : disk_(disk), asked_(questions), ledger_(folder) {
    const std::string below = base::join(folder, "ledger");
    if (questions.year) year_.emplace(*questions.year);
    if (disk.status(base::join(folder, "checkpoint"))) return;
    governance_ = folder;
    ledger_ = below;
    // Before the checkpoint is read: what a pod that runs enters meanwhile is no fault.
    if (!disk.status(base::join(folder, "acts"))) return;
    for (const auto& file : disk.list(base::join(folder, "acts"))) {
      if (const auto number = entry_number(file.name)) acts_ = std::max(acts_, *number);
    }
  }

  LedgerReport run() {
    if (!read_checkpoint()) return std::move(report_);
    tiles_.emplace(disk_, ledger_, report_.head.size);
    for (std::uint64_t begin = 0; begin < report_.head.size; begin += tile_width) {
      // A checkpoint may say any size, and nothing of it was believed yet.
      if (report_.faults.size() >= most_faults) return std::move(report_);
      examine_leaves(begin);
    }
    examine_upper_tiles();
    if (root_at(hashes_, report_.head.size) != report_.head.root)
      fault(Errc::ledger_damaged, path_of("checkpoint"), "the leaves do not add up to the root that was signed",
            "get another copy of the tiles");
    examine_files_beyond();
    if (roster_) {
      report_.charters = roster_->charters().size();
      report_.votes = roster_->votes();
      if (year_) report_.year = year_->numbers();
    }
    find_signer();
    for (const auto& seen : asked_.since) compare_with(seen);
    for (const auto& witness : asked_.witnesses) look_for(witness);
    return std::move(report_);
  }

private:
  std::string path_of(const std::string& name) const { return base::join(ledger_, name); }
  void fault(Errc code, const std::string& file, std::string what, std::string remedy) {
    if (report_.faults.size() < most_faults)
      report_.faults.push_back({code, file, 0, std::move(what), std::move(remedy)});
  }
  void fault(Complaint complaint) {
    if (report_.faults.size() < most_faults) report_.faults.push_back(std::move(complaint));
  }

  bool read_checkpoint();
  void examine_leaves(std::uint64_t begin);
  void examine_leaf(std::uint64_t index, const std::string& place, std::optional<std::string_view> entry,
                    const Hash& hash);
  std::optional<std::string> file_of(std::uint64_t index, const Hash& hash);
  void replay(std::uint64_t index, const std::string& place, std::string_view octets);
  void found(const Entry& entry, const std::string& place);
  void examine_upper_tiles();
  void examine_files_beyond();
  void find_signer();
  void compare_with(const LedgerQuestions::Seen& seen);
  void look_for(const VerifierKey& witness);
  std::vector<VerifierKey> possible_signers(std::uint64_t size) const;

  base::Disk& disk_;
  const LedgerQuestions& asked_;
  std::string ledger_;
  std::optional<std::string> governance_;  // where a copy of the rest is there, too
  std::uint64_t acts_ = 0;                 // the highest entry there
  LedgerReport report_;
  std::vector<base::Time> accepted_at_;  // of each leaf
  Note note_;
  std::optional<TileFolder> tiles_;
  HashLevels hashes_;
  std::optional<Roster> roster_;
  std::optional<YearInNumbers> year_;
  bool replaying_ = true;
};

bool Examination::read_checkpoint() {
  const std::string path = path_of("checkpoint");
  if (!disk_.status(path)) {
    fault(Errc::ledger_damaged, path, "is missing", "name a copy of a pod's governance/ or governance/ledger/");
    return false;
  }
  auto note = parse_note(base::read_file(disk_, path, largest_note), path);
  const auto checkpoint = note ? parse_checkpoint(note->text, path) : Verdict<Checkpoint>(note.error());
  if (!checkpoint) {
    fault(checkpoint.error());
    return false;
  }
  note_ = std::move(*note);
  report_.origin = checkpoint->origin;
  report_.head = checkpoint->head;
  report_.checkpoint = note_.str();
  return true;
}

/// One bundle of entries, and the hashes that are said to be theirs.
void Examination::examine_leaves(std::uint64_t begin) {
  const Tile hashes = *tile_for(Tile::Holds::hashes, 0, begin, report_.head.size);
  const Tile entries = *tile_for(Tile::Holds::entries, 0, begin, report_.head.size);
  std::vector<Hash> leaves;
  try {
    leaves = tiles_->hashes(hashes);
  } catch (const std::exception&) {
    fault(Errc::ledger_damaged, path_of(tile_path(hashes)),
          fmt::format("leaves {} to {}: their hashes are missing or cut off", begin, begin + hashes.width - 1),
          "get another copy of this file");
  }
  std::string octets;
  std::optional<std::vector<std::string_view>> bundle;
  try {
    octets = tiles_->read(entries);
    bundle = parse_bundle(octets, entries.width);
  } catch (const std::system_error&) {
    octets.clear();
  }
  const std::string place = path_of(tile_path(entries));
  if (!bundle)
    fault(Errc::ledger_damaged, place,
          fmt::format("leaves {} to {} are missing or damaged", begin, begin + entries.width - 1),
          "get another copy of this file");
  for (unsigned i = 0; i < hashes.width; ++i) {
    const auto entry = bundle ? std::optional(bundle->at(i)) : std::nullopt;
    const Hash hash = leaves.empty() ? leaf_hash(entry.value_or("")) : leaves[i];
    hashes_.append(hash);
    examine_leaf(begin + i, place, entry, hash);
  }
}

void Examination::examine_leaf(std::uint64_t index, const std::string& place, std::optional<std::string_view> entry,
                               const Hash& hash) {
  const auto file = file_of(index, hash);
  if (entry && leaf_hash(*entry) == hash) return replay(index, place, *entry);
  // What is too long for a bundle is an empty entry there, and a missing bundle was complained of.
  const bool absent = !entry || entry->empty();
  if (absent && file && leaf_hash(*file) == hash) return replay(index, place, *file);
  replaying_ = false;
  if (!entry) return;
  fault(Errc::ledger_damaged, place,
        absent ? fmt::format("leaf {} is not in its bundle", index)
               : fmt::format("leaf {} is not what was entered", index),
        absent ? "look at a copy of the whole of governance/"
               : "get another copy of this file; if all are alike, the pod altered its history");
}

/// The octets of a leaf as governance/ has them; a file that says something else is a fault.
std::optional<std::string> Examination::file_of(std::uint64_t index, const Hash& hash) {
  if (!governance_) return std::nullopt;
  const std::string path = index == 0 ? base::join(*governance_, charter_name(1))
                                      : base::join(base::join(*governance_, "acts"), entry_name(index));
  if (!disk_.status(path)) {
    fault(Errc::record_gap, path, fmt::format("is missing: it is leaf {} of the ledger", index),
          "restore it: its octets are in the ledger");
    return std::nullopt;
  }
  if (index == 0) {
    // Signatures that were put beside it since do not count; its octets are compared where it is replayed.
    const auto first = write_first_entry(read_charter_files(disk_, *governance_, 1));
    return first ? std::optional(*first) : std::nullopt;
  }
  std::string octets = base::read_file(disk_, path, largest_entry);
  if (leaf_hash(octets) != hash)
    fault(Errc::record_differs_from_known, path, fmt::format("is not leaf {} of the ledger", index),
          "restore it from another copy of the record of acts");
  return octets;
}

void Examination::found(const Entry& entry, const std::string& place) {
  const Hash first = identity(entry.octets);
  report_.charter = first;
  auto chain = CharterChain::found({place + ": leaf 0", entry.octets, entry.minisigs}, asked_.charter.value_or(first));
  if (!chain) {
    fault(chain.error());
    replaying_ = false;
    return;
  }
  roster_.emplace(std::move(*chain));
  if (ledger_origin(roster_->charters().latest().pod) != report_.origin)
    fault(Errc::wrong_pod, place, "leaf 0 is the charter of another pod", "get the ledger of this pod");
  if (governance_ && disk_.status(base::join(*governance_, charter_name(1))) &&
      identity(read_charter_files(disk_, *governance_, 1).octets) != first)
    fault(Errc::record_damaged, base::join(*governance_, charter_name(1)), "is not leaf 0 of the ledger",
          "restore it: its octets are in the ledger");
}

void Examination::replay(std::uint64_t index, const std::string& place, std::string_view octets) {
  if (!replaying_) return;
  const std::string name = fmt::format("{}: leaf {}", place, index);
  const auto entry = parse_entry(octets, name);
  if (!entry) {
    fault(entry.error());
    replaying_ = false;
    return;
  }
  if (index == 0) {
    found(*entry, place);
  } else if (entry->accepted_at < report_.newest && index > 1) {
    fault(Errc::record_damaged, name, "was accepted before the entry before it", "the pod altered its history");
    replaying_ = false;
  } else if (const auto v = replay_entry(*roster_, {name, entry->octets, entry->minisigs}, entry->accepted_at); !v) {
    fault(v.error());
    replaying_ = false;
  }
  if (replaying_ && year_) year_->note({name, entry->octets, entry->minisigs}, entry->accepted_at, *roster_);
  report_.newest = entry->accepted_at;
  accepted_at_.resize(index + 1, report_.newest);
  if (asked_.commitment && commitment_in(*entry, name) == asked_.commitment) report_.committed.push_back(index);
}

void Examination::examine_upper_tiles() {
  for (const auto& tile : tiles_since(0, report_.head.size)) {
    if (tile.holds != Tile::Holds::hashes || tile.level == 0) continue;
    std::vector<Hash> kept;
    try {
      kept = tiles_->hashes(tile);
    } catch (const std::exception&) {
    }
    const auto right = hashes_.level(tile.level).subspan(tile.begin(), tile.width);
    if (!std::ranges::equal(kept, right))
      fault(Errc::ledger_damaged, path_of(tile_path(tile)), "does not hold the hashes of the tiles below it",
            "get another copy of this file");
  }
}

/// Files that no leaf is of, and the charters that people read.
void Examination::examine_files_beyond() {
  if (!governance_) return;
  if (acts_ >= report_.head.size)
    fault(Errc::ledger_shorter, base::join(base::join(*governance_, "acts"), entry_name(report_.head.size)),
          "is no leaf of the ledger yet, nor is what comes after", "start the pod: it completes its ledger then");
  for (std::uint64_t seq = 2; roster_ && replaying_ && seq <= roster_->charters().size(); ++seq) {
    const std::string path = base::join(*governance_, charter_name(seq));
    if (!disk_.status(path) ||
        identity(read_charter_files(disk_, *governance_, seq).octets) != roster_->charters().identity_of(seq))
      fault(Errc::record_damaged, path, "is missing, or not the charter that was accepted",
            "restore it: its octets are in the ledger");
  }
}

/// Of a checkpoint of `size` leaves: a key that a later charter replaced signs nothing that came after.
std::vector<VerifierKey> Examination::possible_signers(std::uint64_t size) const {
  if (asked_.key) return {*asked_.key};
  std::vector<VerifierKey> keys;
  if (!roster_) return keys;
  const auto last = size == 0 || size > accepted_at_.size() ? base::Time{} : accepted_at_[size - 1];
  for (const auto& key : roster_->charters().pod_keys(last))
    keys.insert(keys.begin(), {report_.origin, VerifierKey::Kind::note, key});
  return keys;
}

void Examination::find_signer() {
  const auto keys = possible_signers(report_.head.size);
  if (keys.empty())
    return fault(Errc::note_unsigned, path_of("checkpoint"), "no charter says by which key it must be signed",
                 "name the pod's key with --key");
  std::optional<Complaint> last;
  for (const auto& key : keys) {
    const auto verdict = is_signed_by(note_, key, path_of("checkpoint"));
    if (verdict) {
      report_.signer = key;
      return;
    }
    if (!last || verdict.error().code == Errc::signature_invalid) last = verdict.error();
  }
  fault(std::move(*last));
}

void Examination::compare_with(const LedgerQuestions::Seen& seen) {
  const auto note = parse_note(seen.octets, seen.name);
  if (!note) return fault(note.error());
  const auto older = parse_checkpoint(note->text, seen.name);
  if (!older) return fault(older.error());
  if (older->origin != report_.origin)
    return fault(Errc::wrong_pod, seen.name, "is of another ledger: " + older->origin, "name one of this ledger");
  bool theirs = false;
  for (const auto& key : possible_signers(older->head.size)) theirs = theirs || is_signed_by(*note, key, seen.name);
  if (!theirs)
    return fault(Errc::note_unsigned, seen.name, "is not signed by the pod: nothing follows from it",
                 "name a checkpoint as the pod published it");
  const auto& [size, root] = older->head;
  if (size > report_.head.size)
    return fault(Errc::ledger_shorter, path_of("checkpoint"),
                 fmt::format("has {} leaves, and the pod signed {} before", report_.head.size, size),
                 "get a newer copy; if there is none, the pod was taken back, or you are shown an old one");
  const Hash began = root_at(hashes_, size);
  if (began == root) return;
  fault(Errc::ledger_forked, seen.name,
        fmt::format("contradicts the ledger: its first {} leaves were others when the pod signed them", size),
        "keep both: together they prove to anybody that the pod told two stories");
  if (root_at(hashes_, report_.head.size) == report_.head.root)
    report_.fork =
        ForkProof{note->str(), report_.checkpoint, began, consistency_proof(hashes_, size, report_.head.size)};
}

void Examination::look_for(const VerifierKey& witness) {
  // A witness comes later than the checkpoint; what it wrote last may stand under an older one.
  std::optional<Complaint> missing;
  for (const auto* name : {"checkpoint", "cosigned"}) {
    const std::string path = path_of(name);
    if (!disk_.status(path)) continue;
    const auto note = parse_note(base::read_file(disk_, path, largest_note), path);
    if (!note) return fault(note.error());
    const auto seconds = cosigned_at(*note, witness, path);
    const auto checkpoint = parse_checkpoint(note->text, path);
    if (seconds && checkpoint && checkpoint->origin == report_.origin && checkpoint->head.size <= report_.head.size &&
        root_at(hashes_, checkpoint->head.size) == checkpoint->head.root) {
      report_.cosignatures.push_back({witness, *seconds});
      return;
    }
    missing = seconds ? Complaint{Errc::ledger_forked, path, 0, "a witness saw another ledger than this one",
                                  "ask the witness for what it saw"}
                      : seconds.error();
  }
  if (missing) fault(std::move(*missing));
}

}  // namespace

LedgerReport examine_ledger(base::Disk& disk, const std::string& folder, const LedgerQuestions& questions) {
  return Examination(disk, folder, questions).run();
}

}  // namespace mailpod::governance
