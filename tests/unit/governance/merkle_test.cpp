#include <gtest/gtest.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/governance/merkle.hpp>
#include <mailpod/governance/registry.hpp>

namespace mailpod::governance {
namespace {

constexpr std::uint64_t most = 300;  // leaves: more than a tile

Hash leaf(std::uint64_t i) {
  return leaf_hash(base::Encoder().u64(i).str());
}
std::vector<Hash> leaves(std::uint64_t count) {
  std::vector<Hash> out;
  for (std::uint64_t i = 0; i < count; ++i) out.push_back(leaf(i));
  return out;
}
HashLevels levels(std::uint64_t count) {
  HashLevels out;
  for (const auto& hash : leaves(count)) out.append(hash);
  return out;
}

// The definitions of RFC 6962 §2.1, word for word: what the fast ones are held against.
std::uint64_t largest_power_below(std::uint64_t n) {
  std::uint64_t k = 1;
  while (2 * k < n) k *= 2;
  return k;
}
Hash mth(std::span<const Hash> d) {
  if (d.empty()) return crypto::sha256("");
  if (d.size() == 1) return d[0];
  const auto k = largest_power_below(d.size());
  return node_hash(mth(d.first(k)), mth(d.subspan(k)));
}
std::vector<Hash> path(std::uint64_t m, std::span<const Hash> d) {
  if (d.size() == 1) return {};
  const auto k = largest_power_below(d.size());
  auto out = m < k ? path(m, d.first(k)) : path(m - k, d.subspan(k));
  out.push_back(m < k ? mth(d.subspan(k)) : mth(d.first(k)));
  return out;
}
std::vector<Hash> subproof(std::uint64_t m, std::span<const Hash> d, bool whole) {
  if (m == d.size()) return whole ? std::vector<Hash>{} : std::vector<Hash>{mth(d)};
  const auto k = largest_power_below(d.size());
  auto out = m <= k ? subproof(m, d.first(k), whole) : subproof(m - k, d.subspan(k), false);
  out.push_back(m <= k ? mth(d.subspan(k)) : mth(d.first(k)));
  return out;
}

TEST(TheTree, HasTheRootsOfThePublishedVectors) {
  const std::vector<std::string> inputs{
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  const std::vector<std::string> roots{"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
                                       "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
                                       "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
                                       "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
                                       "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
                                       "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
                                       "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
                                       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};
  HashLevels tree;
  EXPECT_EQ(base::hex(base::octets(root_at(tree, 0))),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    tree.append(leaf_hash(base::unhex(inputs[i]).value()));
    EXPECT_EQ(base::hex(base::octets(root_at(tree, i + 1))), roots[i]) << i + 1;
  }
}

TEST(TheTree, IsThatOfTheDefinitionAtEverySize) {
  const auto all = leaves(most);
  const auto tree = levels(most);
  for (std::uint64_t size = 0; size <= most; ++size) {
    const auto expected = mth(std::span(all).first(size));
    EXPECT_EQ(root_at(tree, size), expected) << size;
    EXPECT_EQ(tree_hash(std::span(all).first(size)), expected) << size;
  }
}

TEST(TheTree, ForgetsWhatIsTruncated) {
  auto tree = levels(most);
  tree.truncate(255);
  for (std::uint64_t i = 255; i < 600; ++i) tree.append(leaf(i));
  EXPECT_EQ(root_at(tree, 600), root_at(levels(600), 600));
}

TEST(AnInclusionProof, IsThatOfTheDefinitionAndLeadsToTheRoot) {
  const auto all = leaves(most);
  const auto tree = levels(most);
  for (std::uint64_t size = 1; size <= most; ++size) {
    const auto root = root_at(tree, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      const auto proof = inclusion_proof(tree, index, size);
      ASSERT_EQ(root_by_inclusion(all[index], index, size, proof), root) << index << " of " << size;
      if (size % 37 == 0) ASSERT_EQ(proof, path(index, std::span(all).first(size)));
    }
  }
}

TEST(AnInclusionProof, OfAnotherLeafPlaceOrSizeLeadsElsewhere) {
  const auto tree = levels(most);
  for (std::uint64_t size = 1; size <= 40; ++size) {
    const auto root = root_at(tree, size);
    for (std::uint64_t index = 0; index < size; ++index) {
      auto proof = inclusion_proof(tree, index, size);
      EXPECT_NE(root_by_inclusion(leaf(index + 1), index, size, proof), root);
      if (size > 1) EXPECT_NE(root_by_inclusion(leaf(index), index == 0 ? 1 : index - 1, size, proof), root);
      EXPECT_EQ(root_by_inclusion(leaf(index), size, size, proof), std::nullopt);
      for (auto& hash : proof) {
        hash[7] ^= 1;
        EXPECT_NE(root_by_inclusion(leaf(index), index, size, proof), root);
        hash[7] ^= 1;
      }
      proof.push_back(root);
      EXPECT_EQ(root_by_inclusion(leaf(index), index, size, proof), std::nullopt);
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_EQ(root_by_inclusion(leaf(index), index, size, proof), std::nullopt);
    }
  }
}

TEST(AConsistencyProof, IsThatOfTheDefinitionAndHolds) {
  const auto all = leaves(most);
  const auto tree = levels(most);
  std::vector<Hash> roots;
  for (std::uint64_t size = 0; size <= most; ++size) roots.push_back(root_at(tree, size));
  for (std::uint64_t size = 0; size <= most; ++size) {
    for (std::uint64_t old = 0; old <= size; ++old) {
      const auto proof = consistency_proof(tree, old, size);
      ASSERT_TRUE(is_consistent({old, roots[old]}, {size, roots[size]}, proof)) << old << " to " << size;
      if (old > 0 && size % 41 == 0) ASSERT_EQ(proof, subproof(old, std::span(all).first(size), true));
    }
  }
}

TEST(AConsistencyProof, HoldsForNothingElse) {
  const auto tree = levels(most);
  for (std::uint64_t size = 1; size <= 40; ++size) {
    for (std::uint64_t old = 1; old <= size; ++old) {
      const TreeHead older{old, root_at(tree, old)};
      const TreeHead newer{size, root_at(tree, size)};
      auto proof = consistency_proof(tree, old, size);
      EXPECT_FALSE(is_consistent({old, leaf(7777)}, newer, proof));
      EXPECT_FALSE(is_consistent(older, {size, leaf(7777)}, proof));
      if (old < size) EXPECT_FALSE(is_consistent(newer, older, proof));
      for (auto& hash : proof) {
        hash[31] ^= 1;
        EXPECT_FALSE(is_consistent(older, newer, proof));
        hash[31] ^= 1;
      }
      proof.push_back(older.root);
      EXPECT_FALSE(is_consistent(older, newer, proof));
      proof.pop_back();
      if (proof.empty()) continue;
      proof.pop_back();
      EXPECT_FALSE(is_consistent(older, newer, proof));
    }
  }
}

}  // namespace
}  // namespace mailpod::governance
