#include "simulation/entropy.hpp"

#include <sodium.h>

namespace mailpod::simulation {

void Entropy::fill(std::span<unsigned char> into) {
  const auto seed = base::Encoder().u64(seed_).u64(calls_.fetch_add(1)).take();
  base::ByteArray<randombytes_SEEDBYTES> key{};
  crypto_generichash(key.data(), key.size(), reinterpret_cast<const unsigned char*>(seed.data()), seed.size(), nullptr,
                     0);
  randombytes_buf_deterministic(into.data(), into.size(), key.data());
}

}  // namespace mailpod::simulation
