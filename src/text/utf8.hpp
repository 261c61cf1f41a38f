#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mailpod::text {

/// One step through UTF-8: a character and how many octets it takes.
struct Character {
  std::uint32_t code;  ///< U+FFFD if the octets are malformed
  std::size_t length;  ///< 1–4; of malformed octets the maximal part that began a character (Unicode §3.9)
  bool valid;
};

/// The character at the beginning of `octets`, which is not empty.
Character first_character(std::string_view octets);

void append_utf8(std::string& out, std::uint32_t code);

}  // namespace mailpod::text
