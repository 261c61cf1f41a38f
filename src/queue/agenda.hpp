#pragma once

#include <chrono>
#include <deque>
#include <optional>
#include <set>
#include <unordered_map>
#include <unordered_set>

#include <mailpod/base/ports.hpp>
#include <mailpod/queue/entry.hpp>

namespace mailpod::queue {

/// When which entry is looked at next: all that memory holds of an entry that waits.
///
/// Waits run by the monotonic clock and are never longer than the timetable's longest: so a wall clock that jumps while
/// we run moves nothing, and one that was years ahead when next_try was written holds nothing back for years. One loop.
class Agenda {
public:
  Agenda(base::Clock& clock, std::chrono::seconds longest_wait) : clock_(clock), longest_wait_(longest_wait) {}

  /// Each of these forgets what was planned for the entry before.
  void wait_until(const EntryId& id, base::Time next_try);
  void wait_for(const EntryId& id, std::chrono::microseconds duration);
  void hold(const EntryId& id);
  void forget(const EntryId& id);

  /// Somebody has changed the entry: it is due, whatever was planned.
  void look_at(const EntryId& id) { asked_.push_back(id); }

  enum class Why { time, asked };
  struct Due {
    EntryId id;
    Why why;
  };
  /// Takes the next due entry off; what was asked for comes first.
  std::optional<Due> take();
  /// Until take() has something; nothing if there is no more to wait for.
  std::optional<std::chrono::microseconds> until_next() const;

  std::size_t waiting() const { return by_time_.size(); }
  std::size_t held() const { return held_.size(); }

private:
  using Moment = std::chrono::microseconds;  // of the monotonic clock
  struct Hash {
    // Ids are random.
    std::size_t operator()(const EntryId& id) const;
  };

  base::Clock& clock_;
  std::chrono::seconds longest_wait_;
  std::set<std::pair<Moment, EntryId>> by_time_;
  std::unordered_map<EntryId, Moment, Hash> moments_;
  std::unordered_set<EntryId, Hash> held_;
  std::deque<EntryId> asked_;
};

}  // namespace mailpod::queue
