#include <mailpod/text/base32.hpp>

#include <mailpod/text/ascii.hpp>

#include "sextets.hpp"

namespace mailpod::text {

namespace {

// The last five are check values only, 32 to 36.
constexpr std::string_view alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ*~$=U";
constexpr SextetTable values(alphabet);
constexpr unsigned modulus = 37;

/// What a hasty hand wrote, as the alphabet has it.
char canonical(char typed) {
  const char letter = upper(typed);
  if (letter == 'O') return '0';
  if (letter == 'I' || letter == 'L') return '1';
  return letter;
}

/// Five bits a digit, the most significant first; what is left over is filled with zeros.
std::string spell(std::string_view octets, std::string_view digits) {
  std::string out;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char octet : octets) {
    bits = (bits << 8U | static_cast<unsigned char>(octet)) & 0xfffU;
    held += 8;
    while (held >= 5) {
      held -= 5;
      out += digits[bits >> held & 0x1fU];
    }
  }
  if (held > 0) out += digits[bits << (5 - held) & 0x1fU];
  return out;
}

}  // namespace

std::string write_code(std::string_view octets, std::size_t group) {
  auto digits = spell(octets, alphabet);
  unsigned check = 0;
  for (const char digit : digits) check = (check * 32 + static_cast<unsigned>(values.of(digit))) % modulus;
  digits += alphabet[check];

  if (group == 0) return digits;
  std::string out;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && i % group == 0) out += '-';
    out += digits[i];
  }
  return out;
}

std::optional<std::string> parse_code(std::string_view typed) {
  std::string digits;
  for (const char character : typed) {
    if (character != '-' && character != ' ') digits += canonical(character);
  }
  if (digits.empty()) return std::nullopt;
  const int given_check = values.of(digits.back());
  digits.pop_back();

  std::string out;
  unsigned check = 0;
  unsigned bits = 0;
  unsigned held = 0;
  for (const char digit : digits) {
    const int value = values.of(digit);
    if (value < 0 || value >= 32) return std::nullopt;
    check = (check * 32 + static_cast<unsigned>(value)) % modulus;
    bits = (bits << 5U | static_cast<unsigned>(value)) & 0xfffU;
    held += 5;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xffU);
    }
  }
  if (given_check < 0 || static_cast<unsigned>(given_check) != check) return std::nullopt;
  // A superfluous digit, or stray bits, would be a second spelling.
  if (held >= 5 || (bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return out;
}

std::string write_base32(std::string_view octets) {
  return spell(octets, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567");
}

}  // namespace mailpod::text
