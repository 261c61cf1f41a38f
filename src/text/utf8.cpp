#include "utf8.hpp"

#include <mailpod/text/unicode.hpp>

#include "ascii_prefix.hpp"

namespace mailpod::text {

namespace {

constexpr std::uint32_t replacement = 0xfffd;

bool is_continuation(char octet) {
  return (static_cast<unsigned char>(octet) & 0xc0U) == 0x80U;
}

/// What a lead octet promises, and what its second octet may be: that range is what excludes overlong forms, surrogates
/// and everything above U+10FFFF (RFC 3629 §4).
struct Lead {
  std::size_t length;  ///< 0: no lead octet
  unsigned char second_min;
  unsigned char second_max;
};

Lead lead_for(unsigned char octet) {
  if (octet < 0x80) return {1, 0, 0};
  if (octet < 0xc2) return {0, 0, 0};
  if (octet < 0xe0) return {2, 0x80, 0xbf};
  if (octet == 0xe0) return {3, 0xa0, 0xbf};
  if (octet == 0xed) return {3, 0x80, 0x9f};
  if (octet < 0xf0) return {3, 0x80, 0xbf};
  if (octet == 0xf0) return {4, 0x90, 0xbf};
  if (octet < 0xf4) return {4, 0x80, 0xbf};
  if (octet == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

Character first_character(std::string_view octets) {
  const auto first = static_cast<unsigned char>(octets[0]);
  const Lead lead = lead_for(first);
  if (lead.length == 1) return {first, 1, true};
  if (lead.length == 0 || octets.size() < 2) return {replacement, 1, false};
  const auto second = static_cast<unsigned char>(octets[1]);
  if (second < lead.second_min || second > lead.second_max) return {replacement, 1, false};
  std::uint32_t code = (first & (0x7fU >> lead.length)) << 6U | (second & 0x3fU);
  for (std::size_t i = 2; i < lead.length; ++i) {
    if (i >= octets.size() || !is_continuation(octets[i])) return {replacement, i, false};
    code = code << 6U | (static_cast<unsigned char>(octets[i]) & 0x3fU);
  }
  return {code, lead.length, true};
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto tail = [&](unsigned shift) { out += static_cast<char>(0x80U | (code >> shift & 0x3fU)); };
  if (code < 0x80) {
    out += static_cast<char>(code);
  } else if (code < 0x800) {
    out += static_cast<char>(0xc0U | code >> 6U);
    tail(0);
  } else if (code < 0x10000) {
    out += static_cast<char>(0xe0U | code >> 12U);
    tail(6);
    tail(0);
  } else {
    out += static_cast<char>(0xf0U | code >> 18U);
    tail(12);
    tail(6);
    tail(0);
  }
}

bool is_utf8(std::string_view octets) {
  while (true) {
    octets.remove_prefix(ascii_prefix(octets));
    if (octets.empty()) return true;
    const Character next = first_character(octets);
    if (!next.valid) return false;
    octets.remove_prefix(next.length);
  }
}

std::string repaired_utf8(std::string_view octets) {
  std::string out;
  out.reserve(octets.size());
  while (!octets.empty()) {
    const Character next = first_character(octets);
    if (next.valid) {
      out += octets.substr(0, next.length);
    } else {
      append_utf8(out, replacement);
    }
    octets.remove_prefix(next.length);
  }
  return out;
}

std::string_view utf8_prefix(std::string_view utf8, std::size_t limit) {
  if (utf8.size() <= limit) return utf8;
  // A character has at most three continuation octets; more of them is not UTF-8 and may be cut anywhere.
  std::size_t end = limit;
  while (end > 0 && limit - end < 3 && is_continuation(utf8[end])) --end;
  return utf8.substr(0, end);
}

std::size_t count_characters(std::string_view utf8) {
  std::size_t count = 0;
  while (!utf8.empty()) {
    const Character next = first_character(utf8);
    count += next.valid ? 1 : next.length;
    utf8.remove_prefix(next.length);
  }
  return count;
}

}  // namespace mailpod::text
