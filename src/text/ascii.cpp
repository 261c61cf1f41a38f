#include <mailpod/text/ascii.hpp>

#include <algorithm>

#include "ascii_prefix.hpp"

namespace mailpod::text {

namespace {

bool same_fold(char left, char right) {
  return lower(left) == lower(right);
}

}  // namespace

std::string lower(std::string_view octets) {
  std::string out(octets);
  for (char& octet : out) octet = lower(octet);
  return out;
}

std::string upper(std::string_view octets) {
  std::string out(octets);
  for (char& octet : out) octet = upper(octet);
  return out;
}

bool equal_fold(std::string_view left, std::string_view right) {
  return std::ranges::equal(left, right, same_fold);
}

bool starts_with_fold(std::string_view octets, std::string_view prefix) {
  return octets.size() >= prefix.size() && equal_fold(octets.substr(0, prefix.size()), prefix);
}

bool ends_with_fold(std::string_view octets, std::string_view suffix) {
  return octets.size() >= suffix.size() && equal_fold(octets.substr(octets.size() - suffix.size()), suffix);
}

std::size_t find_fold(std::string_view octets, std::string_view needle) {
  const auto found = std::ranges::search(octets, needle, same_fold).begin();
  if (found == octets.end() && !needle.empty()) return std::string_view::npos;
  return static_cast<std::size_t>(found - octets.begin());
}

bool LessFold::operator()(std::string_view left, std::string_view right) const {
  return std::ranges::lexicographical_compare(left, right, [](char a, char b) {
    return static_cast<unsigned char>(lower(a)) < static_cast<unsigned char>(lower(b));
  });
}

std::string_view trim(std::string_view octets) {
  const auto first = octets.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return octets.substr(first, octets.find_last_not_of(" \t") - first + 1);
}

std::size_t ascii_prefix(std::string_view octets) {
  // Without a branch an octet: a compiler takes many of them at once.
  constexpr std::size_t stride = 64;
  const auto is_plain = [](char octet) { return static_cast<unsigned char>(octet) < 0x80; };
  std::size_t at = 0;
  for (; octets.size() - at >= stride; at += stride) {
    unsigned char all = 0;
    for (const char octet : octets.substr(at, stride)) all |= static_cast<unsigned char>(octet);
    if (all >= 0x80) break;
  }
  while (at < octets.size() && is_plain(octets[at])) ++at;
  return at;
}

bool is_ascii(std::string_view octets) {
  return ascii_prefix(octets) == octets.size();
}

}  // namespace mailpod::text
