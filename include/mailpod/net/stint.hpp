#pragma once

#include <chrono>
#include <cstddef>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// How long a coroutine has had its loop to itself. A coroutine whose operations all complete at once never suspends,
/// and a peer that always has the next octets ready would keep everybody else on the loop waiting. Whoever takes such
/// steps counts them here and pauses when the stint is over. Lives on the loop of its stream, and by its clock.
class Stint {
public:
  /// The stream is borrowed.
  explicit Stint(Stream& stream) : stream_(stream), begun_(stream.now()) {}

  /// Counts a step; true if the others should have their turn before it.
  bool is_over() { return ++steps_ > most_steps || stream_.now() - begun_ > longest; }
  /// Lets whatever else is ready on the loop run, then begins the next stint.
  boost::asio::awaitable<void> pause();
  /// The coroutine has waited for something anyway.
  void begin_anew() {
    steps_ = 0;
    begun_ = stream_.now();
  }

private:
  static constexpr std::size_t most_steps = 32;
  static constexpr std::chrono::milliseconds longest{2};

  Stream& stream_;
  std::size_t steps_ = 0;
  std::chrono::steady_clock::time_point begun_;
};

}  // namespace mailpod::net
