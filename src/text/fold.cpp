#include <algorithm>
#include <stdexcept>

#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/ustring.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/casemap.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::text {

namespace {

// A piece is cut before an ASCII octet, where no character can combine across the cut; text that has none for so long
// is cut between characters, which at worst leaves one accent uncomposed.
constexpr std::size_t piece_size = 16 * 1024;
constexpr std::size_t max_piece_size = 2 * piece_size;

/// Combining classes below are part of a letter's identity (nukta 7, kana voicing marks 8, virama 9); those from here
/// on are accents and points.
constexpr std::uint8_t first_accent_class = 10;

const UNormalizer2& normalizer(const UNormalizer2* (*instance)(UErrorCode*)) {
  UErrorCode error = U_ZERO_ERROR;
  const UNormalizer2* found = instance(&error);
  if (U_FAILURE(error) != 0)
    throw std::runtime_error(std::string("ICU's normalisation data are missing: ") + u_errorName(error));
  return *found;
}

/// Calls an ICU function that writes UChars, with as much room as it asks for.
template <class Write>
std::u16string written(std::size_t guess, Write write) {
  std::u16string out(guess, u'\0');
  for (int attempt = 0; attempt < 2; ++attempt) {
    UErrorCode error = U_ZERO_ERROR;
    const std::int32_t length = write(out.data(), static_cast<std::int32_t>(out.size()), &error);
    out.resize(static_cast<std::size_t>(length));
    if (U_SUCCESS(error)) return out;
    if (error != U_BUFFER_OVERFLOW_ERROR) throw std::runtime_error(std::string("ICU: ") + u_errorName(error));
  }
  throw std::logic_error("ICU asked for more room twice");
}

std::u16string to_utf16(std::string_view utf8) {
  return written(utf8.size() + 1, [&](UChar* into, std::int32_t room, UErrorCode* error) {
    std::int32_t length = 0;
    u_strFromUTF8WithSub(into, room, &length, utf8.data(), static_cast<std::int32_t>(utf8.size()), 0xfffd, nullptr,
                         error);
    return length;
  });
}

void append_utf8(std::string& out, const std::u16string& utf16) {
  const std::size_t before = out.size();
  out.resize(before + utf16.size() * 3 + 1);
  UErrorCode error = U_ZERO_ERROR;
  std::int32_t length = 0;
  u_strToUTF8(out.data() + before, static_cast<std::int32_t>(out.size() - before), &length, utf16.data(),
              static_cast<std::int32_t>(utf16.size()), &error);
  out.resize(before + ((U_SUCCESS(error) != 0) ? static_cast<std::size_t>(length) : 0));
}

std::u16string normalized(const UNormalizer2& form, const std::u16string& in) {
  return written(in.size() * 2 + 16, [&](UChar* into, std::int32_t room, UErrorCode* error) {
    return unorm2_normalize(&form, in.data(), static_cast<std::int32_t>(in.size()), into, room, error);
  });
}

std::u16string case_folded(const std::u16string& in) {
  return written(in.size() + 16, [&](UChar* into, std::int32_t room, UErrorCode* error) {
    return u_strFoldCase(into, room, in.data(), static_cast<std::int32_t>(in.size()), U_FOLD_CASE_DEFAULT, error);
  });
}

std::u16string without_accents(const std::u16string& in) {
  std::u16string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size();) {
    const std::size_t first = i;
    std::uint32_t code = 0;
    U16_NEXT(in, i, in.size(), code);
    if (u_getCombiningClass(static_cast<UChar32>(code)) < first_accent_class) out.append(in, first, i - first);
  }
  return out;
}

void fold_piece(std::string_view utf8, std::string& out) {
  if (is_ascii(utf8)) {
    out.append(utf8);
    std::ranges::transform(utf8, out.end() - static_cast<std::ptrdiff_t>(utf8.size()),
                           [](char octet) { return lower(octet); });
    return;
  }
  const UNormalizer2& nfkd = normalizer(&unorm2_getNFKDInstance);
  const UNormalizer2& nfc = normalizer(&unorm2_getNFCInstance);
  std::u16string text = to_utf16(utf8);
  // Folding may yield something decomposable and decomposing may yield capitals: the second round settles both.
  for (int round = 0; round < 2; ++round) text = normalized(nfkd, case_folded(normalized(nfkd, text)));
  append_utf8(out, normalized(nfc, without_accents(text)));
}

std::u16string titlecased(const std::u16string& in) {
  std::u16string out;
  out.reserve(in.size());
  for (std::size_t i = 0; i < in.size();) {
    std::uint32_t code = 0;
    U16_NEXT(in, i, in.size(), code);
    const auto title = static_cast<std::uint32_t>(u_totitle(static_cast<UChar32>(code)));
    if (U16_LENGTH(title) == 1) {
      out += static_cast<char16_t>(title);
    } else {
      out += static_cast<char16_t>(U16_LEAD(title));
      out += static_cast<char16_t>(U16_TRAIL(title));
    }
  }
  return out;
}

void casemap_piece(std::string_view utf8, std::string& out) {
  if (is_ascii(utf8)) {
    for (const char octet : utf8) out += upper(octet);
    return;
  }
  append_utf8(out, normalized(normalizer(&unorm2_getNFKDInstance), titlecased(to_utf16(utf8))));
}

/// Where the first piece of `utf8` ends.
std::size_t piece_end(std::string_view utf8) {
  if (utf8.size() <= piece_size) return utf8.size();
  std::size_t end = piece_size;
  while (end < utf8.size() && end < max_piece_size && static_cast<unsigned char>(utf8[end]) >= 0x80) ++end;
  return utf8_prefix(utf8, end).size();
}

std::string in_pieces(std::string_view utf8, void (*take)(std::string_view piece, std::string& out)) {
  std::string out;
  out.reserve(utf8.size());
  while (!utf8.empty()) {
    const std::size_t end = piece_end(utf8);
    take(utf8.substr(0, end), out);
    utf8.remove_prefix(end);
  }
  return out;
}

}  // namespace

std::string fold(std::string_view utf8) {
  return in_pieces(utf8, fold_piece);
}

std::string casemap(std::string_view utf8) {
  return in_pieces(utf8, casemap_piece);
}

std::optional<std::string> to_nfc(std::string_view utf8) {
  if (is_ascii(utf8)) return std::string(utf8);
  if (!is_utf8(utf8) || utf8.size() > INT32_MAX / 4) return std::nullopt;
  std::string out;
  append_utf8(out, normalized(normalizer(&unorm2_getNFCInstance), to_utf16(utf8)));
  return out;
}

}  // namespace mailpod::text
