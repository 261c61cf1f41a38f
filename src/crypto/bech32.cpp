#include "bech32.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace mailpod::crypto {

namespace {

constexpr std::string_view alphabet = "qpzry9x8gf2tvdw0s3jn54khce6mua7l";
constexpr std::size_t checksum_length = 6;

/// BIP 173's BCH code over five-bit values.
class Checksum {
public:
  explicit Checksum(std::string_view prefix) {
    for (const char letter : prefix) add(static_cast<std::uint8_t>(letter) >> 5);
    add(0);
    for (const char letter : prefix) add(static_cast<std::uint8_t>(letter) & 31);
  }
  void add(std::uint32_t value) {
    static constexpr std::uint32_t generator[] = {0x3b6a57b2, 0x26508e6d, 0x1ea119fa, 0x3d4233dd, 0x2a1462b3};
    const std::uint32_t top = state_ >> 25;
    state_ = (state_ & 0x1ffffff) << 5 ^ value;
    for (unsigned bit = 0; bit < 5; ++bit) {
      if ((top >> bit & 1) != 0) state_ ^= generator[bit];
    }
  }
  std::uint32_t value() const { return state_; }

private:
  std::uint32_t state_ = 1;
};

std::vector<std::uint8_t> five_bit_values(std::string_view octets) {
  std::vector<std::uint8_t> values;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const char octet : octets) {
    held = held << 8 | static_cast<unsigned char>(octet);
    for (bits += 8; bits >= 5; bits -= 5) values.push_back(held >> (bits - 5) & 31);
    held &= 31;
  }
  if (bits > 0) values.push_back(held << (5 - bits) & 31);
  return values;
}

/// Nothing if the bits that fill up the last octet are too many or not zero.
std::optional<std::string> octets_of(const std::vector<std::uint8_t>& values) {
  std::string octets;
  std::uint32_t held = 0;
  unsigned bits = 0;
  for (const auto value : values) {
    held = held << 5 | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      octets.push_back(static_cast<char>(held >> bits & 0xff));
    }
    held &= 0xff;
  }
  if (bits >= 5 || (held & ((1U << bits) - 1)) != 0) return std::nullopt;
  return octets;
}

bool is_upper(char c) {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) {
  return c >= 'a' && c <= 'z';
}

}  // namespace

std::string write_bech32(std::string_view prefix, std::string_view octets) {
  Checksum checksum(prefix);
  std::string text(prefix);
  text.push_back('1');
  for (const auto value : five_bit_values(octets)) {
    checksum.add(value);
    text.push_back(alphabet[value]);
  }
  for (std::size_t i = 0; i < checksum_length; ++i) checksum.add(0);
  const auto code = checksum.value() ^ 1;
  for (std::size_t i = 0; i < checksum_length; ++i) text.push_back(alphabet[code >> (5 * (5 - i)) & 31]);
  return text;
}

std::optional<std::string> parse_bech32(std::string_view prefix, std::string_view text) {
  if (text.size() > 1000) return std::nullopt;
  if (std::ranges::any_of(text, is_upper) && std::ranges::any_of(text, is_lower)) {
    return std::nullopt;
  }
  std::string lower(text);
  for (auto& letter : lower) {
    if (is_upper(letter)) letter = static_cast<char>(letter - 'A' + 'a');
  }
  const std::size_t begin = prefix.size() + 1;
  if (!lower.starts_with(prefix) || lower.size() < begin + checksum_length || lower[prefix.size()] != '1') {
    return std::nullopt;
  }
  Checksum checksum(prefix);
  std::vector<std::uint8_t> values;
  for (const char letter : lower.substr(begin)) {
    const auto value = alphabet.find(letter);
    if (value == std::string_view::npos) return std::nullopt;
    checksum.add(static_cast<std::uint32_t>(value));
    values.push_back(static_cast<std::uint8_t>(value));
  }
  if (checksum.value() != 1) return std::nullopt;
  values.resize(values.size() - checksum_length);
  return octets_of(values);
}

}  // namespace mailpod::crypto
