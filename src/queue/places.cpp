#include "places.hpp"

#include <algorithm>
#include <cassert>

namespace mailpod::queue {

using std::chrono::microseconds;

void Places::connect(Who who, microseconds now) {
  assert(is_free());
  connecting_.emplace(who, now);
  order_.push_back(who);
}

bool Places::greeted(Who who) {
  if (connecting_.erase(who) > 0) {
    std::erase(order_, who);
    serving_.emplace(who, std::nullopt);
    return true;
  }
  hanging_.erase(who);
  waiting_.push_back(who);
  return false;
}

void Places::lost(Who who, microseconds now) {
  if (serving_.erase(who) > 0) {
    connect(who, now);
  } else {
    std::erase(waiting_, who);
    lingering_.erase(who);
    hanging_.insert(who);
  }
}

void Places::leave(Who who) {
  if (connecting_.erase(who) > 0) std::erase(order_, who);
  if (hanging_.erase(who) + serving_.erase(who) + lingering_.erase(who) == 0) std::erase(waiting_, who);
}

void Places::begin_message(Who who, microseconds now) {
  serving_.at(who) = now;
}

bool Places::end_message(Who who) {
  if (lingering_.erase(who) > 0) {
    waiting_.push_back(who);
    return false;
  }
  serving_.at(who) = std::nullopt;
  return true;
}

/// Whoever connects may be asked soonest.
std::optional<Places::Candidate> Places::candidate() const {
  if (!order_.empty()) return Candidate{order_.front(), connecting_.at(order_.front()) + soon};
  std::optional<Candidate> longest;
  for (const auto& [who, since] : serving_) {
    if (!since || (longest && *since + long_for_a_message >= longest->from)) continue;
    longest = Candidate{who, *since + long_for_a_message};
  }
  return longest;
}

bool Places::let_one_hang(microseconds now) {
  if (until_one_hangs(now) != microseconds(0)) return false;
  const Who who = candidate()->who;
  if (serving_.erase(who) > 0) {
    lingering_.insert(who);
  } else {
    hanging_.insert(who);
    connecting_.erase(who);
    order_.pop_front();
  }
  return true;
}

std::optional<microseconds> Places::until_one_hangs(microseconds now) const {
  if (hanging_.size() + lingering_.size() >= limits_.hanging) return std::nullopt;
  const auto first = candidate();
  if (!first) return std::nullopt;
  return std::max(microseconds(0), first->from - now);
}

Places::Who Places::admit() {
  assert(is_free() && is_awaited());
  const Who first = waiting_.front();
  waiting_.pop_front();
  serving_.emplace(first, std::nullopt);
  return first;
}

}  // namespace mailpod::queue
