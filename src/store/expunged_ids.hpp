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
  void insert(std::vector<MessageId> ids) {
    if (recent_.size() + ids.size() <= recent_limit) {
      recent_.insert(ids.begin(), ids.end());
      return;
    }
    if (!std::ranges::is_sorted(ids)) std::ranges::sort(ids);  // a checkpoint's are
    const auto [first, last] = std::ranges::unique(ids);
    ids.erase(first, last);
    settle(std::move(ids));
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

  void settle(std::vector<MessageId> added) {
    if (size() > 0) {
      const auto known = all();
      std::vector<MessageId> both;
      both.reserve(known.size() + added.size());
      std::ranges::set_union(known, added, std::back_inserter(both));
      added = std::move(both);
    }
    sorted_ = std::move(added);
    recent_.clear();
  }

  std::vector<MessageId> sorted_;
  std::set<MessageId> recent_;
};

}  // namespace mailpod::store
