#pragma once

#include <algorithm>
#include <iterator>
#include <set>
#include <vector>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::store {

/// The ids of messages whose last place was expunged: 16 octets each, for as long as the vault lives.
class ExpungedIds {
public:
  bool contains(const MessageId& id) const { return recent_.contains(id) || std::ranges::binary_search(sorted_, id); }
  void insert(const MessageId& id) {
    recent_.insert(id);
    if (recent_.size() > recent_limit) settle();
  }
  std::size_t size() const { return sorted_.size() + recent_.size(); }
  /// All of them, ascending. Changes nothing, so that other threads may look at the same time.
  std::vector<MessageId> all() const {
    std::vector<MessageId> both;
    both.reserve(size());
    std::ranges::set_union(sorted_, recent_, std::back_inserter(both));
    return both;
  }

private:
  static constexpr std::size_t recent_limit = 16 * 1024;

  void settle() {
    sorted_ = all();
    recent_.clear();
  }

  std::vector<MessageId> sorted_;
  std::set<MessageId> recent_;
};

}  // namespace mailpod::store
