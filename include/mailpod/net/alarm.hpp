#pragma once

#include <chrono>
#include <memory>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

namespace mailpod::net {

using boost::asio::awaitable;

/// A timer of one loop: retry timetables, zeroing of keys. (Deadlines of connections live in Stream.) Only on its loop.
class Alarm {
public:
  enum class End { elapsed, cancelled };

  virtual ~Alarm() = default;
  /// Completes after `duration`, or early when cancelled. One wait at a time.
  virtual awaitable<End> wait(std::chrono::milliseconds duration) = 0;
  /// Ends the present wait, or the next one: a cancel is remembered until a wait returned it.
  virtual void cancel() = 0;
};

std::unique_ptr<Alarm> make_alarm(const boost::asio::any_io_executor& loop);

/// Port: where alarms come from, for those who learn only later on which loops they need them. Any thread.
class Alarms {
public:
  virtual ~Alarms() = default;
  virtual std::unique_ptr<Alarm> make(const boost::asio::any_io_executor& loop) = 0;
};

/// By the machine's own clock.
Alarms& system_alarms();

}  // namespace mailpod::net
