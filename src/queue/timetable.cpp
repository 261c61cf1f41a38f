#include <mailpod/queue/timetable.hpp>

#include <algorithm>
#include <cassert>

namespace mailpod::queue {

namespace {

using std::chrono::seconds;

}  // namespace

seconds Timetable::wait_after(std::uint32_t attempts, double spread) const {
  assert(attempts >= 1 && !steps.empty());
  const seconds step = steps[std::min<std::size_t>(attempts, steps.size()) - 1];
  const double factor = 0.9 + 0.2 * spread;
  return seconds(static_cast<seconds::rep>(static_cast<double>(step.count()) * factor));
}

seconds Timetable::longest_wait() const {
  return *std::ranges::max_element(steps) * 11 / 10;
}

std::uint32_t Timetable::attempts_within(seconds age) const {
  std::uint32_t attempts = 1;
  seconds passed{0};
  for (const seconds step : steps) {
    passed += step;
    if (passed > age) return attempts;
    ++attempts;
  }
  const seconds last = std::max(steps.back(), seconds(1));
  return attempts + static_cast<std::uint32_t>((age - passed) / last);
}

bool Timetable::gives_up(const Record& record, base::Time now) const {
  const base::Time end = end_of(record);
  const auto life = std::chrono::duration_cast<seconds>(end - record.arrival);
  const std::uint32_t by_the_timetable = attempts_within(std::max(life, seconds(0)));
  if (now < record.arrival) return record.attempts >= by_the_timetable;
  // All steps once: with the steps as they are, four hours of trying.
  const auto at_least = static_cast<std::uint32_t>(steps.size() + 1);
  return now >= end && record.attempts >= std::min(at_least, by_the_timetable);
}

bool Timetable::warns(const Record& record, base::Time now) const {
  if (now < record.arrival) return record.attempts >= attempts_within(warn_after);
  return now - record.arrival >= warn_after;
}

}  // namespace mailpod::queue
