#pragma once

#include <chrono>
#include <cstdint>
#include <span>

#include <mailpod/base/bytes.hpp>

namespace mailpod::base {

/// A point of wall-clock time, in microseconds since 1970-01-01T00:00:00Z.
using Time = std::chrono::sys_time<std::chrono::microseconds>;

/// What time it is. Callable from any thread.
class Clock {
public:
  virtual ~Clock() = default;
  /// Wall-clock time; may jump.
  virtual Time now() = 0;
  /// Never goes backwards; its zero means nothing.
  virtual std::chrono::microseconds monotonic() = 0;
};

/// The only source of randomness: keys, nonces, ids. Callable from any thread.
class Entropy {
public:
  virtual ~Entropy() = default;
  virtual void fill(std::span<unsigned char> into) = 0;

  template <std::size_t N>
  ByteArray<N> bytes() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
};

/// The machine's clock and the kernel's random numbers; they live as long as the process.
Clock& system_clock();
Entropy& system_entropy();

/// Seconds since 1970, rounded down; 0 for earlier times.
std::uint64_t to_seconds(Time time);
Time from_seconds(std::uint64_t seconds);
/// Microseconds since 1970; 0 for earlier times.
std::uint64_t to_micros(Time time);
Time from_micros(std::uint64_t micros);

/// Days since 1970-01-01.
std::uint32_t to_day(Time time);

}  // namespace mailpod::base
