#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <ranges>
#include <set>

namespace mailpod::queue {

/// The places of connections that are at work, and who has one.
///
/// Every connection begins with a place. One whose host has not greeted soon is likely to wait for a dead one, which
/// costs next to nothing: it gives its place to whoever needs it and *hangs*. Greeted after all, it waits for a place,
/// in the order of the greetings. One that is busy with a message for long has a slow line, or a host that has said
/// enough to keep it waiting: it gives its place to whoever needs it too and *lingers*, goes on with that message, and
/// waits for a place before the next. So a thousand destinations that are dead, or pretend to be, keep nobody waiting,
/// and no more connections than there are places are quick. Moments are of the monotonic clock. One loop.
class Places {
public:
  /// A connection's number, in the order in which they began.
  using Who = std::uint64_t;
  struct Limits {
    std::size_t places;
    std::size_t hanging;
  };
  explicit Places(Limits limits) : limits_(limits) {}

  bool is_free() const { return connecting_.size() + serving_.size() < limits_.places; }
  /// A connection begins, with a place that is free.
  void connect(Who who, std::chrono::microseconds now);
  /// Its host has greeted; false: it has no place, and waits for one.
  bool greeted(Who who);
  /// The host that greeted is none after all: another one is to be connected with.
  void lost(Who who, std::chrono::microseconds now);
  void leave(Who who);
  /// One that has a place is busy with a message from now on.
  void begin_message(Who who, std::chrono::microseconds now);
  /// And is no longer; false: it has lost its place meanwhile, and waits for one.
  bool end_message(Who who);
  bool has(Who who) const { return connecting_.contains(who) || serving_.contains(who); }

  /// Whoever has connected for longest hangs from now on, or whoever has been busy for longest lingers, if that is long
  /// enough and not too many do so already.
  bool let_one_hang(std::chrono::microseconds now);
  /// Until let_one_hang() can do so, as far as only time is missing.
  std::optional<std::chrono::microseconds> until_one_hangs(std::chrono::microseconds now) const;
  /// Somebody who was greeted waits for a place.
  bool is_awaited() const { return !waiting_.empty(); }
  /// The first of them has got a free place.
  Who admit();

  /// Half of those that may hang do: the rest is for whoever has not failed yet, and nobody is waited for long.
  bool is_crowded() const { return hanging_.size() >= std::max<std::size_t>(1, limits_.hanging / 2); }
  /// Those that were greeted, and have a place.
  auto serving() const { return std::views::keys(serving_); }
  std::size_t hanging() const { return hanging_.size(); }
  /// All of them.
  std::size_t connections() const {
    return connecting_.size() + hanging_.size() + waiting_.size() + serving_.size() + lingering_.size();
  }

  /// A host that is alive has mostly greeted by then.
  static constexpr std::chrono::milliseconds soon{100};
  /// A message has mostly been taken by then.
  static constexpr std::chrono::milliseconds long_for_a_message{10'000};

private:
  using Moment = std::chrono::microseconds;
  /// Who is the first to give up a place, and when they may be asked to.
  struct Candidate {
    Who who;
    Moment from;
  };
  std::optional<Candidate> candidate() const;

  Limits limits_;
  std::map<Who, Moment> connecting_;  ///< with a place, and since when
  std::deque<Who> order_;             ///< of connecting_, by since when
  std::set<Who> hanging_;
  std::deque<Who> waiting_;
  std::map<Who, std::optional<Moment>> serving_;  ///< and since when busy with a message
  std::set<Who> lingering_;
};

}  // namespace mailpod::queue
