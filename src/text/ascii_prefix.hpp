#pragma once

#include <cstddef>
#include <string_view>

namespace mailpod::text {

/// How many octets at the beginning are in 0–127. Fast: most text is nothing else.
std::size_t ascii_prefix(std::string_view octets);

}  // namespace mailpod::text
