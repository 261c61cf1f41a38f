#include <mailpod/text/ascii.hpp>

#include <algorithm>

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

bool is_ascii(std::string_view octets) {
  return std::ranges::all_of(octets, [](char octet) { return static_cast<unsigned char>(octet) < 0x80; });
}

}  // namespace mailpod::text
