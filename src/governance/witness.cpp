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

/// Leaves what `key` wrote under it. What others did is the log's to collect, and anybody can add to it: it is neither
/// remembered nor handed on.
void leave_only(Note& note, const VerifierKey& key) {
  std::erase_if(note.signatures, [&](const NoteSignature& s) { return s.name != key.name || s.key_id != key.id(); });
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
  auto note = parse_note(rest, path);
  if (!note) return note.error();
  leave_only(*note, *key);
  auto checkpoint = parse_checkpoint(note->text, path);
  if (!checkpoint) return checkpoint.error();
  if (checkpoint->origin != origin)
    return complaint(Errc::note_malformed, path, "is of another ledger", "restore it from a backup");
  return std::optional<Memory>({std::move(*key), note->str(), std::move(*checkpoint)});
}

Verdict<std::uint64_t> Witness::seen(std::string_view origin) const {
  const std::lock_guard turn(mutex_);
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
    // One proof is enough: who shows the same again costs the disk nothing.
    if (!source_.disk.status(evidence))
      base::replace_file(source_.disk, evidence, write_proof(ForkProof{memory.note, note.str(), newer.head.root, {}}));
    std::string keys = fmt::format("--key '{}'", memory.key.str());
    if (request.key && *request.key != memory.key) keys += fmt::format(" --key '{}'", request.key->str());
    return complaint(Errc::ledger_forked, request.file_name, "contradicts what was seen of this ledger before",
                     fmt::format("{0} proves it to anybody: `mailpod ledger fork {0} {1}`", evidence, keys));
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
  const std::lock_guard turn(mutex_);
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
  leave_only(*note, key);
  if (*memory) {
    if (auto v = follows(**memory, *note, *checkpoint, request); !v) return v.error();
  }
  // Never a cosignature that is not remembered: or two of them could contradict each other.
  if (!*memory || !is_kept(**memory, key, *checkpoint)) keep(key, *note, checkpoint->origin);
  const auto own = verifier_key();
  note->signatures.push_back(cosign_note(source_.key, own.name, note->text, base::to_seconds(source_.clock.now())));
  return note;
}

/// Whether nothing needs to be written: anybody can show a public checkpoint again, as often as he likes. What an
/// earlier process wrote may not have reached the disk, so that the first of each ledger is written all the same.
bool Witness::is_kept(const Memory& memory, const VerifierKey& key, const Checkpoint& checkpoint) const {
  return kept_.contains(path_for(checkpoint.origin)) && memory.key == key &&
         memory.checkpoint.head.size == checkpoint.head.size && memory.checkpoint.head.root == checkpoint.head.root;
}

void Witness::keep(const VerifierKey& key, const Note& note, std::string_view origin) {
  base::Disk& disk = source_.disk;
  const std::string path = path_for(origin);
  kept_.erase(path);
  disk.make_directory(source_.folder);
  disk.sync_directory(parent_of(source_.folder));
  base::remove_temporaries(disk, source_.folder);
  base::replace_file(disk, path, fmt::format("{}\n{}\n\n{}", memory_mark, key.str(), note.str()));
  kept_.insert(path);
}

}  // namespace mailpod::governance
