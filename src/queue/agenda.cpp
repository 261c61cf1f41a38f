#include "agenda.hpp"

#include <algorithm>
#include <cstring>

namespace mailpod::queue {

using std::chrono::microseconds;

std::size_t Agenda::Hash::operator()(const EntryId& id) const {
  std::size_t hash = 0;
  std::memcpy(&hash, id.bytes.data(), sizeof hash);
  return hash;
}

void Agenda::wait_until(const EntryId& id, base::Time next_try) {
  wait_for(id, std::clamp<microseconds>(next_try - clock_.now(), microseconds(0), longest_wait_));
}

void Agenda::wait_for(const EntryId& id, microseconds duration) {
  forget(id);
  const Moment moment = clock_.monotonic() + duration;
  by_time_.emplace(moment, id);
  moments_.emplace(id, moment);
}

void Agenda::hold(const EntryId& id) {
  forget(id);
  held_.insert(id);
}

void Agenda::forget(const EntryId& id) {
  held_.erase(id);
  const auto found = moments_.find(id);
  if (found == moments_.end()) return;
  by_time_.erase({found->second, id});
  moments_.erase(found);
}

std::optional<Agenda::Due> Agenda::take() {
  std::optional<Due> due;
  if (!asked_.empty()) {
    due = Due{asked_.front(), Why::asked};
    asked_.pop_front();
  } else if (!by_time_.empty() && by_time_.begin()->first <= clock_.monotonic()) {
    due = Due{by_time_.begin()->second, Why::time};
  }
  if (due) forget(due->id);
  return due;
}

std::optional<microseconds> Agenda::until_next() const {
  if (!asked_.empty()) return microseconds(0);
  if (by_time_.empty()) return std::nullopt;
  return std::max(microseconds(0), by_time_.begin()->first - clock_.monotonic());
}

}  // namespace mailpod::queue
