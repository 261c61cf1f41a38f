#include "simulation/clock.hpp"

namespace mailpod::simulation {

base::Time Clock::now() {
  const std::lock_guard guard(mutex_);
  return now_;
}

std::chrono::microseconds Clock::monotonic() {
  const std::lock_guard guard(mutex_);
  now_ += tick_;
  monotonic_ += tick_;
  return monotonic_;
}

void Clock::advance(std::chrono::microseconds by) {
  const std::lock_guard guard(mutex_);
  now_ += by;
  monotonic_ += by;
}

void Clock::tick(std::chrono::microseconds each) {
  const std::lock_guard guard(mutex_);
  tick_ = each;
}

void Clock::set(base::Time time) {
  const std::lock_guard guard(mutex_);
  now_ = time;
}

}  // namespace mailpod::simulation
