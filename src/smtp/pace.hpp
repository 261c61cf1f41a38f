#pragma once

#include <chrono>
#include <cstddef>
#include <system_error>

#include <mailpod/base/ports.hpp>
#include <mailpod/smtp/server.hpp>

namespace mailpod::smtp {

/// Against clients that send so slowly that a message never ends: in each window some octets must come.
class Pace {
public:
  Pace(base::Clock& clock, const Settings& settings)
      : clock_(clock), window_(settings.timeout), least_(settings.slowest_data), began_(clock.monotonic()) {}

  /// Throws timed_out when a window was too slow.
  void count(std::size_t octets) {
    octets_ += octets;
    const auto now = clock_.monotonic();
    if (now - began_ < window_) return;
    if (octets_ < least_) throw std::system_error(std::make_error_code(std::errc::timed_out));
    began_ = now;
    octets_ = 0;
  }

private:
  base::Clock& clock_;
  std::chrono::microseconds window_;
  std::size_t least_;
  std::chrono::microseconds began_;
  std::size_t octets_ = 0;
};

}  // namespace mailpod::smtp
