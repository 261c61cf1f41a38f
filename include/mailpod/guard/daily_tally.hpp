#pragma once

#include <cstdint>
#include <map>
#include <mutex>

#include <mailpod/base/member_id.hpp>
#include <mailpod/base/ports.hpp>

namespace mailpod::guard {

/// How many messages each member has sent today: the charter's `messages_a_day`. A day is one of UTC. In memory, as
/// large as the membership; forgotten at a restart. Any thread.
class DailyTally {
public:
  explicit DailyTally(base::Clock& clock) : clock_(clock) {}

  /// Counts one more, unless `limit` are counted already.
  bool take(MemberId member, std::uint32_t limit);
  /// The message was not accepted after all.
  void give_back(MemberId member);

private:
  void turn_the_page();

  base::Clock& clock_;
  std::mutex mutex_;
  std::uint32_t day_ = 0;
  std::map<MemberId, std::uint32_t> counts_;
};

}  // namespace mailpod::guard
