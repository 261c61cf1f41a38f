// Any octets as a signed note, a checkpoint, a verifier key, a proof, or the path of a tile. Each has one writing only:
// what parses is written back octet for octet; and nothing is signed by a key that signed nothing.

#include <cstdint>
#include <cstdlib>

#include <mailpod/governance/note.hpp>
#include <mailpod/governance/proof_text.hpp>
#include <mailpod/governance/tiles.hpp>

namespace {

using namespace mailpod::governance;

void require(bool holds) {
  if (!holds) std::abort();
}

void read_notes(std::string_view octets) {
  const VerifierKey nobody{"nobody", VerifierKey::Kind::note, {1}};
  if (const auto note = parse_note(octets, "note")) {
    require(note->str() == octets);
    require(!is_signed_by(*note, nobody, "note"));
    if (const auto checkpoint = parse_checkpoint(note->text, "note")) require(checkpoint->text() == note->text);
  }
  if (const auto checkpoint = parse_checkpoint(octets, "text")) require(checkpoint->text() == octets);
  if (const auto key = parse_verifier_key(octets, "key")) require(key->str() == octets);
}

void read_proofs(std::string_view octets) {
  const VerifierKey nobody{"nobody", VerifierKey::Kind::note, {1}};
  if (const auto proof = parse_inclusion_proof(octets, "proof")) {
    require(write_proof(*proof) == octets);
    root_by_inclusion({}, proof->index, proof->index + 1, proof->hashes);
    root_by_inclusion({}, proof->index, std::uint64_t{1} << 62U, proof->hashes);
  }
  if (const auto proof = parse_consistency_proof(octets, "proof")) {
    require(write_proof(*proof) == octets);
    require(!is_consistent({proof->old_size, {}}, {std::uint64_t{1} << 61U, {1}}, proof->hashes));
  }
  if (const auto proof = parse_fork_proof(octets, "proof")) {
    require(write_proof(*proof) == octets);
    require(!proves_fork(*proof, {{nobody}}, "proof"));
  }
}

void read_tiles(std::string_view octets) {
  if (const auto tile = parse_tile_path(octets)) require(tile_path(*tile) == octets);
  if (octets.empty()) return;
  const unsigned count = static_cast<unsigned char>(octets.front());
  octets.remove_prefix(1);
  if (const auto entries = parse_bundle(octets, count)) {
    require(entries->size() == count);
    require(write_bundle(std::vector<std::string>(entries->begin(), entries->end())) == octets);
  }
  if (const auto hashes = parse_hashes(octets, count)) require(write_hashes(*hashes) == octets);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view octets(reinterpret_cast<const char*>(data), size);
  read_notes(octets);
  read_proofs(octets);
  read_tiles(octets);
  return 0;
}
