#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <mailpod/governance/signatures.hpp>
#include <mailpod/governance/tree_head.hpp>

/// The Merkle tree of a log that only grows, and what can be proved of it. RFC 6962 §2.1. Pure; any thread.
namespace mailpod::governance {

/// SHA-256(0x01 ‖ left ‖ right).
Hash node_hash(const Hash& left, const Hash& right);
/// Of a tree of these leaf hashes; of none: SHA-256 of nothing.
Hash tree_hash(std::span<const Hash> leaves);

/// Where the hash of a complete subtree is: of the leaves index·2^level to (index+1)·2^level.
struct Node {
  unsigned level = 0;
  std::uint64_t index = 0;
};
/// Who knows the hashes of complete subtrees: a log in memory, or tiles in a folder.
class Nodes {
public:
  virtual ~Nodes() = default;
  /// Of a subtree that lies within the log. May throw what keeps it from being known.
  virtual Hash node(Node which) const = 0;
};

/// Every hash of every complete subtree of a log: 64 octets a leaf, and a proof looks them up.
class HashLevels final : public Nodes {
public:
  HashLevels() : levels_(1) {}
  void append(const Hash& leaf);
  /// Forgets all leaves from `size` on.
  void truncate(std::uint64_t size);
  std::uint64_t size() const { return levels_.front().size(); }
  /// As tiles hold them: level 0 the leaf hashes, level l each of 256^l leaves. Borrowed until the next change.
  std::span<const Hash> level(std::size_t l) const { return levels_.at(8 * l); }
  Hash node(Node which) const override;

private:
  std::vector<std::vector<Hash>> levels_;  // of 1, 2, 4, … leaves
};

/// Of the first `size` leaves.
Hash root_at(const Nodes& nodes, std::uint64_t size);
/// That a leaf is in the tree of the first `size`: its siblings, from the leaf up. index < size. RFC 6962 §2.1.1.
std::vector<Hash> inclusion_proof(const Nodes& nodes, std::uint64_t index, std::uint64_t size);
/// That the tree of the first `old_size` is where that of `new_size` began. old_size <= new_size; empty where either
/// is trivially so. RFC 6962 §2.1.2.
std::vector<Hash> consistency_proof(const Nodes& nodes, std::uint64_t old_size, std::uint64_t new_size);

/// The root that an inclusion proof leads to; nothing if it has another length than such proofs have. RFC 9162
/// §2.1.3.2.
std::optional<Hash> root_by_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> proof);
/// Whether `proof` shows that `newer` grew out of `older`. RFC 9162 §2.1.4.2.
bool is_consistent(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof);

}  // namespace mailpod::governance
