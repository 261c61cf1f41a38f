#pragma once

#include <chrono>

#include <mailpod/governance/registry.hpp>
#include <mailpod/members/directory.hpp>

namespace mailpod::members {

/// The time by which waiting periods pass. It follows the wall clock, but not its jumps: while the pod runs it goes no
/// faster than the monotonic clock, and from one run to the next it believes the wall clock for a day, unless somebody
/// who signed since (an act, a vouch) had a clock that agreed. So no wrong clock shortens a period; after a longer rest
/// it runs late until somebody signs. docs/joining.md, "Time".
///
/// One caller at a time.
class PodTime {
public:
  /// All outlive it.
  PodTime(base::Clock& clock, Directory& directory, governance::Registry& registry);

  /// Never after the wall clock.
  base::Time now() const;
  /// Remembers it in the directory, if an hour has passed since that was done; to be called more often than that.
  void remember();

private:
  base::Clock& clock_;
  Directory& directory_;
  governance::Registry& registry_;
  base::Time began_;
  std::chrono::microseconds began_monotonic_;
};

}  // namespace mailpod::members
