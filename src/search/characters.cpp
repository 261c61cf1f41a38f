#include "characters.hpp"

#include <unicode/uchar.h>
#include <unicode/uscript.h>
#include <unicode/utf8.h>

namespace mailpod::search {
namespace {

bool writes_no_spaces(UChar32 code) {
  UErrorCode error = U_ZERO_ERROR;
  switch (uscript_getScript(code, &error)) {
    case USCRIPT_HAN:
    case USCRIPT_HIRAGANA:
    case USCRIPT_KATAKANA:
    case USCRIPT_HANGUL:
    case USCRIPT_BOPOMOFO:
    case USCRIPT_YI:
    case USCRIPT_THAI:
    case USCRIPT_LAO:
    case USCRIPT_KHMER:
    case USCRIPT_MYANMAR:
    case USCRIPT_TIBETAN:
      return true;
    default:
      return false;
  }
}

Sort sort_of(UChar32 code) {
  constexpr std::uint32_t in_words = U_GC_L_MASK | U_GC_N_MASK | U_GC_M_MASK;
  if ((U_MASK(u_charType(code)) & in_words) == 0) return Sort::gap;
  return writes_no_spaces(code) ? Sort::unspaced : Sort::word;
}

}  // namespace

Character first_character(std::string_view utf8) {
  const char first = utf8.front();
  if (static_cast<unsigned char>(first) < 0x80) return {is_plain(first) ? Sort::word : Sort::gap, 1};
  std::int32_t length = 0;
  UChar32 code = 0;
  const auto room = static_cast<std::int32_t>(std::min<std::size_t>(utf8.size(), 4));
  U8_NEXT(utf8, length, room, code);
  if (code < 0) return {};
  return {sort_of(code), static_cast<std::size_t>(length)};
}

}  // namespace mailpod::search
