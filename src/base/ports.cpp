#include <mailpod/base/ports.hpp>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <system_error>

#include <sys/random.h>

namespace mailpod::base {

namespace {

class SystemClock final : public Clock {
public:
  Time now() override {
    return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
  }
  std::chrono::microseconds monotonic() override {
    return std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  }
};

class KernelEntropy final : public Entropy {
public:
  void fill(std::span<unsigned char> into) override {
    while (!into.empty()) {
      const auto got = ::getrandom(into.data(), into.size(), 0);
      if (got < 0) {
        if (errno == EINTR) continue;
        throw std::system_error(errno, std::system_category(), "getrandom");
      }
      into = into.subspan(static_cast<std::size_t>(got));
    }
  }
};

}  // namespace

Clock& system_clock() {
  static SystemClock clock;
  return clock;
}

Entropy& system_entropy() {
  static KernelEntropy entropy;
  return entropy;
}

std::uint64_t to_micros(Time time) {
  const auto count = time.time_since_epoch().count();
  return count < 0 ? 0 : static_cast<std::uint64_t>(count);
}

Time from_micros(std::uint64_t micros) {
  // A stored value beyond the year 294,000 is damage; it must not wrap into the past.
  constexpr auto latest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  return Time(std::chrono::microseconds(static_cast<std::int64_t>(std::min(micros, latest))));
}

std::uint64_t to_seconds(Time time) {
  return to_micros(time) / 1'000'000;
}

Time from_seconds(std::uint64_t seconds) {
  constexpr auto latest = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) / 1'000'000;
  return from_micros(std::min(seconds, latest) * 1'000'000);
}

std::uint32_t to_day(Time time) {
  return static_cast<std::uint32_t>(to_seconds(time) / 86'400);
}

}  // namespace mailpod::base
