#pragma once

#include <cstddef>
#include <unordered_map>
#include <vector>

#include "growing_forest.hpp"

namespace mailpod::imap {

/// Step 5 of RFC 5256 §3, "REFERENCES": threads that only their subjects join. First each root is entered, then each is
/// merged, then those that are below others now are forgotten. Pool.
class SubjectMerge {
public:
  using Place = GrowingForest::Place;

  /// Borrowed.
  explicit SubjectMerge(GrowingForest& forest) : forest_(forest) {}

  /// Roots before anything was merged, and what is done with each of them in turn.
  std::size_t roots() const { return roots_.empty() ? forest_.roots().size() : roots_.size(); }
  void enter(std::size_t root);
  void merge(std::size_t root);
  void forget_merged();

private:
  bool is_reply(Place at) const { return !forest_.is_absent(at) && forest_.message(at).is_reply_or_forward; }
  bool is_merged(Place at) const { return at < merged_.size() && merged_[at]; }
  void set_merged(Place at);

  GrowingForest& forest_;
  std::unordered_map<TextMark, Place, TextMarkHash> table_;
  std::vector<Place> roots_;  // once merging began
  std::vector<bool> merged_;
};

}  // namespace mailpod::imap
