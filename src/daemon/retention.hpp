#pragma once

#include <functional>
#include <set>

#include <mailpod/store/letterbox.hpp>

#include "open_pod.hpp"

namespace mailpod::daemon {

/// How long before the charter's retention_days first deletes anything its members are told.
inline constexpr std::chrono::days retention_notice{30};

/// After how many days messages go by the charter in force; 0: none does, or members were not told long enough before.
/// Any thread, at once.
std::uint32_t days_kept(OpenPod& pod);
/// The audit log hears of what went by it.
void note_retention(OpenPod& pod, MemberId member, std::uint64_t messages);

/// Tells every member what the charter says of how long mail is kept, before it is acted on. One thread at a time;
/// blocks on the disk.
class RetentionAnnouncement {
public:
  using Announce = std::function<void(MemberId, store::Arrival)>;
  RetentionAnnouncement(OpenPod& pod, Announce announce) : pod_(pod), announce_(std::move(announce)) {}

  /// To be called about once a minute: whoever could not be told is told at a later call, and only once all have been
  /// do the days of notice begin.
  void tend();

private:
  bool tell(MemberId member, std::uint32_t days);

  OpenPod& pod_;
  Announce announce_;
  std::uint32_t telling_ = 0;  ///< of how many days
  std::set<MemberId> told_;
};

}  // namespace mailpod::daemon
