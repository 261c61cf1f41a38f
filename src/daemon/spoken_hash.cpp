#include "spoken_hash.hpp"

#include <cstdint>

namespace mailpod::daemon {

std::string spoken(std::string_view octets) {
  constexpr std::string_view consonants = "bdfghjklmnprstvz";
  constexpr std::string_view vowels = "aiou";
  std::string words;
  for (std::size_t i = 0; i < octets.size(); i += 2) {
    const auto high = static_cast<unsigned char>(octets[i]);
    const auto low = i + 1 < octets.size() ? static_cast<unsigned char>(octets[i + 1]) : 0U;
    const unsigned pair = high * 256U + low;
    if (!words.empty()) words += ' ';
    words += {consonants[pair >> 12U], vowels[pair >> 10U & 3U], consonants[pair >> 6U & 15U], vowels[pair >> 4U & 3U],
              consonants[pair & 15U]};
  }
  return words;
}

}  // namespace mailpod::daemon
