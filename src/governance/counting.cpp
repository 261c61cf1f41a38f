#include <mailpod/governance/counting.hpp>

#include <algorithm>
#include <numeric>

namespace mailpod::governance {
namespace {

std::vector<std::size_t> by_lot(std::span<const Hash> lots) {
  std::vector<std::size_t> order(lots.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) { return lots[a] < lots[b]; });
  return order;
}

Preferences square(std::size_t options) {
  return Preferences(options, std::vector<std::uint32_t>(options, 0));
}

}  // namespace

Preferences preferences(std::span<const Ranks> ballots, std::size_t options) {
  auto out = square(options);
  for (const auto& ranks : ballots) {
    for (std::size_t a = 0; a < options; ++a) {
      for (std::size_t b = 0; b < options; ++b) {
        if (ranks[a] < ranks[b]) ++out[a][b];
      }
    }
  }
  return out;
}

Preferences beatpaths(const Preferences& preferred) {
  const std::size_t options = preferred.size();
  auto strength = square(options);
  for (std::size_t a = 0; a < options; ++a) {
    for (std::size_t b = 0; b < options; ++b) {
      if (preferred[a][b] > preferred[b][a]) strength[a][b] = preferred[a][b];
    }
  }
  // Floyd and Warshall's: the middle one is the outermost loop.
  for (std::size_t through = 0; through < options; ++through) {
    for (std::size_t a = 0; a < options; ++a) {
      if (a == through) continue;
      for (std::size_t b = 0; b < options; ++b) {
        if (b == a || b == through) continue;
        strength[a][b] = std::max(strength[a][b], std::min(strength[a][through], strength[through][b]));
      }
    }
  }
  return strength;
}

std::vector<std::size_t> schulze_order(const Preferences& strength, std::span<const Hash> lots) {
  // Being above is transitive, so somebody among those who are left always has nobody above; the lot says who of them.
  auto left = by_lot(lots);
  std::vector<std::size_t> order;
  while (!left.empty()) {
    const auto unbeaten = [&](std::size_t a) {
      return std::ranges::none_of(left, [&](std::size_t b) { return strength[b][a] > strength[a][b]; });
    };
    const auto next = std::ranges::find_if(left, unbeaten);
    order.push_back(*next);
    left.erase(next);
  }
  return order;
}

std::vector<std::size_t> approval_order(std::span<const std::uint32_t> approvals, std::span<const Hash> lots) {
  auto order = by_lot(lots);
  std::ranges::sort(order, [&](std::size_t a, std::size_t b) {
    return approvals[a] != approvals[b] ? approvals[a] > approvals[b] : lots[a] < lots[b];
  });
  return order;
}

bool reaches(std::uint64_t part, std::uint64_t whole, std::uint32_t percent) {
  return part * 100 >= whole * percent;
}

}  // namespace mailpod::governance
