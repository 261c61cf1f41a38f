#include <algorithm>

#include <fmt/format.h>

#include <mailpod/governance/registry.hpp>

#include "toml_text.hpp"

// What the record believes of the machine's clock.
namespace mailpod::governance {
namespace {

constexpr std::chrono::hours largest_clock_step{24};  // beyond what went by monotonically
/// Time enough for a machine that has just begun to be told the time.
constexpr std::chrono::minutes clock_proving{10};

base::Time whole_seconds(base::Time time) {
  return base::from_seconds(base::to_seconds(time));
}

}  // namespace

/// The record's time never goes backwards, whatever the wall clock does. So it must not be led ahead by a jump either:
/// for as long no later act could be told from an expired one.
Verdict<base::Time> Registry::acceptance_time(base::Time now) const {
  if (clock_watched_) {
    const auto ran = source_.clock->monotonic() - opened_monotonic_;
    if (now - opened_at_ > ran + largest_clock_step) {
      return Complaint{Errc::clock_jumped, base::join(source_.folder, "acts"), 0,
                       "takes no act: the machine's clock jumped ahead, to " + time_text(now),
                       "correct the clock, or restart the daemon if it is right now"};
    }
  }
  return std::max(whole_seconds(now), last_accepted_);
}

/// An act that is only late because the last one was accepted by a clock that ran ahead.
Complaint Registry::with_the_clocks_part(Complaint refusal, base::Time now) const {
  if (refusal.code != Errc::act_expired || last_accepted_ <= now + clock_tolerance) return refusal;
  refusal.what += fmt::format("; the last act was accepted at {}, and the machine's clock says {}",
                              time_text(last_accepted_), time_text(now));
  refusal.remedy = "correct the clock if it is behind; else have the act made to expire later than the last one";
  return refusal;
}

/// Whoever sets the clock begins the time anew by which it proves itself: forward, backward, or by sleeping.
bool Registry::clock_kept_step(base::Time now) {
  if (source_.clock == nullptr) return true;
  const auto monotonic = source_.clock->monotonic();
  const auto ran = monotonic - in_step_monotonic_;
  if (std::chrono::abs(now - in_step_since_ - ran) <= clock_tolerance) return ran >= clock_proving;
  in_step_since_ = now;
  in_step_monotonic_ = monotonic;
  return false;
}

/// A clock that was wrong at the start jumps nowhere. Maintainers answer for the time that they give the record;
/// anybody else must not lead it to where the pod did not live.
Verdict<base::Time> Registry::believed_acceptance_time(base::Time now) const {
  const auto at = acceptance_time(now);
  if (!at || !pod_time_) return at;
  const auto lived = pod_time_();
  const bool is_kept = gate_.roster()->charters().at(lived).members.join == Charter::Join::vouches;
  if (!is_kept || now - lived <= largest_clock_step) return at;
  return Complaint{Errc::clock_jumped, base::join(source_.folder, "acts"), 0,
                   fmt::format("takes nothing yet: the machine's clock says {}, and the pod believes {} of it",
                               time_text(now), time_text(lived)),
                   "correct the clock; if it is right, have a maintainer sign an act, and come again"};
}

/// Anybody may send it, so it ends no vote that the clock alone says is over.
Verdict<base::Time> Registry::acceptance_time_for_anybody(base::Time now) {
  const auto at = believed_acceptance_time(now);
  if (at && !gate_.roster()->results_due(*at).empty() && !clock_kept_step(now)) return clock_unproven(now);
  return at;
}

Complaint Registry::clock_unproven(base::Time now) const {
  return {Errc::clock_jumped, base::join(source_.folder, "acts"), 0,
          fmt::format("takes nothing yet: a vote is over if it is {}, and the machine's clock was not watched for {} "
                      "minutes yet",
                      time_text(now), clock_proving.count()),
          fmt::format("come again in {} minutes; or ask for the result, if the clock is right", clock_proving.count())};
}

}  // namespace mailpod::governance
