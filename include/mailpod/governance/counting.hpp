#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include <mailpod/governance/signatures.hpp>

/// How ballots become an order of options. Pure, and independent of the order in which ballots are given.
/// docs/votes.md.
namespace mailpod::governance {

/// How one voter ranks the options, by index: a lower rank is preferred; equal ranks are equal.
using Ranks = std::vector<std::uint16_t>;

/// `preferred[a][b]`: how many ballots rank a above b.
using Preferences = std::vector<std::vector<std::uint32_t>>;
/// All ballots rank `options` options.
Preferences preferences(std::span<const Ranks> ballots, std::size_t options);

/// Schulze's beatpaths, by winning votes: `strength[a][b]` is that of the strongest path from a to b; 0: there is none.
/// Markus Schulze, "The Schulze Method of Voting", §2. Cubic in the options.
Preferences beatpaths(const Preferences& preferred);

/// The options from the best to the worst. Schulze: a stands above b if the path from a to b is stronger than that
/// back. Where that leaves two equal, the smaller lot goes first.
std::vector<std::size_t> schulze_order(const Preferences& strength, std::span<const Hash> lots);
/// The same by how many approve each.
std::vector<std::size_t> approval_order(std::span<const std::uint32_t> approvals, std::span<const Hash> lots);

/// Whether `part` is at least `percent` of `whole`.
bool reaches(std::uint64_t part, std::uint64_t whole, std::uint32_t percent);

}  // namespace mailpod::governance
