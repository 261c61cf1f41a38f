#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/ledger.hpp>

#include "lines.hpp"

// What witnesses wrote under a ledger's checkpoints.
namespace mailpod::governance {
namespace {

constexpr std::uint64_t largest_witness_list = 64 * 1024;

/// Adds to `kept` what a witness newly wrote under the same text; whether it was new. The later of two stays.
bool add_line(Note& kept, const Note& note, const VerifierKey& key) {
  const auto newly = cosigned_at(note, key, "note");
  const auto before = cosigned_at(kept, key, "cosigned");
  if (before && newly && *newly <= *before) return false;
  const auto is_theirs = [&](const NoteSignature& s) { return s.name == key.name && s.key_id == key.id(); };
  const auto line = std::ranges::find_if(note.signatures, is_theirs);
  if (std::ranges::find(kept.signatures, *line) != kept.signatures.end()) return false;
  std::erase_if(kept.signatures, is_theirs);
  kept.signatures.push_back(*line);
  return true;
}

}  // namespace

std::vector<VerifierKey> Ledger::witnesses() const {
  std::vector<VerifierKey> keys;
  const std::string path = in("witnesses");
  if (!source_.disk.status(path)) return keys;
  const std::string octets = base::read_file(source_.disk, path, largest_witness_list);
  std::string_view rest = octets;
  while (const auto line = take_line(rest)) {
    if (auto key = parse_verifier_key(*line, path)) keys.push_back(std::move(*key));
  }
  return keys;
}

/// What a note says that we signed, held against what we have.
Verdict<Checkpoint> Ledger::own_checkpoint(const Note& note, std::string_view file_name) const {
  if (auto v = is_signed_by(note, verifier_key(), file_name); !v) return v.error();
  auto checkpoint = parse_checkpoint(note.text, file_name);
  if (!checkpoint) return checkpoint;
  const auto size = checkpoint->head.size;
  if (size > head_.size)
    return Complaint{Errc::ledger_shorter, std::string(file_name), 0,
                     fmt::format("is of {} leaves, and this ledger has {}", size, head_.size),
                     "this pod was taken back to an earlier time: restore what it had"};
  if (root_at(hashes_, size) != checkpoint->head.root)
    return Complaint{Errc::ledger_forked, std::string(file_name), 0,
                     "this pod signed it, but its ledger began otherwise",
                     "restore governance/ as it was: whoever has both can prove that this pod told two stories"};
  return checkpoint;
}

/// The newest checkpoint under which a witness wrote; an empty note if none did.
Verdict<Note> Ledger::kept_with_cosignatures() const {
  const std::string path = in("cosigned");
  if (!source_.disk.status(path)) return Note{};
  return parse_note(base::read_file(source_.disk, path, largest_note), path);
}

std::optional<std::uint64_t> Ledger::last_cosigned(const VerifierKey& witness) const {
  const auto kept = kept_with_cosignatures();
  const auto seconds = kept ? cosigned_at(*kept, witness, "cosigned") : kept.error();
  return seconds ? std::optional(*seconds) : std::nullopt;
}

Verdict<std::size_t> Ledger::add_cosignatures(std::string_view octets, std::span<const VerifierKey> keys,
                                              std::string_view file_name) {
  const auto note = parse_note(octets, file_name);
  if (!note) return note.error();
  const auto checkpoint = own_checkpoint(*note, file_name);
  if (!checkpoint) return checkpoint.error();
  auto kept = kept_with_cosignatures();
  if (!kept) return kept.error();
  if (kept->text != note->text) {
    const auto earlier = parse_checkpoint(kept->text, "cosigned");
    if (earlier && earlier->head.size > checkpoint->head.size) return std::size_t{0};
    *kept = {note->text, {sign_note(source_.key, origin(), note->text)}};
  }
  auto believed = witnesses();
  for (const auto& key : keys) {
    if (std::ranges::find(believed, key) == believed.end()) believed.push_back(key);
  }
  std::size_t added = 0;
  std::size_t theirs = 0;
  std::string list;
  for (const auto& key : believed) {
    list += key.str() + "\n";
    if (!cosigned_at(*note, key, file_name)) continue;
    ++theirs;
    if (add_line(*kept, *note, key)) ++added;
  }
  if (theirs == 0)
    return Complaint{Errc::note_unsigned, std::string(file_name), 0,
                     "has no cosignature of a witness that is known here", "name the witness's key with --witness"};
  if (kept->signatures.size() > most_note_signatures || list.size() > largest_witness_list)
    return Complaint{Errc::too_large, std::string(file_name), 0, "has cosignatures of more witnesses than can be kept",
                     "take those of fewer; who is no witness any more has a line in " + in("witnesses")};
  if (added != 0) {
    base::replace_file(source_.disk, in("witnesses"), list);
    base::replace_file(source_.disk, in("cosigned"), kept->str());
  }
  // Also where nothing is new: whoever wrote the other two may have been killed before this one.
  if (kept->text == checkpoint_.text && kept->signatures != checkpoint_.signatures) {
    base::replace_file(source_.disk, in("checkpoint"), kept->str());
    checkpoint_ = std::move(*kept);
  }
  return added;
}

}  // namespace mailpod::governance
