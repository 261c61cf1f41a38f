#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include <mailpod/base/ports.hpp>

namespace mailpod::queue {

/// When an undelivered message is tried again, warned about and given up. RFC 5321 §4.5.4.1; docs/sending.md.
///
/// The clock alone ends nothing: a wall clock that jumps by years would end everything at once. So whatever it says, a
/// recipient is given up only after as many attempts as show that we have really tried; and where the clock says that a
/// message has not arrived yet, the number of attempts decides alone.
struct Timetable {
  /// How long to wait after the first attempt, the second, …; the last step repeats. At least one.
  std::vector<std::chrono::seconds> steps{std::chrono::minutes(5),  std::chrono::minutes(10), std::chrono::minutes(20),
                                          std::chrono::minutes(40), std::chrono::hours(1),    std::chrono::hours(2),
                                          std::chrono::hours(4)};
  std::chrono::seconds warn_after = std::chrono::hours(4);          ///< of arrival: one delay warning
  std::chrono::seconds give_up_after = std::chrono::hours(5 * 24);  ///< of arrival

  /// After `attempts` (≥ 1) attempts. `spread` in [0, 1) moves it by up to a tenth either way, so that what failed
  /// together is not tried together for ever.
  std::chrono::seconds wait_after(std::uint32_t attempts, double spread) const;
  /// No wait is longer; a next_try further away comes from a clock that was wrong.
  std::chrono::seconds longest_wait() const;
  /// How many attempts a message of this age has behind it, if all went by the timetable; at least 1.
  std::uint32_t attempts_within(std::chrono::seconds age) const;

  /// What is known when an attempt has failed.
  struct Record {
    base::Time arrival;
    std::optional<base::Time> expires;  ///< instead of arrival + give_up_after
    std::uint32_t attempts = 0;         ///< the failed one included
  };
  bool gives_up(const Record& record, base::Time now) const;
  bool warns(const Record& record, base::Time now) const;
  base::Time end_of(const Record& record) const { return record.expires.value_or(record.arrival + give_up_after); }
};

}  // namespace mailpod::queue
