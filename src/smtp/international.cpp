#include "international.hpp"

#include <fmt/format.h>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/domain.hpp>
#include <mailpod/text/unicode.hpp>

#include "path.hpp"

namespace mailpod::smtp {

namespace {

/// Calls `take` with each character beyond ASCII of well-formed UTF-8, and with the ASCII octets one by one.
template <class Take>
void for_each_character(std::string_view utf8, Take take) {
  while (!utf8.empty()) {
    const auto first = static_cast<unsigned char>(utf8[0]);
    const std::size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    std::uint32_t point = length == 1 ? first : first & (0x7fU >> length);
    for (std::size_t i = 1; i < length; ++i) point = (point << 6) | (static_cast<unsigned char>(utf8[i]) & 0x3f);
    take(point);
    utf8.remove_prefix(length);
  }
}

// C1 controls are characters like any other to the grammar, and nobody's name.
bool is_control(std::uint32_t point) {
  return point >= 0x80 && point < 0xa0;
}

}  // namespace

bool is_mailbox(std::string_view address) {
  if (!text::is_utf8(address)) return false;
  // RFC 6531 §3.3 adds characters beyond ASCII to atext, qtext and labels, and nothing else: what the grammar of ASCII
  // says of a letter it says of them.
  std::string letters;
  bool sound = true;
  for_each_character(address, [&](std::uint32_t point) {
    sound &= !is_control(point);
    letters += point < 0x80 ? static_cast<char>(point) : 'x';
  });
  text::Cursor in(letters);
  return sound && parse_mailbox(in).has_value() && in.at_end();
}

std::optional<std::string> ascii_form(std::string_view address) {
  if (text::is_ascii(address)) return std::string(address);
  const std::size_t at = address.rfind('@');
  if (at == std::string_view::npos || !text::is_ascii(address.substr(0, at))) return std::nullopt;
  const auto domain = text::to_ascii_domain(address.substr(at + 1));
  if (!domain) return std::nullopt;
  return std::string(address.substr(0, at + 1)) + *domain;
}

std::string ascii_original_recipient(std::string_view value) {
  if (text::is_ascii(value) || !text::is_utf8(value)) return std::string(value);
  std::string out;
  for_each_character(value, [&](std::uint32_t point) {
    out += point < 0x80 ? std::string(1, static_cast<char>(point)) : fmt::format("\\x{{{:02X}}}", point);
  });
  return out;
}

}  // namespace mailpod::smtp
