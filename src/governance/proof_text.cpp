#include <mailpod/governance/proof_text.hpp>

#include <optional>

#include <fmt/format.h>

#include "lines.hpp"

namespace mailpod::governance {
namespace {

constexpr std::string_view inclusion_mark = "c2sp.org/tlog-proof@v1";
constexpr std::string_view fork_mark = "mailpod ledger fork 1";
constexpr std::size_t most_hashes = 63;  // of a consistency proof in a tree of 2^62

Complaint malformed(std::string_view file_name, std::string what) {
  return {Errc::note_malformed, std::string(file_name), 0, std::move(what), "copy the proof exactly as it was made"};
}

std::string lines_of(const std::vector<Hash>& hashes) {
  std::string out;
  for (const auto& hash : hashes) out += write_hash(hash) + "\n";
  return out;
}

/// The value of a line `word value`.
std::optional<std::string_view> value_of(std::optional<std::string_view> line, std::string_view word) {
  if (!line || !line->starts_with(word) || line->substr(word.size(), 1) != " ") return std::nullopt;
  return line->substr(word.size() + 1);
}

/// Hashes, a line each, up to an empty line, which is taken too.
std::optional<std::vector<Hash>> take_hashes(std::string_view& rest) {
  std::vector<Hash> hashes;
  for (;;) {
    const auto line = take_line(rest);
    if (!line) return std::nullopt;
    if (line->empty()) return hashes;
    const auto hash = parse_hash(*line);
    if (!hash || hashes.size() == most_hashes) return std::nullopt;
    hashes.push_back(*hash);
  }
}

/// A note that has one empty line, with the empty line that ends it.
std::optional<std::string_view> take_note(std::string_view& rest) {
  const auto middle = rest.find("\n\n");
  if (middle == std::string_view::npos) return std::nullopt;
  const auto end = rest.find("\n\n", middle + 2);
  if (end == std::string_view::npos) return std::nullopt;
  const auto note = rest.substr(0, end + 1);
  rest.remove_prefix(end + 2);
  return note;
}

/// A key of another name says nothing of this ledger: or any two keys could convict whomever they like.
Verdict<Checkpoint> signed_checkpoint(const std::string& octets, std::span<const VerifierKey> keys,
                                      std::string_view file_name) {
  const auto note = parse_note(octets, file_name);
  if (!note) return note.error();
  auto checkpoint = parse_checkpoint(note->text, file_name);
  if (!checkpoint) return checkpoint;
  Complaint refusal{Errc::note_unsigned, std::string(file_name), 0, "has a checkpoint of " + checkpoint->origin,
                    "name the keys of that ledger"};
  for (const auto& key : keys) {
    if (key.name != checkpoint->origin) continue;
    const auto is_signed = is_signed_by(*note, key, file_name);
    if (is_signed) return checkpoint;
    refusal = is_signed.error();
  }
  return refusal;
}

}  // namespace

std::string write_proof(const InclusionProof& proof) {
  return fmt::format("{}\nindex {}\n{}\n{}", inclusion_mark, proof.index, lines_of(proof.hashes), proof.checkpoint);
}

Verdict<InclusionProof> parse_inclusion_proof(std::string_view octets, std::string_view file_name) {
  std::string_view rest = octets;
  if (take_line(rest) != inclusion_mark) return malformed(file_name, "is no proof that an entry is in a log");
  // What may stand in a line `extra` before the index is nothing that this could check.
  const auto index = value_of(take_line(rest), "index");
  const auto number = index ? parse_count(*index) : std::nullopt;
  if (!number) return malformed(file_name, "does not say which entry it is about");
  auto hashes = take_hashes(rest);
  if (!hashes) return malformed(file_name, "has a line that is no hash");
  if (const auto note = parse_note(rest, file_name); !note) return note.error();
  return InclusionProof{*number, std::move(*hashes), std::string(rest)};
}

std::string write_proof(const ConsistencyProof& proof) {
  return fmt::format("old {}\n{}\n{}", proof.old_size, lines_of(proof.hashes), proof.checkpoint);
}

Verdict<ConsistencyProof> parse_consistency_proof(std::string_view octets, std::string_view file_name) {
  std::string_view rest = octets;
  const auto old_size = value_of(take_line(rest), "old");
  const auto number = old_size ? parse_count(*old_size) : std::nullopt;
  if (!number) return malformed(file_name, "is no proof that one log grew out of another");
  auto hashes = take_hashes(rest);
  if (!hashes) return malformed(file_name, "has a line that is no hash");
  if (const auto note = parse_note(rest, file_name); !note) return note.error();
  return ConsistencyProof{*number, std::move(*hashes), std::string(rest)};
}

std::string write_proof(const ForkProof& proof) {
  return fmt::format("{}\nroot {}\n{}\n{}\n{}", fork_mark, write_hash(proof.root), lines_of(proof.hashes), proof.older,
                     proof.newer);
}

Verdict<ForkProof> parse_fork_proof(std::string_view octets, std::string_view file_name) {
  std::string_view rest = octets;
  if (take_line(rest) != fork_mark) return malformed(file_name, "is no proof of a fork");
  const auto root = value_of(take_line(rest), "root");
  const auto hash = root ? parse_hash(*root) : std::nullopt;
  if (!hash) return malformed(file_name, "has a root that is no hash");
  auto hashes = take_hashes(rest);
  if (!hashes) return malformed(file_name, "has a line that is no hash");
  const auto older = take_note(rest);
  if (!older) return malformed(file_name, "has not two checkpoints");
  for (const auto note : {*older, rest}) {
    if (const auto v = parse_note(note, file_name); !v) return v.error();
  }
  return ForkProof{std::string(*older), std::string(rest), *hash, std::move(*hashes)};
}

Verdict<void> proves_fork(const ForkProof& proof, std::span<const VerifierKey> keys, std::string_view file_name) {
  const auto older = signed_checkpoint(proof.older, keys, file_name);
  if (!older) return older.error();
  const auto newer = signed_checkpoint(proof.newer, keys, file_name);
  if (!newer) return newer.error();
  const TreeHead began{older->head.size, proof.root};
  const bool contradict = older->origin == newer->origin && older->head.root != proof.root &&
                          is_consistent(began, newer->head, proof.hashes);
  if (contradict) return {};
  return Complaint{Errc::proof_wrong, std::string(file_name), 0, "does not show that the two contradict each other",
                   "nothing follows from it"};
}

}  // namespace mailpod::governance
