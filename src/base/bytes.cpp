#include <mailpod/base/bytes.hpp>

#include <limits>
#include <stdexcept>

namespace mailpod::base {

namespace {

int nibble(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  return -1;
}

template <class Integer>
void append_big_endian(std::string& out, Integer value) {
  for (std::size_t shift = sizeof(Integer) * 8; shift != 0; shift -= 8) {
    out.push_back(static_cast<char>(static_cast<std::uint64_t>(value) >> (shift - 8) & 0xff));
  }
}

template <class Integer>
Integer big_endian(std::string_view octets) {
  std::uint64_t value = 0;
  for (const char octet : octets) value = value << 8 | static_cast<unsigned char>(octet);
  return static_cast<Integer>(value);
}

}  // namespace

std::string hex(std::string_view octets) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string out;
  out.reserve(octets.size() * 2);
  for (const char octet : octets) {
    out.push_back(digits[static_cast<unsigned char>(octet) >> 4]);
    out.push_back(digits[static_cast<unsigned char>(octet) & 15]);
  }
  return out;
}

std::optional<std::string> unhex(std::string_view digits) {
  if (digits.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(digits.size() / 2);
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = nibble(digits[i]);
    const int low = nibble(digits[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    out.push_back(static_cast<char>(high << 4 | low));
  }
  return out;
}

Encoder& Encoder::u8(std::uint8_t value) {
  append_big_endian(out_, value);
  return *this;
}

Encoder& Encoder::u16(std::uint16_t value) {
  append_big_endian(out_, value);
  return *this;
}

Encoder& Encoder::u32(std::uint32_t value) {
  append_big_endian(out_, value);
  return *this;
}

Encoder& Encoder::u64(std::uint64_t value) {
  append_big_endian(out_, value);
  return *this;
}

Encoder& Encoder::fixed(std::string_view octets) {
  out_.append(octets);
  return *this;
}

Encoder& Encoder::var(std::string_view octets) {
  if (octets.size() > std::numeric_limits<std::uint32_t>::max()) throw std::length_error("a stored field above 4 GiB");
  return u32(static_cast<std::uint32_t>(octets.size())).fixed(octets);
}

Encoder& Encoder::field(std::uint8_t tag, std::string_view octets) {
  return u8(tag).var(octets);
}

std::uint8_t Decoder::u8() {
  return big_endian<std::uint8_t>(fixed(1));
}
std::uint16_t Decoder::u16() {
  return big_endian<std::uint16_t>(fixed(2));
}
std::uint32_t Decoder::u32() {
  return big_endian<std::uint32_t>(fixed(4));
}
std::uint64_t Decoder::u64() {
  return big_endian<std::uint64_t>(fixed(8));
}

std::string_view Decoder::fixed(std::size_t length) {
  if (length > rest_.size()) {
    fail();
    return {};
  }
  const auto octets = rest_.substr(0, length);
  rest_.remove_prefix(length);
  return octets;
}

std::string_view Decoder::var() {
  return fixed(u32());
}

std::optional<Decoder::Field> Decoder::field() {
  if (at_end()) return std::nullopt;
  const auto tag = u8();
  const auto value = var();
  if (!ok_) return std::nullopt;
  return Field{tag, value};
}

}  // namespace mailpod::base
