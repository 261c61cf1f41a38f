#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailpod::crypto {

/// The code of a counter by HMAC-SHA-1, as authenticators show it: RFC 4226 §5.3, `digits` from 6 to 8. Any thread.
std::string one_time_code(std::string_view key, std::uint64_t counter, unsigned digits = 6);

/// The counter of a moment, in seconds since 1970: RFC 6238 §4.2, steps of 30 seconds.
constexpr std::uint64_t time_step(std::uint64_t seconds) {
  return seconds / 30;
}

}  // namespace mailpod::crypto
