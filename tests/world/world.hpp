#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace mailpod::world {

/// What one run has come to.
struct Outcome {
  std::string wrong;               ///< empty: every promise was kept
  std::vector<std::string> trace;  ///< everything that happened
};

/// A world from its founding to its last day: lives of the pod that end in a stop, a kill or a power loss, whoever
/// talks with it meanwhile, and an audit after each. Everything follows from `seed`.
Outcome run_world(std::uint64_t seed);

}  // namespace mailpod::world
