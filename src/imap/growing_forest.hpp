#pragma once

#include <functional>
#include <optional>
#include <tuple>
#include <vector>

#include "sliced_sort.hpp"
#include "thread_forest.hpp"
#include "thread_scan.hpp"

namespace mailpod::imap {

/// A forest of threads while it is being made. Its first nodes are the messages, in mailbox order; behind them are
/// messages that are not there. Pool.
class GrowingForest {
public:
  using Place = std::uint32_t;
  static constexpr Place none = ThreadScan::none;

  /// Borrowed.
  explicit GrowingForest(const ThreadScan& scan) : messages_(scan.messages()) {}

  const ThreadedMessage& message(Place at) const { return messages_[at]; }
  bool is_absent(Place at) const { return at >= messages_.size(); }
  std::vector<Place>& children(Place at) { return grown.nodes[at].children; }
  std::vector<Place>& roots() { return grown.roots; }
  void add_message() { grown.nodes.push_back({messages_[grown.nodes.size()].number, {}}); }
  Place add_absent() {
    grown.nodes.emplace_back();
    return static_cast<Place>(grown.nodes.size() - 1);
  }

  /// Whose date and subject a node has: of one that is not there, its first child's.
  const ThreadedMessage& shown(Place at) const {
    return messages_[is_absent(at) ? grown.nodes[at].children.front() : at];
  }
  bool is_sent_before(Place left, Place right) const {
    const auto& one = shown(left);
    const auto& other = shown(right);
    return std::tuple(one.sent, one.number) < std::tuple(other.sent, other.number);
  }

  ThreadForest grown;

private:
  const std::vector<ThreadedMessage>& messages_;
};

/// Sorts lists of siblings, one after the other, a little at a time.
class SiblingSort {
public:
  using Before = std::function<bool(GrowingForest::Place, GrowingForest::Place)>;
  /// The list with this number; nullptr: there are no more.
  using List = std::function<std::vector<GrowingForest::Place>*(std::size_t)>;

  SiblingSort(List list, Before before) : list_(std::move(list)), before_(std::move(before)) {}

  /// True if more is left.
  bool next();

private:
  List list_;
  Before before_;
  std::size_t at_ = 0;
  std::optional<SlicedSort<GrowingForest::Place, Before>> sort_;  // of the present list, if it is long
};

}  // namespace mailpod::imap
