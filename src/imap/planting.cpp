#include "planting.hpp"

namespace mailpod::imap {

/// Each way up is walked once.
void Planting::anchor(std::size_t node) {
  anchors_.resize(nodes_.size(), none);
  auto at = static_cast<Place>(node);
  while (anchors_[at] == none && nodes_[at].message == none && nodes_[at].parent != none) {
    way_.push_back(at);
    at = nodes_[at].parent;
  }
  if (anchors_[at] == none) anchors_[at] = at;
  for (const auto below : way_) anchors_[below] = anchors_[at];
  way_.clear();
}

void Planting::plant(std::size_t place) {
  const auto& node = nodes_[place];
  if (node.message == none) return;
  const auto anchor = node.parent == none ? none : anchors_[node.parent];
  if (anchor == none) {
    forest_.roots().push_back(node.message);
  } else if (nodes_[anchor].message != none) {
    forest_.children(nodes_[anchor].message).push_back(node.message);
  } else {
    absent_for_.resize(nodes_.size(), none);
    auto& absent = absent_for_[anchor];
    if (absent == none) {
      absent = forest_.add_absent();
      ++absent_;
    }
    forest_.children(absent).push_back(node.message);
  }
}

void Planting::root_absent(std::size_t which) {
  const auto at = static_cast<Place>(forest_.grown.nodes.size() - absent() + which);
  auto& children = forest_.children(at);
  if (children.size() > 1) {
    forest_.roots().push_back(at);
  } else {
    forest_.roots().push_back(children.front());
    children.clear();
  }
}

}  // namespace mailpod::imap
