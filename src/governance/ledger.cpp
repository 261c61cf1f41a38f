#include <mailpod/governance/ledger.hpp>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/governance/registry.hpp>

#include "file_batch.hpp"
#include "lines.hpp"

namespace mailpod::governance {
namespace {

Complaint complaint(Errc code, const std::string& file, std::string what, std::string remedy) {
  return {code, file, 0, std::move(what), std::move(remedy)};
}

constexpr std::size_t most_signatures_tried = 12;

/// A head as a person tells one from another.
std::string text_of(const TreeHead& head) {
  return fmt::format("{} leaves, root {}", head.size, write_hash(head.root));
}

/// The newest checkpoint is the one file that is not made anew by itself: it is what was promised.
Complaint as_our_own(Complaint wrong) {
  wrong.remedy =
      "restore it from another copy of the ledger; or remove it, and a checkpoint of the record is signed anew";
  return wrong;
}

}  // namespace

Record record_of(const Registry& registry) {
  Record record{registry.leaves(), [&registry](std::uint64_t number) { return registry.entry(number); }, {}};
  const auto roster = registry.gate().roster();
  for (const auto& key : roster->charters().pod_keys()) record.keys.push_back(key);
  return record;
}

VerifierKey Ledger::verifier_key() const {
  return {origin(), VerifierKey::Kind::note, source_.key.public_key()};
}

Verdict<std::unique_ptr<Ledger>> Ledger::open(Source source, const Record& record) {
  std::unique_ptr<Ledger> ledger(new Ledger(std::move(source)));
  if (auto v = ledger->read(record); !v) return v.error();
  try {
    ledger->follow(record);
  } catch (const std::system_error& failure) {
    ledger->behind_ = failure.what();
  }
  return ledger;
}

/// At which sizes tiles may be there: what was signed last, and what the directory remembers.
std::vector<std::uint64_t> Ledger::known_sizes() const {
  std::vector<std::uint64_t> sizes;
  if (head_.size != 0) sizes.push_back(head_.size);
  if (source_.known && source_.known->size != 0 && source_.known->size != head_.size)
    sizes.push_back(source_.known->size);
  return sizes;
}

/// Charter 1 as it was entered; empty if its bundle is not there, or it was too long for one.
std::string Ledger::first_entry() const {
  for (const auto size : known_sizes()) {
    try {
      return TileFolder(source_.disk, source_.folder, size).entry(0);
    } catch (const std::exception&) {
      continue;
    }
  }
  return {};
}

/// Its leaf, as the tiles have it: nothing says that they are whole.
std::vector<Hash> Ledger::kept_first_leaves() const {
  std::vector<Hash> leaves;
  for (const auto size : known_sizes()) {
    try {
      const auto tile = *tile_for(Tile::Holds::hashes, 0, 0, size);
      leaves.push_back(TileFolder(source_.disk, source_.folder, size).hashes(tile).front());
    } catch (const std::exception&) {
      continue;
    }
  }
  if (const auto entry = first_entry(); !entry.empty()) leaves.push_back(leaf_hash(entry));
  return leaves;
}

/// Signatures that were put beside charter 1 since it was entered change no leaf: where the record does not lead to
/// what was signed, it may with the first leaf as it was.
void Ledger::take_leaves(const Record& record) {
  const auto with_first = [&](const Hash& first) {
    HashLevels hashes;
    for (std::size_t i = 0; i < record.leaves.size(); ++i) hashes.append(i == 0 ? first : record.leaves[i]);
    return hashes;
  };
  first_leaf_ = record.leaves.front();
  hashes_ = with_first(first_leaf_);
  const auto head = head_.size != 0 ? std::optional(head_) : source_.known;
  if (!head || head->size > record.leaves.size() || root_at(hashes_, head->size) == head->root) return;
  for (const auto& first : kept_first_leaves()) {
    auto hashes = with_first(first);
    if (root_at(hashes, head->size) != head->root) continue;
    hashes_ = std::move(hashes);
    first_leaf_ = first;
    return;
  }
}

Verdict<void> Ledger::read(const Record& record) {
  base::Disk& disk = source_.disk;
  const std::string path = in("checkpoint");
  if (disk.status(path)) {
    auto note = parse_note(base::read_file(disk, path, largest_note), path);
    if (!note) return as_our_own(note.error());
    const auto checkpoint = parse_checkpoint(note->text, path);
    if (!checkpoint) return as_our_own(checkpoint.error());
    if (checkpoint->origin != origin())
      return complaint(Errc::wrong_pod, path, "is of another ledger: " + checkpoint->origin,
                       "restore the ledger of this pod");
    checkpoint_ = std::move(*note);
    head_ = checkpoint->head;
    if (const auto v = check_signature(record); !v) return as_our_own(v.error());
  }
  take_leaves(record);
  if (head_.size != 0) {
    if (auto v = check_against(record, head_); !v) return v;
  }
  if (source_.known) {
    if (auto v = check_against(record, *source_.known); !v) return v;
  }
  hashes_.truncate(head_.size);
  return {};
}

/// By pod.key, or by the key that an earlier charter named.
Verdict<void> Ledger::check_signature(const Record& record) const {
  auto verdict = is_signed_by(checkpoint_, verifier_key(), in("checkpoint"));
  for (const auto& key : record.keys) {
    if (verdict) break;
    if (is_signed_by(checkpoint_, {origin(), VerifierKey::Kind::note, key}, in("checkpoint"))) verdict = {};
  }
  return verdict;
}

/// A head that was signed or remembered, against what the record says now.
Verdict<void> Ledger::check_against(const Record& record, const TreeHead& signed_head) const {
  if (signed_head.size > record.leaves.size())
    return complaint(
        Errc::record_shorter_than_known, parent_of(source_.folder),
        fmt::format("has {} entries, but {} were entered in the ledger", record.leaves.size(), signed_head.size),
        "restore the missing files: what is in the ledger cannot be taken back by deleting it");
  const TreeHead now{signed_head.size, root_at(hashes_, signed_head.size)};
  if (now == signed_head) return {};
  const TileFolder tiles(source_.disk, source_.folder, head_.size);
  std::string where;
  for (std::uint64_t begin = 0; begin < head_.size && where.empty(); begin += tile_width) {
    const auto tile = *tile_for(Tile::Holds::hashes, 0, begin, head_.size);
    try {
      const auto kept = tiles.hashes(tile);
      for (std::size_t i = 0; i < kept.size() && where.empty(); ++i) {
        if (kept[i] != hashes_.level(0)[begin + i]) where = fmt::format("; they part at leaf {}", begin + i);
      }
    } catch (const std::exception&) {
      continue;
    }
  }
  return complaint(
      Errc::record_differs_from_known, in("checkpoint"),
      fmt::format("charters and record of acts are not what was signed: {}{}", text_of(signed_head), where),
      "restore governance/ and directory from the same time; never sign another history");
}

/// A tile that is gone is no loss: the record says what it held, and the root was compared.
void Ledger::restore_missing_files(const Record& record) {
  base::Disk& disk = source_.disk;
  disk.make_directory(source_.folder);
  disk.sync_directory(parent_of(source_.folder));
  base::remove_temporaries(disk, source_.folder);
  // Whoever wrote the checkpoint may have been killed before its name was durable, and others will remember what it
  // says.
  if (head_.size != 0) disk.sync_directory(source_.folder);
  std::vector<Tile> missing;
  for (const auto& tile : tiles_since(0, head_.size)) {
    if (!disk.status(in(tile_path(tile)))) missing.push_back(tile);
  }
  write_tiles(missing, as_entered(record.entry));
  remove_partial_tiles(0);
}

/// Charter 1 as it was entered, of how it is `now`: signatures may have been put beside it since. Then it stands in its
/// bundle; where that is gone it is found again by leaving some of them out.
std::string Ledger::first_as_entered(std::string now) const {
  if (leaf_hash(now) == first_leaf_) return now;
  if (auto kept = first_entry(); leaf_hash(kept) == first_leaf_) return kept;
  const auto entry = parse_entry(now, "charter 1");
  const std::size_t signatures = entry ? std::min<std::size_t>(entry->minisigs.size(), most_signatures_tried) : 0;
  for (std::uint64_t chosen = 1; chosen < 1ULL << signatures; ++chosen) {
    Entry earlier{entry->accepted_at, entry->octets, {}};
    for (std::size_t i = 0; i < signatures; ++i) {
      if ((chosen >> i & 1U) != 0) earlier.minisigs.push_back(entry->minisigs[i]);
    }
    if (auto octets = write_entry(earlier); leaf_hash(octets) == first_leaf_) return octets;
  }
  throw std::system_error(EIO, std::generic_category(),
                          in("tile/entries/000") + ": is gone, and must come from another copy of the ledger");
}

Ledger::Entries Ledger::as_entered(const Entries& entries) const {
  return
      [this, &entries](std::uint64_t index) { return index == 0 ? first_as_entered(entries(index)) : entries(index); };
}

void Ledger::write_tiles(std::span<const Tile> tiles, const Entries& entries) {
  FileBatch batch(source_.disk, source_.folder, durable_folders_);
  for (const auto& tile : tiles) {
    std::string octets;
    if (tile.holds == Tile::Holds::hashes) {
      octets = write_hashes(hashes_.level(tile.level).subspan(tile.begin(), tile.width));
    } else {
      std::vector<std::string> bundle;
      for (unsigned i = 0; i < tile.width; ++i) bundle.push_back(entries(tile.begin() + i));
      octets = write_bundle(bundle);
    }
    batch.write(in(tile_path(tile)), octets);
  }
  batch.finish();
}

void Ledger::follow(const Record& record) {
  if (!behind_.empty()) restore_missing_files(record);
  const std::uint64_t before = hashes_.size();
  for (std::size_t i = before; i < record.leaves.size(); ++i) hashes_.append(i == 0 ? first_leaf_ : record.leaves[i]);
  grow(before, as_entered(record.entry));
  behind_.clear();
}

void Ledger::append(std::span<const std::string> entries) {
  const std::uint64_t before = hashes_.size();
  std::string octets;  // of the first bundle, as far as it is there
  std::vector<std::string_view> bundle;
  if (const auto tile =
          before % tile_width == 0 ? std::nullopt : tile_for(Tile::Holds::entries, 0, before - 1, before)) {
    octets = TileFolder(source_.disk, source_.folder, before).read(*tile);
    bundle = parse_bundle(octets, tile->width).value_or(bundle);
    if (bundle.empty()) throw std::system_error(EIO, std::system_category(), in(tile_path(*tile)));
  }
  for (const auto& entry : entries) hashes_.append(leaf_hash(entry));
  grow(before, [&](std::uint64_t index) {
    return index < before ? std::string(bundle.at(index % tile_width)) : entries[index - before];
  });
}

/// Tiles first, then the checkpoint that speaks of them: a reader that has a checkpoint has its tiles, whatever
/// crashes.
void Ledger::grow(std::uint64_t before, const Entries& entries) {
  const auto key = verifier_key();
  const bool ours = !checkpoint_.text.empty() && is_signed_by(checkpoint_, key, "checkpoint").has_value();
  if (hashes_.size() == head_.size && ours) return;
  try {
    write_tiles(tiles_since(before, hashes_.size()), entries);
    sign_checkpoint();
  } catch (...) {
    hashes_.truncate(before);
    throw;
  }
  remove_partial_tiles(before);
}

void Ledger::sign_checkpoint() {
  const Checkpoint checkpoint{origin(), {hashes_.size(), root_at(hashes_, hashes_.size())}, {}};
  const std::string text = checkpoint.text();
  Note note{text, {sign_note(source_.key, checkpoint.origin, text)}};
  base::replace_file(source_.disk, in("checkpoint"), note.str());
  head_ = checkpoint.head;
  checkpoint_ = std::move(note);
}

/// Once the full tile is there nobody needs what it was when it was narrower.
void Ledger::remove_partial_tiles(std::uint64_t before) {
  try {
    for (const auto& tile : tiles_since(before, head_.size)) {
      const std::string folder = in(tile_path(tile)) + ".p";
      if (tile.partial() || !source_.disk.status(folder)) continue;
      for (const auto& file : source_.disk.list(folder)) source_.disk.unlink(base::join(folder, file.name));
      source_.disk.remove_directory(folder);
    }
  } catch (const std::system_error&) {
    // They only take room.
  }
}

Verdict<InclusionProof> Ledger::prove(std::uint64_t index) const {
  if (index >= head_.size)
    return complaint(Errc::bad_value, in("checkpoint"), fmt::format("has no leaf {}", index),
                     head_.size == 0 ? "make room on the disk, or mend what the log says of the ledger: it has none yet"
                                     : fmt::format("name one from 0 to {}", head_.size - 1));
  return InclusionProof{index, inclusion_proof(hashes_, index, head_.size), checkpoint_.str()};
}

Verdict<ConsistencyProof> Ledger::prove_since(std::uint64_t old_size) const {
  if (old_size > head_.size)
    return complaint(Errc::bad_value, in("checkpoint"), fmt::format("has not yet {} leaves", old_size),
                     fmt::format("name a size from 0 to {}", head_.size));
  return ConsistencyProof{old_size, consistency_proof(hashes_, old_size, head_.size), checkpoint_.str()};
}

}  // namespace mailpod::governance
