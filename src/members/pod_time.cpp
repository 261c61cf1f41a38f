#include <mailpod/members/pod_time.hpp>

#include <algorithm>

namespace mailpod::members {
namespace {

constexpr std::chrono::days longest_rest{1};
constexpr std::chrono::hours remembered_every{1};

}  // namespace

PodTime::PodTime(base::Clock& clock, Directory& directory, governance::Registry& registry)
    : clock_(clock),
      directory_(directory),
      registry_(registry),
      began_(clock.now()),
      began_monotonic_(clock.monotonic()) {
  const auto remembered = directory.state()->time();
  // Nothing yet: no period has begun that could be cut short.
  if (remembered != base::Time{}) began_ = std::min(began_, remembered + longest_rest);
}

base::Time PodTime::now() const {
  const auto ran = began_ + (clock_.monotonic() - began_monotonic_);
  return std::min(clock_.now(), std::max<base::Time>(ran, registry_.gate().roster()->confirmed()));
}

void PodTime::remember() {
  const auto time = base::from_seconds(base::to_seconds(now()));
  if (time >= directory_.state()->time() + remembered_every) directory_.remember_time(time);
}

}  // namespace mailpod::members
