#pragma once

#include <cstdint>

namespace mailpod::simulation {

/// Small, fast and the same on every machine (splitmix64); for choices of a simulation, never for keys.
class Dice {
public:
  explicit Dice(std::uint64_t seed) : state_(seed) {}

  std::uint64_t roll() {
    std::uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// 0 to sides - 1.
  std::uint64_t below(std::uint64_t sides) { return roll() % sides; }
  bool coin() { return (roll() & 1) != 0; }

private:
  std::uint64_t state_;
};

}  // namespace mailpod::simulation
