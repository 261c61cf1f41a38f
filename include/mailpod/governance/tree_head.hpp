#pragma once

#include <cstdint>

#include <mailpod/governance/signatures.hpp>

namespace mailpod::governance {

/// How large the tree of a log is, and what all its leaves add up to.
struct TreeHead {
  std::uint64_t size = 0;  ///< leaves
  Hash root{};
  friend bool operator==(const TreeHead&, const TreeHead&) = default;
};

}  // namespace mailpod::governance
