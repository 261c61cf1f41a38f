#pragma once

#include <cstdint>
#include <string_view>

namespace mailpod::search {

/// What a character is to search.
enum class Sort : std::uint8_t {
  gap,       ///< between terms
  word,      ///< letter, digit or mark of a script that puts spaces between words
  unspaced,  ///< of one that does not
};

/// Whether an ASCII octet is of a word.
constexpr bool is_plain(char octet) {
  return (octet >= 'a' && octet <= 'z') || (octet >= '0' && octet <= '9') || (octet >= 'A' && octet <= 'Z');
}

/// A character at the beginning of UTF-8 (malformed octets are gaps of one octet). Depends on nothing around it: so a
/// query is cut where the text was.
struct Character {
  Sort sort = Sort::gap;
  std::size_t octets = 1;
};
Character first_character(std::string_view utf8);

}  // namespace mailpod::search
