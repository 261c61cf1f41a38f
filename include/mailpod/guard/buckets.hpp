#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include <mailpod/base/ports.hpp>

namespace mailpod::guard {

/// So much at once, and so much an hour in the long run.
struct Rate {
  std::uint32_t burst = 0;
  std::uint32_t an_hour = 0;
};

/// Token buckets for whoever comes, in a fixed amount of memory.
///
/// A bucket is one number, the time at which it will be full again (the generic cell rate algorithm). One that is full
/// says nothing, and its place is free; where no place is free, the one that is full soonest is forgiven. So a flood of
/// strangers lets others off too early at worst, and holds nobody back who has done nothing. Places are chosen by a
/// keyed hash: nobody outside can aim at them. Any thread.
class Buckets {
public:
  /// `places`: 16 octets each; rounded up to whole sets.
  Buckets(std::size_t places, base::Clock& clock, base::Entropy& entropy);

  /// Takes `tokens` out of `key`'s bucket; false, and nothing is taken, if there are not so many in it.
  bool take(std::string_view key, const Rate& rate, std::uint32_t tokens = 1);
  /// Takes them also where the bucket does not hold so many: until it does, take() and holds() say no.
  void charge(std::string_view key, const Rate& rate, std::uint32_t tokens = 1);
  /// Whether take() would succeed.
  bool holds(std::string_view key, const Rate& rate, std::uint32_t tokens = 1);

  std::size_t octets() const { return sets_.size() * sizeof(Set); }

private:
  static constexpr std::size_t places_of_a_set = 8;
  static constexpr std::size_t stripes = 64;
  struct Place {
    std::uint64_t tag = 0;
    std::chrono::microseconds full_at{0};  ///< by the monotonic clock
  };
  using Set = std::array<Place, places_of_a_set>;
  struct Found {
    Set& set;
    std::uint64_t tag;
    std::mutex& mutex;
  };
  enum class Overdraft { refused, granted };

  bool draw(std::string_view key, const Rate& rate, std::uint32_t tokens, Overdraft overdraft);
  Found find(std::string_view key);

  base::Clock& clock_;
  std::string secret_;
  std::vector<Set> sets_;
  std::array<std::mutex, stripes> mutexes_;
};

}  // namespace mailpod::guard
