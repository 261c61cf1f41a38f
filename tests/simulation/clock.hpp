#pragma once

#include <mutex>

#include <mailpod/base/ports.hpp>

namespace mailpod::simulation {

/// A clock that stands still until told. Callable from any thread.
class Clock final : public base::Clock {
public:
  /// Starts at 2026-01-01T00:00:00Z.
  Clock() : Clock(base::from_seconds(1767225600)) {}
  explicit Clock(base::Time start) : now_(start) {}

  base::Time now() override;
  std::chrono::microseconds monotonic() override;

  /// Time passes: both clocks advance.
  void advance(std::chrono::microseconds by);
  /// From now on time passes by so much whenever somebody asks for the monotonic time: work seems to take long.
  void tick(std::chrono::microseconds each);
  /// Somebody sets the wall clock, forward or backward; the monotonic one does not notice.
  void set(base::Time time);

private:
  std::mutex mutex_;
  base::Time now_;
  std::chrono::microseconds monotonic_{1'000'000};
  std::chrono::microseconds tick_{0};
};

}  // namespace mailpod::simulation
