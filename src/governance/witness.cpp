#include <mailpod/governance/witness.hpp>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>

#include "file_batch.hpp"
#include "lines.hpp"

namespace mailpod::governance {
namespace {

constexpr std::string_view memory_mark = "mailpod witnessed ledger 1";

Complaint complaint(Errc code, const std::string& file, std::string what, std::string remedy) {
  return {code, file, 0, std::move(what), std::move(remedy)};
}

}  // namespace

VerifierKey Witness::verifier_key() const {
  return {witness_name(source_.pod), VerifierKey::Kind::cosignature, source_.key.public_key()};
}

/// An origin may hold what a file name may not.
std::string Witness::path_for(std::string_view origin) const {
  const auto digest = crypto::sha256(origin);
  return base::join(source_.folder, base::hex(base::octets(digest).substr(0, 16)));
}

Verdict<std::optional<Witness::Memory>> Witness::remembered(std::string_view origin) const {
  const std::string path = path_for(origin);
  if (!source_.disk.status(path)) return std::optional<Memory>();
  const std::string octets = base::read_file(source_.disk, path, 2 * largest_note);
  std::string_view rest = octets;
  const auto mark = take_line(rest);
  const auto key_line = take_line(rest);
  const auto gap = take_line(rest);
  if (mark != memory_mark || !key_line || !gap || !gap->empty())
    return complaint(Errc::note_malformed, path, "is not what this witness wrote", "restore it from a backup");
  auto key = parse_verifier_key(*key_line, path);
  if (!key) return key.error();
  const auto note = parse_note(rest, path);
  if (!note) return note.error();
  auto checkpoint = parse_checkpoint(note->text, path);
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->origin != origin)
    return complaint(Errc::note_malformed, path, "is of another ledger", "restore it from a backup");
  return std::optional<Memory>({std::move(*key), std::string(rest), std::move(*checkpoint)});
}

Verdict<std::uint64_t> Witness::seen(std::string_view origin) const {
  const auto memory = remembered(origin);
  if (!memory) return memory.error();
  return *memory ? (*memory)->checkpoint.head.size : 0;
}

/// Whether the newer checkpoint grew out of the one that was seen last.
Verdict<void> Witness::follows(const Memory& memory, const Note& note, const Checkpoint& newer,
                               const Request& request) const {
  const auto& older = memory.checkpoint.head;
  if (newer.head.size < older.size)
    return complaint(Errc::ledger_shorter, request.file_name,
                     fmt::format("is of {} leaves, and {} were seen before", newer.head.size, older.size),
                     "ask for a newer one; that pod was taken back, or shows you an old one");
  if (newer.head.size == older.size) {
    if (newer.head.root == older.root) return {};
    const std::string evidence = path_for(newer.origin) + ".fork";
    base::replace_file(source_.disk, evidence, write_proof(ForkProof{memory.note, note.str(), newer.head.root, {}}));
    return complaint(Errc::ledger_forked, request.file_name, "contradicts what was seen of this ledger before",
                     evidence + " proves it to anybody: `mailpod ledger fork` reads it");
  }
  if (!request.proof && older.size != 0)
    return complaint(Errc::missing_key, request.file_name, fmt::format("{} leaves were seen before", older.size),
                     fmt::format("ask for the proof: `mailpod ledger prove --since {}` there", older.size));
  const ConsistencyProof none;
  const auto& proof = request.proof ? *request.proof : none;
  if (proof.old_size != older.size)
    return complaint(Errc::proof_wrong, request.file_name,
                     fmt::format("is proved from {} leaves on, and {} were seen before", proof.old_size, older.size),
                     fmt::format("ask for another proof: `mailpod ledger prove --since {}` there", older.size));
  if (is_consistent(older, newer.head, proof.hashes)) return {};
  return complaint(Errc::proof_wrong, request.file_name,
                   "is not shown to have grown out of what was seen of this ledger before",
                   "ask for the proof that belongs to this checkpoint; if there is none, that pod told two stories");
}

Verdict<Note> Witness::cosign(const Request& request) {
  auto note = parse_note(request.checkpoint, request.file_name);
  if (!note) return note;
  const auto checkpoint = parse_checkpoint(note->text, request.file_name);
  if (!checkpoint) return checkpoint.error();
  const auto memory = remembered(checkpoint->origin);
  if (!memory) return memory.error();
  if (!*memory && !request.key)
    return complaint(Errc::missing_key, request.file_name, "is the first of this ledger that comes here",
                     "name the key of that pod with --key: its charter and `mailpod ledger show` say it");
  // A ledger whose charter names a new key goes on as the same: what was seen of it holds whoever signs now.
  const VerifierKey& key = request.key ? *request.key : (*memory)->key;
  // Or whoever owns one key could take the place of every ledger that was not seen yet.
  if (key.name != checkpoint->origin)
    return complaint(Errc::wrong_pod, request.file_name,
                     fmt::format("is of {}, and the key is that of {}", checkpoint->origin, key.name),
                     "name the key of that ledger");
  if (auto v = is_signed_by(*note, key, request.file_name); !v) return v.error();
  base::Disk& disk = source_.disk;
  disk.make_directory(source_.folder);
  disk.sync_directory(parent_of(source_.folder));
  if (*memory) {
    if (auto v = follows(**memory, *note, *checkpoint, request); !v) return v.error();
  }
  base::remove_temporaries(disk, source_.folder);
  // Never a cosignature that is not remembered: or two of them could contradict each other.
  base::replace_file(disk, path_for(checkpoint->origin),
                     fmt::format("{}\n{}\n\n{}", memory_mark, key.str(), note->str()));
  const auto own = verifier_key();
  // What others wrote under it is the log's to collect, and a note has room for so many.
  std::erase_if(note->signatures, [&](const NoteSignature& s) { return s.name != key.name || s.key_id != key.id(); });
  note->signatures.push_back(cosign_note(source_.key, own.name, note->text, base::to_seconds(source_.clock.now())));
  return note;
}

}  // namespace mailpod::governance
