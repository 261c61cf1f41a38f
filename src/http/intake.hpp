#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/http/reader.hpp>
#include <mailpod/net/stream.hpp>

namespace mailpod::http {

/// What a peer sent and nobody took yet, and messages read from it, under one deadline for each. Loop.
///
/// A peer that is too slow is std::errc::timed_out in a Result, not an exception: it can be told. One that closed in
/// the middle is net::Errc::peer_closed. Whatever else happens to the stream it throws. While nothing is waiting here
/// it holds no memory.
class Intake {
public:
  /// The stream is borrowed.
  explicit Intake(net::Stream& stream) : stream_(stream) {}

  /// Until when all that follows must have come.
  void set_deadline(std::chrono::steady_clock::time_point deadline) { deadline_ = deadline; }

  /// Waits for a peer that is between two messages. What it closes then is input too.
  boost::asio::awaitable<net::Wake> wait(std::chrono::milliseconds limit);
  /// The head of the next message, empty line included. One empty line before it is passed over (RFC 9112 §2.2).
  /// Empty where the peer closed before it said anything.
  boost::asio::awaitable<Result<std::string>> read_head(const MessageLimits& limits);
  boost::asio::awaitable<Result<std::string>> read_content(const Framing& framing, const MessageLimits& limits);

  bool is_empty() const { return octets_.empty(); }

private:
  boost::asio::awaitable<Status> receive();
  void consume(std::size_t count);

  net::Stream& stream_;
  std::chrono::steady_clock::time_point deadline_;
  std::string octets_;
  std::size_t next_ = 2048;  ///< octets that the next read may bring
};

}  // namespace mailpod::http
