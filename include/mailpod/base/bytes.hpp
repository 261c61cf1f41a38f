#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// Octets throughout Mailpod are `std::string` (owned) and `std::string_view` (borrowed): mail is text until proven
/// otherwise, and one type keeps parsing, sealing and writing free of conversions. Fixed-size values are ByteArrays.
namespace mailpod::base {

template <std::size_t N>
using ByteArray = std::array<unsigned char, N>;

/// The octets of a fixed-size value; borrowed, valid as long as `bytes`.
template <std::size_t N>
std::string_view octets(const ByteArray<N>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), N};
}

/// A fixed-size value from octets; nothing if the length is not exactly N.
template <std::size_t N>
std::optional<ByteArray<N>> byte_array(std::string_view octets) {
  if (octets.size() != N) return std::nullopt;
  ByteArray<N> bytes{};
  for (std::size_t i = 0; i < N; ++i) bytes[i] = static_cast<unsigned char>(octets[i]);
  return bytes;
}

/// Lower-case hexadecimal.
std::string hex(std::string_view octets);
/// Octets from hexadecimal of either case; nothing if malformed or of odd length.
std::optional<std::string> unhex(std::string_view digits);

/// Writes the one encoding that every stored format uses: big-endian integers, and `u32 length | octets` for what varies.
class Encoder {
public:
  Encoder& u8(std::uint8_t value);
  Encoder& u16(std::uint16_t value);
  Encoder& u32(std::uint32_t value);
  Encoder& u64(std::uint64_t value);
  /// Octets as they are, without a length.
  Encoder& fixed(std::string_view octets);
  template <std::size_t N>
  Encoder& fixed(const ByteArray<N>& bytes) {
    return fixed(octets(bytes));
  }
  /// `u32 length | octets`.
  Encoder& var(std::string_view octets);
  /// One tag-length-value: `u8 tag | u32 length | octets`.
  Encoder& field(std::uint8_t tag, std::string_view octets);

  const std::string& str() const { return out_; }
  std::string take() { return std::move(out_); }

private:
  std::string out_;
};

/// Reads what Encoder writes. Once something does not fit, every later answer is zero or empty and `ok()` is false, so
/// a reader checks once at its end. Borrowed: the octets must outlive the Decoder and the views it returns.
class Decoder {
public:
  explicit Decoder(std::string_view octets) : rest_(octets) {}

  std::uint8_t u8();
  std::uint16_t u16();
  std::uint32_t u32();
  std::uint64_t u64();
  std::string_view fixed(std::size_t length);
  template <std::size_t N>
  ByteArray<N> fixed() {
    return byte_array<N>(fixed(N)).value_or(ByteArray<N>{});
  }
  std::string_view var();

  struct Field {
    std::uint8_t tag;
    std::string_view value;
  };
  /// The next tag-length-value; nothing at the end or when malformed (see ok()).
  std::optional<Field> field();

  std::string_view rest() const { return rest_; }
  bool at_end() const { return rest_.empty(); }
  bool ok() const { return ok_; }
  /// Marks the input as malformed.
  void fail() {
    ok_ = false;
    rest_ = {};
  }

private:
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace mailpod::base
