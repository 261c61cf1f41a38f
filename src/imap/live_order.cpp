#include "live_order.hpp"

#include <algorithm>
#include <utility>

namespace mailpod::imap {

std::vector<LiveOrder::Step> LiveOrder::take_out(const std::vector<store::Uid>& gone) {
  std::vector<Step> steps;
  const auto goes = [&](store::Uid uid) { return std::ranges::binary_search(gone, uid); };
  for (auto place = uids_.size(); place > 0 && steps.size() < gone.size(); --place) {
    if (goes(uids_[place - 1])) steps.push_back({static_cast<std::uint32_t>(place), uids_[place - 1]});
  }
  if (!steps.empty()) std::erase_if(uids_, goes);
  return steps;
}

LiveOrder::Insertion::Insertion(LiveOrder& order, std::vector<store::SeqNum> fresh, const View& view,
                                store::Vault& vault, base::Clock& clock)
    : order_(order),
      view_(view),
      vault_(vault),
      clock_(clock),
      sorting_(order.criteria_, Found{std::move(fresh), {}, 0, {}}, view, vault, clock) {}

bool LiveOrder::Insertion::next(std::chrono::microseconds time) {
  const auto deadline = clock_.monotonic() + time;
  if (!std::exchange(sorted_, true) && sorting_.next(time)) {
    sorted_ = false;
    return true;
  }
  const auto& fresh = sorting_.sorted().messages;
  while (places_.size() < fresh.size()) {
    places_.push_back(place_of(fresh[places_.size()]));
    if (places_.size() < fresh.size() && clock_.monotonic() > deadline) return true;
  }
  merge();
  return false;
}

/// Not before the fresh one before it.
std::size_t LiveOrder::Insertion::place_of(store::SeqNum message) const {
  std::size_t low = places_.empty() ? 0 : places_.back();
  std::size_t high = order_.uids_.size();
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    const auto number = view_.find(order_.uids_[middle]);
    if (!number || stands_before(*number, message)) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

bool LiveOrder::Insertion::stands_before(store::SeqNum one, store::SeqNum other) const {
  Found two;
  two.messages = {std::min(one, other), std::max(one, other)};
  SortScan sorting(order_.criteria_, std::move(two), view_, vault_, clock_);
  while (sorting.next(std::chrono::hours(1))) {
  }
  return sorting.sorted().messages.front() == one;
}

void LiveOrder::Insertion::merge() {
  const auto& fresh = sorting_.sorted().messages;
  std::vector<store::Uid> merged;
  merged.reserve(order_.uids_.size() + fresh.size());
  std::size_t taken = 0;
  for (std::size_t i = 0; i < fresh.size(); ++i) {
    for (; taken < places_[i]; ++taken) merged.push_back(order_.uids_[taken]);
    merged.push_back(view_.at(fresh[i]).uid);
    steps_.push_back({static_cast<std::uint32_t>(merged.size()), merged.back()});
  }
  for (; taken < order_.uids_.size(); ++taken) merged.push_back(order_.uids_[taken]);
  order_.uids_ = std::move(merged);
}

}  // namespace mailpod::imap
