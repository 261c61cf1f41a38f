#pragma once

#include <cstddef>
#include <vector>

#include "growing_forest.hpp"

namespace mailpod::imap {

/// Steps 2 and 3 of RFC 5256 §3, "REFERENCES": roots, and no absent messages but those at a root with several children.
/// First each node is anchored, then each is planted, then each absent message becomes a root or gives way. Pool.
class Planting {
public:
  using Place = GrowingForest::Place;

  /// Borrowed.
  Planting(GrowingForest& forest, const std::vector<ThreadScan::Node>& nodes) : forest_(forest), nodes_(nodes) {}

  std::size_t nodes() const { return nodes_.size(); }
  void anchor(std::size_t node);
  void plant(std::size_t place);

  std::size_t absent() const { return absent_; }
  void root_absent(std::size_t which);

private:
  static constexpr Place none = GrowingForest::none;

  GrowingForest& forest_;
  const std::vector<ThreadScan::Node>& nodes_;
  /// Of each node the nearest that stays when all is done: the message itself; of one that is not there its nearest
  /// ancestor that is, or else the topmost.
  std::vector<Place> anchors_;
  std::vector<Place> way_;
  std::vector<Place> absent_for_;  // by anchor
  std::size_t absent_ = 0;
};

}  // namespace mailpod::imap
