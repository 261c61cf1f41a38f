#include <mailpod/governance/merkle.hpp>

#include <bit>

#include <mailpod/crypto/digest.hpp>

namespace mailpod::governance {
namespace {

/// The size of the left subtree of `size` > 1 leaves: the largest power of two below it.
std::uint64_t split(std::uint64_t size) {
  return std::bit_floor(size - 1);
}

/// The tree hash of leaves begin to end, where `begin` is a multiple of the smallest power of two that is not below
/// their number: so it is for each range that a proof asks for.
Hash range_hash(const Nodes& nodes, std::uint64_t begin, std::uint64_t end) {
  const std::uint64_t size = end - begin;
  if (std::has_single_bit(size)) {
    const auto level = static_cast<unsigned>(std::countr_zero(size));
    return nodes.node({level, begin >> level});
  }
  const std::uint64_t middle = begin + split(size);
  return node_hash(range_hash(nodes, begin, middle), range_hash(nodes, middle, end));
}

}  // namespace

Hash node_hash(const Hash& left, const Hash& right) {
  std::array<unsigned char, 65> octets{};
  octets[0] = 1;
  std::ranges::copy(left, octets.begin() + 1);
  std::ranges::copy(right, octets.begin() + 33);
  return crypto::sha256(base::octets(octets));
}

Hash tree_hash(std::span<const Hash> leaves) {
  if (leaves.empty()) return crypto::sha256({});
  // Level by level; whoever has no sibling rises as they are, which is what the split at a power of two comes to.
  std::vector<Hash> row(leaves.begin(), leaves.end());
  while (row.size() > 1) {
    const std::size_t pairs = row.size() / 2;
    for (std::size_t i = 0; i < pairs; ++i) row[i] = node_hash(row[2 * i], row[2 * i + 1]);
    if (row.size() % 2 == 1) row[pairs] = row.back();
    row.resize(pairs + row.size() % 2);
  }
  return row.front();
}

void HashLevels::append(const Hash& leaf) {
  levels_.front().push_back(leaf);
  for (std::size_t l = 0; levels_[l].size() % 2 == 0; ++l) {
    if (l + 1 == levels_.size()) levels_.emplace_back();
    levels_[l + 1].push_back(node_hash(*(levels_[l].end() - 2), levels_[l].back()));
  }
}

void HashLevels::truncate(std::uint64_t size) {
  for (auto& level : levels_) {
    level.resize(size);
    size /= 2;
  }
}

Hash HashLevels::node(Node which) const {
  return levels_.at(which.level).at(which.index);
}

Hash root_at(const Nodes& nodes, std::uint64_t size) {
  return size == 0 ? tree_hash({}) : range_hash(nodes, 0, size);
}

std::vector<Hash> inclusion_proof(const Nodes& nodes, std::uint64_t index, std::uint64_t size) {
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split(end - begin);
    if (index < middle) {
      proof.push_back(range_hash(nodes, middle, end));
      end = middle;
    } else {
      proof.push_back(range_hash(nodes, begin, middle));
      begin = middle;
    }
  }
  return {proof.rbegin(), proof.rend()};
}

std::vector<Hash> consistency_proof(const Nodes& nodes, std::uint64_t old_size, std::uint64_t new_size) {
  if (old_size == 0 || old_size == new_size) return {};
  std::vector<Hash> proof;
  std::uint64_t begin = 0;
  std::uint64_t end = new_size;
  while (old_size != end) {
    const std::uint64_t middle = begin + split(end - begin);
    if (old_size <= middle) {
      proof.push_back(range_hash(nodes, middle, end));
      end = middle;
    } else {
      proof.push_back(range_hash(nodes, begin, middle));
      begin = middle;
    }
  }
  // What was the whole old tree is known to whoever asks.
  if (begin != 0) proof.push_back(range_hash(nodes, begin, end));
  return {proof.rbegin(), proof.rend()};
}

std::optional<Hash> root_by_inclusion(const Hash& leaf, std::uint64_t index, std::uint64_t size,
                                      std::span<const Hash> proof) {
  if (index >= size) return std::nullopt;
  std::uint64_t at = index;
  std::uint64_t last = size - 1;
  Hash root = leaf;
  for (const Hash& sibling : proof) {
    if (last == 0) return std::nullopt;
    if (at % 2 == 1 || at == last) {
      root = node_hash(sibling, root);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      root = node_hash(root, sibling);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return root;
}

bool is_consistent(const TreeHead& older, const TreeHead& newer, std::span<const Hash> proof) {
  if (older.size > newer.size) return false;
  if (older.size == newer.size) return proof.empty() && older.root == newer.root;
  if (older.size == 0) return proof.empty() && older.root == tree_hash({});
  std::uint64_t at = older.size - 1;
  std::uint64_t last = newer.size - 1;
  while (at % 2 == 1) {
    at /= 2;
    last /= 2;
  }
  // Where the old tree is complete, the proof begins above it.
  const bool complete = std::has_single_bit(older.size);
  if (!complete && proof.empty()) return false;
  Hash old_root = complete ? older.root : proof.front();
  Hash new_root = old_root;
  for (const Hash& hash : complete ? proof : proof.subspan(1)) {
    if (last == 0) return false;
    if (at % 2 == 1 || at == last) {
      old_root = node_hash(hash, old_root);
      new_root = node_hash(hash, new_root);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      new_root = node_hash(new_root, hash);
    }
    at /= 2;
    last /= 2;
  }
  return last == 0 && old_root == older.root && new_root == newer.root;
}

}  // namespace mailpod::governance
