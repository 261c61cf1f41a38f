#pragma once

#include <bit>
#include <cstdint>

namespace mailpod::crypto {

/// The size to which a plaintext of `size` octets is filled up, so that sealed sizes tell little: at most 12 % more,
/// and only O(log log size) bits of the size show. Padmé, from "Reducing Metadata Leakage from Encrypted Files and
/// Communication with PURBs" (2019), §4.
constexpr std::uint64_t padme(std::uint64_t size) {
  if (size < 2) return size;
  const auto exponent = static_cast<unsigned>(std::bit_width(size)) - 1;
  const auto kept = static_cast<unsigned>(std::bit_width(exponent));
  if (exponent <= kept) return size;
  const std::uint64_t mask = (std::uint64_t{1} << (exponent - kept)) - 1;
  return (size + mask) & ~mask;
}

}  // namespace mailpod::crypto
