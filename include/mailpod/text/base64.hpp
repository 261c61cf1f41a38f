#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace mailpod::text {

/// RFC 4648 §4 with padding, on one line.
std::string write_base64(std::string_view octets);
/// RFC 4648 §4 with padding, CRLF after every 76 characters and at the end (RFC 2045 §6.8).
std::string write_base64_lines(std::string_view octets);
/// RFC 4648 §5 (`-` and `_`) without padding.
std::string write_base64url(std::string_view octets);

/// The one canonical form only: correct padding, no foreign characters, no line breaks, no stray bits. For SASL,
/// signatures and tokens, where two spellings of one value would be a fault.
std::optional<std::string> parse_base64(std::string_view text);
/// RFC 4648 §5 without padding, equally strict.
std::optional<std::string> parse_base64url(std::string_view text);

/// Decodes a MIME body piece by piece (RFC 2045 §6.8), as leniently as mail demands: characters outside the alphabet
/// are passed over, data after padding is decoded on, a truncated end yields what is there. Never fails; linear.
class Base64Decoder {
public:
  /// Appends what `piece` completes to `out`.
  void decode(std::string_view piece, std::string& out);
  /// Says there is no more; a dangling 6 bits are dropped.
  void finish(std::string& out);
  /// Something outside of alphabet, padding and white space was seen, or the end was truncated: BINARY may then
  /// answer UNKNOWN-CTE (RFC 9051 §6.4.5).
  bool damaged() const { return damaged_; }

private:
  void flush(std::string& out);
  unsigned bits_ = 0;
  unsigned sextets_ = 0;
  unsigned padding_ = 0;
  bool damaged_ = false;
};

}  // namespace mailpod::text
