#pragma once

#include <functional>
#include <set>

#include <mailpod/members/pod_time.hpp>
#include <mailpod/store/letterbox.hpp>
#include <mailpod/store/retaining_vaults.hpp>

#include "open_pod.hpp"

namespace mailpod::daemon {

/// How long before the charter's retention_days first deletes anything its members are told.
inline constexpr std::chrono::days retention_notice{30};

/// What the charter says of how long mail is kept, and by which time: the pod's own (members::PodTime), but where the
/// directory remembers none, the clock is not believed, only when somebody last signed, and how long the pod has run
/// since. Any thread, at once.
class PodRetention final : public store::RetentionTime {
public:
  /// Borrowed.
  explicit PodRetention(OpenPod& pod);

  base::Time now() const override;
  base::Time announced() const override;
  /// Whether a charter is in force by now: before the first, a clock was lost.
  bool has_begun() const;
  /// The milder of the charters in force by this time and by the clock: whichever is wrong, nothing goes too early.
  std::uint32_t charter_days() const;
  /// The same; 0 where members were not told of it.
  std::uint32_t announced_days() const;
  /// The same; 0 until they were told long enough ago.
  std::uint32_t days_kept() const;
  /// The audit log hears of what went by the charter. Blocks on the disk.
  void note(MemberId member, std::uint64_t messages);

private:
  OpenPod& pod_;
  const members::PodTime time_;
  const bool is_remembered_;
  const std::chrono::microseconds began_;
};

/// Tells every member what the charter says of how long mail is kept, before it is acted on. One thread at a time;
/// blocks on the disk.
class RetentionAnnouncement {
public:
  using Announce = std::function<void(MemberId, store::Arrival)>;
  RetentionAnnouncement(OpenPod& pod, const PodRetention& retention, Announce announce)
      : pod_(pod), retention_(retention), announce_(std::move(announce)) {}

  /// To be called about once a minute: whoever could not be told is told at a later call, and only once all have been
  /// do the days of notice begin.
  void tend();

private:
  bool tell(MemberId member, std::uint32_t days);

  OpenPod& pod_;
  const PodRetention& retention_;
  Announce announce_;
  std::uint32_t telling_ = 0;  ///< of how many days
  std::set<MemberId> told_;
};

}  // namespace mailpod::daemon
