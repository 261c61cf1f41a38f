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
    serving_.insert(who);
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
    hanging_.insert(who);
  }
}

void Places::leave(Who who) {
  if (connecting_.erase(who) > 0) std::erase(order_, who);
  if (hanging_.erase(who) + serving_.erase(who) == 0) std::erase(waiting_, who);
}

bool Places::let_one_hang(microseconds now) {
  if (until_one_hangs(now) != microseconds(0)) return false;
  hanging_.insert(order_.front());
  connecting_.erase(order_.front());
  order_.pop_front();
  return true;
}

std::optional<microseconds> Places::until_one_hangs(microseconds now) const {
  if (order_.empty() || hanging_.size() >= limits_.hanging) return std::nullopt;
  const microseconds since = connecting_.at(order_.front());
  return std::max<microseconds>(microseconds(0), since + soon - now);
}

Places::Who Places::admit() {
  assert(is_free() && is_awaited());
  const Who first = waiting_.front();
  waiting_.pop_front();
  serving_.insert(first);
  return first;
}

}  // namespace mailpod::queue
