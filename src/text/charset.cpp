#include <array>
#include <memory>

#include <unicode/ucnv.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::text {

namespace {

using Converter = std::unique_ptr<UConverter, decltype(&ucnv_close)>;

/// RFC 2978 §2.3 without the characters ICU would read as an option or a path.
constexpr OctetSet name_octets = octets::alnum | OctetSet("-_.:+");
constexpr std::size_t max_name = 40;

Converter open(std::string_view charset) {
  Cursor name(charset);
  if (charset.empty() || name.take_while(name_octets, max_name).size() != charset.size()) {
    return {nullptr, &ucnv_close};
  }
  UErrorCode error = U_ZERO_ERROR;
  UConverter* opened = ucnv_open(std::string(charset).c_str(), &error);
  return {(U_SUCCESS(error) != 0) ? opened : nullptr, &ucnv_close};
}

bool is_us_ascii(std::string_view charset) {
  return equal_fold(charset, "us-ascii") || equal_fold(charset, "ascii") || equal_fold(charset, "ansi_x3.4-1968");
}

std::string convert(UConverter* from, std::string_view octets) {
  const Converter to = open("utf-8");
  std::string out;
  out.reserve(octets.size() + octets.size() / 4);
  std::array<UChar, 2048> pivot;
  std::array<char, 4096> piece;
  UChar* pivot_source = pivot.data();
  UChar* pivot_target = pivot.data();
  const char* source = octets.data();
  const char* const source_end = source + octets.size();
  UBool reset = 1;
  while (true) {
    UErrorCode error = U_ZERO_ERROR;
    char* target = piece.data();
    ucnv_convertEx(to.get(), from, &target, piece.data() + piece.size(), &source, source_end, pivot.data(),
                   &pivot_source, &pivot_target, pivot.data() + pivot.size(), reset, 1, &error);
    out.append(piece.data(), static_cast<std::size_t>(target - piece.data()));
    // Anything but a full piece is the end: what cannot be converted was replaced, not reported.
    if (error != U_BUFFER_OVERFLOW_ERROR) return out;
    reset = 0;
  }
}

}  // namespace

bool knows_charset(std::string_view charset) {
  return is_us_ascii(charset) || open(charset) != nullptr;
}

std::optional<std::string> to_utf8(std::string_view charset, std::string_view octets) {
  if (is_us_ascii(charset)) {
    if (is_utf8(octets)) return std::string(octets);
    charset = "windows-1252";
  }
  if (equal_fold(charset, "utf-8") || equal_fold(charset, "utf8")) return repaired_utf8(octets);
  const Converter from = open(charset);
  if (!from) return std::nullopt;
  return convert(from.get(), octets);
}

}  // namespace mailpod::text
