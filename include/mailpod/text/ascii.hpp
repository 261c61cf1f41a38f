#pragma once

#include <string>
#include <string_view>

/// US-ASCII as protocols compare it: never the locale, never beyond octet 127 (RFC 5234 §2.3).
namespace mailpod::text {

constexpr char lower(char octet) {
  return octet >= 'A' && octet <= 'Z' ? static_cast<char>(octet + 32) : octet;
}
constexpr char upper(char octet) {
  return octet >= 'a' && octet <= 'z' ? static_cast<char>(octet - 32) : octet;
}

std::string lower(std::string_view octets);
std::string upper(std::string_view octets);

/// Equal but for the case of A–Z.
bool equal_fold(std::string_view left, std::string_view right);
bool starts_with_fold(std::string_view octets, std::string_view prefix);
bool ends_with_fold(std::string_view octets, std::string_view suffix);
/// Where `needle` first stands, without regard to case; npos if nowhere.
std::size_t find_fold(std::string_view octets, std::string_view needle);

/// Orders without regard to case; for std::map and std::set. Looks up views without making strings.
struct LessFold {
  using is_transparent = void;
  bool operator()(std::string_view left, std::string_view right) const;
};

/// Without the SP and HTAB at both ends.
std::string_view trim(std::string_view octets);

/// Every octet is in 0–127.
bool is_ascii(std::string_view octets);

}  // namespace mailpod::text
