#pragma once

#include <chrono>
#include <functional>
#include <memory>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// Does something on a stream now and then while its conversation waits for work that says nothing itself: the work is
/// neither raced nor cut short, and what is done is done between two waits of the conversation. Loop.
///
///     Meanwhile meanwhile(stream, std::chrono::seconds(10), say_still_at_it);
///     … = co_await lane.run(work);
///     co_await meanwhile.end();
class Meanwhile {
public:
  using Act = std::function<boost::asio::awaitable<void>()>;

  /// `act` comes whenever `every` is over, until end(). The stream is borrowed; so is what `act` refers to, until then.
  Meanwhile(Stream& stream, std::chrono::milliseconds every, Act act);
  /// Without end(): whoever waited is gone, and so must be what `act` refers to only once no act is under way.
  ~Meanwhile();
  Meanwhile(const Meanwhile&) = delete;
  Meanwhile& operator=(const Meanwhile&) = delete;

  /// No act comes any more; returns once the present one is over. What an act throws ends the acts, and is not told:
  /// the stream it failed at fails whoever uses it next.
  boost::asio::awaitable<void> end();

private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace mailpod::net
