#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <mailpod/base/log.hpp>

namespace mailpod::net {

using boost::asio::awaitable;

/// The event loops: N threads, each running one io_context. A conversation lives on one of them for its whole life.
///
/// Destruction order: whoever runs coroutines on the loops must outlive `stop()`; Pools are declared after Loops, so
/// that they are joined first, while the loops still exist. Any thread, unless it says otherwise.
class Loops {
public:
  /// `count` loops; 0 means one per core.
  explicit Loops(base::Log& log, unsigned count = 0);
  /// As stop(0).
  ~Loops();

  std::size_t count() const;
  boost::asio::any_io_executor executor(std::size_t index) const;
  /// Round robin.
  boost::asio::any_io_executor next();

  /// Runs a coroutine on `where` until it ends or the loops stop. What it throws is logged under `name`; nothing else
  /// happens. The function object is kept until the coroutine ends, so its captures live long enough.
  void spawn(const boost::asio::any_io_executor& where, std::string name,
             std::function<awaitable<void>()> conversation);

  /// Starts the threads. Once.
  void start();

  /// How many loops have not come round within `limit`: each is given an errand and answers when it gets to it. Not on
  /// a loop; 0 before start() and after stop() would mean nothing.
  std::size_t silent(std::chrono::milliseconds limit);

  /// Called by stop(), in the stopping thread: to say goodbye, and (second) to disconnect whatever is left.
  struct Stoppable {
    std::function<void()> ask;
    std::function<void()> force;
  };
  void on_stop(Stoppable stoppable);

  /// Asks everyone to finish, waits up to `grace` for the spawned coroutines to end, then forces, then ends the
  /// threads. Not on a loop. Idempotent. Says how many coroutines had to be abandoned.
  std::size_t stop(std::chrono::milliseconds grace);

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::net
