#pragma once

#include <atomic>
#include <cstdint>

#include <mailpod/base/ports.hpp>

namespace mailpod::simulation {

/// Random octets that depend on the seed and on how often fill() was called. Callable from any thread (but the order of
/// threads then matters).
class Entropy final : public base::Entropy {
public:
  explicit Entropy(std::uint64_t seed = 1) : seed_(seed) {}
  void fill(std::span<unsigned char> into) override;

private:
  std::uint64_t seed_;
  std::atomic<std::uint64_t> calls_{0};
};

}  // namespace mailpod::simulation
