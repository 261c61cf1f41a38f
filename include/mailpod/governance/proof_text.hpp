#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/governance/note.hpp>

/// Proofs as files that are handed on. Pure; any thread.
namespace mailpod::governance {

/// That an entry is in a log, with the checkpoint that says which: c2sp.org/tlog-proof.
struct InclusionProof {
  std::uint64_t index = 0;
  std::vector<Hash> hashes;
  std::string checkpoint;  ///< a note
  friend bool operator==(const InclusionProof&, const InclusionProof&) = default;
};
std::string write_proof(const InclusionProof& proof);
Verdict<InclusionProof> parse_inclusion_proof(std::string_view octets, std::string_view file_name);

/// That a log grew out of its first `old_size` leaves: what c2sp.org/tlog-witness has a log say to its witness.
struct ConsistencyProof {
  std::uint64_t old_size = 0;
  std::vector<Hash> hashes;
  std::string checkpoint;  ///< a note: the newer one
  friend bool operator==(const ConsistencyProof&, const ConsistencyProof&) = default;
};
std::string write_proof(const ConsistencyProof& proof);
Verdict<ConsistencyProof> parse_consistency_proof(std::string_view octets, std::string_view file_name);

/// That whoever signed both checkpoints told two stories: the newer tree began otherwise than the older one was.
struct ForkProof {
  std::string older, newer;  ///< notes
  Hash root{};               ///< of the newer tree's first leaves, as many as the older has
  std::vector<Hash> hashes;  ///< that it is
  friend bool operator==(const ForkProof&, const ForkProof&) = default;
};
std::string write_proof(const ForkProof& proof);
Verdict<ForkProof> parse_fork_proof(std::string_view octets, std::string_view file_name);
/// Nothing else is needed but the keys of that ledger: one, or where its charter named another between the two
/// checkpoints, both. Each checkpoint must be signed by one of them, under the ledger's own name. Errors:
/// note_malformed, note_unsigned, signature_invalid, proof_wrong.
Verdict<void> proves_fork(const ForkProof& proof, std::span<const VerifierKey> keys, std::string_view file_name);

}  // namespace mailpod::governance
