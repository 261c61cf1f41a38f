#pragma once

#include <chrono>
#include <system_error>

#include <mailpod/net/stream.hpp>

namespace mailpod::net {

/// One deadline over several reads: each gets what the ones before have left of the stream's timeout.
class SharedDeadline {
public:
  explicit SharedDeadline(Stream& stream) : stream_(stream), whole_(stream.timeout()), end_(stream.now() + whole_) {}
  ~SharedDeadline() { stream_.set_timeout(whole_); }
  SharedDeadline(const SharedDeadline&) = delete;
  SharedDeadline& operator=(const SharedDeadline&) = delete;

  /// Throws timed_out where nothing is left: a peer that always has more octets ready never makes a read wait.
  void begin_read() {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(end_ - stream_.now());
    if (left.count() <= 0) throw std::system_error(std::make_error_code(std::errc::timed_out), "connection");
    stream_.set_timeout(left);
  }

private:
  Stream& stream_;
  const std::chrono::milliseconds whole_;
  const std::chrono::steady_clock::time_point end_;
};

}  // namespace mailpod::net
