#pragma once

#include <array>
#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/steady_timer.hpp>

namespace mailpod::net {

/// The two deadlines of a connection on one timer. A deadline that is met costs nothing: the timer is left to fire and
/// then looks whether there is anything to do. On one loop.
class Deadlines {
public:
  enum class Side { reading, writing };
  using Time = std::chrono::steady_clock::time_point;
  static constexpr Time never = Time::max();

  /// `expired` is called, once, when a deadline has passed.
  Deadlines(const boost::asio::any_io_executor& loop, std::function<void()> expired);
  ~Deadlines();
  Deadlines(const Deadlines&) = delete;
  Deadlines& operator=(const Deadlines&) = delete;

  void set(Side side, Time deadline);
  void clear(Side side) { set(side, never); }
  bool has_passed(Side side) const { return of(side) <= std::chrono::steady_clock::now(); }
  /// Forgets both and stops the timer, so that the loop has nothing of ours left to wait for.
  void stop();

private:
  Time of(Side side) const { return deadlines_[static_cast<std::size_t>(side)]; }
  Time earliest() const { return std::min(deadlines_[0], deadlines_[1]); }
  void arm(Time at);
  void look();

  boost::asio::steady_timer timer_;
  std::function<void()> expired_;
  std::array<Time, 2> deadlines_{never, never};
  Time armed_for_ = never;
  std::shared_ptr<Deadlines*> self_;  ///< emptied when we are gone; the timer's handler may be on its way already
};

}  // namespace mailpod::net
