#include <mailpod/guard/daily_tally.hpp>

namespace mailpod::guard {

void DailyTally::turn_the_page() {
  const auto today = base::to_day(clock_.now());
  if (today == day_) return;
  day_ = today;
  counts_.clear();
}

bool DailyTally::take(MemberId member, std::uint32_t limit) {
  const std::lock_guard lock(mutex_);
  turn_the_page();
  auto& count = counts_[member];
  if (count >= limit) return false;
  ++count;
  return true;
}

void DailyTally::give_back(MemberId member) {
  const std::lock_guard lock(mutex_);
  turn_the_page();
  const auto found = counts_.find(member);
  if (found != counts_.end() && found->second > 0) --found->second;
}

}  // namespace mailpod::guard
