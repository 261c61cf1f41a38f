#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mailpod/net/alarm.hpp>

#include "simulation/clock.hpp"

namespace mailpod::simulation {

/// The time of one loop in one thread: it stands still while anything can happen, and leaps to the next deadline when
/// nothing can. So a time-out of five minutes costs nothing, and what happens at one moment happens in one order.
///
/// What lives on it: alarm(), Timers, streams whose Wire names it, the Network. Whoever waits for real time (a pool
/// with threads, a socket) does not belong on such a loop. Loop and clock are borrowed.
class Time final : public net::Alarms {
public:
  using Duration = std::chrono::microseconds;
  /// Of Clock::monotonic().
  using Moment = std::chrono::microseconds;

  Time(boost::asio::io_context& loop, Clock& clock);
  ~Time() override;
  Time(const Time&) = delete;
  Time& operator=(const Time&) = delete;

  Clock& clock() { return clock_; }
  std::unique_ptr<net::Alarm> alarm();
  /// The same; there is but one loop.
  std::unique_ptr<net::Alarm> make(const boost::asio::any_io_executor&) override { return alarm(); }

  /// Until `happened` says so, looking whenever nothing more can happen at the present moment; false if it does not
  /// within `limit` of simulated time, which has then passed. What a handler throws is thrown here.
  bool run_until(const std::function<bool()>& happened, Duration limit = std::chrono::hours(24));
  void run_for(Duration duration);
  /// Until nothing can happen any more within `quiet`; that time does not pass. Throws std::logic_error if something
  /// goes on and on for a year.
  void run_until_idle_for(Duration quiet);

  struct State;  ///< outlives us while timers do

private:
  friend class Timer;
  void settle();
  bool step(Moment last);

  boost::asio::io_context& loop_;
  Clock& clock_;
  std::shared_ptr<State> state_;
};

/// Where one coroutine waits for a moment, or for a call: on simulated time, or on the real one if there is none.
class Timer {
public:
  Timer(boost::asio::any_io_executor loop, Time* time);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Time::Moment now() const;
  /// True when `moment` has come; false if cancel() came first. One wait at a time.
  boost::asio::awaitable<bool> reached(Time::Moment moment);
  /// Ends the present wait, if there is one.
  void cancel() { timer_.cancel(); }
  boost::asio::any_io_executor executor() { return timer_.get_executor(); }

private:
  std::shared_ptr<Time::State> time_;
  boost::asio::steady_timer timer_;
};

}  // namespace mailpod::simulation
