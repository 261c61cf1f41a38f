#include <mailpod/text/base64.hpp>

#include "sextets.hpp"

namespace mailpod::text {

namespace {

constexpr std::string_view standard = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr SextetTable standard_values(standard);
constexpr SextetTable url_safe_values(url_safe);

std::string write(std::string_view octets, std::string_view alphabet) {
  std::string out;
  out.reserve((octets.size() + 2) / 3 * 4);
  unsigned bits = 0;
  unsigned held = 0;
  for (const char octet : octets) {
    bits = (bits << 8U | static_cast<unsigned char>(octet)) & 0xffffU;
    held += 8;
    while (held >= 6) {
      held -= 6;
      out += alphabet[bits >> held & 0x3fU];
    }
  }
  if (held > 0) out += alphabet[bits << (6 - held) & 0x3fU];
  return out;
}

/// `text` without padding; strict.
std::optional<std::string> parse(std::string_view text, const SextetTable& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  unsigned bits = 0;
  unsigned held = 0;
  for (const char character : text) {
    const int value = values.of(character);
    if (value < 0) return std::nullopt;
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0x3fffU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> held & 0xffU);
    }
  }
  // Bits beyond the last octet must be zero, or one value would have several spellings.
  if ((bits & ((1U << held) - 1U)) != 0) return std::nullopt;
  return out;
}

}  // namespace

std::string write_base64(std::string_view octets) {
  std::string out = write(octets, standard);
  out.append((4 - out.size() % 4) % 4, '=');
  return out;
}

std::string write_base64_lines(std::string_view octets) {
  constexpr std::size_t octets_a_line = 57;
  std::string out;
  out.reserve((octets.size() / octets_a_line + 1) * 78);
  for (std::size_t at = 0; at < octets.size(); at += octets_a_line) {
    out += write_base64(octets.substr(at, octets_a_line));
    out += "\r\n";
  }
  return out;
}

std::string write_base64url(std::string_view octets) {
  return write(octets, url_safe);
}

std::optional<std::string> parse_base64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  std::size_t padding = 0;
  while (padding < 2 && text.ends_with('=')) {
    text.remove_suffix(1);
    ++padding;
  }
  if (padding != (4 - text.size() % 4) % 4) return std::nullopt;
  return parse(text, standard_values);
}

std::optional<std::string> parse_base64url(std::string_view text) {
  return parse(text, url_safe_values);
}

void Base64Decoder::decode(std::string_view piece, std::string& out) {
  for (const char character : piece) {
    if (const int value = standard_values.of(character); value >= 0) {
      if (padding_ > 0) {
        // Encoded pieces set one after the other, each with its padding: decode on (RFC 2045 §6.8 warns of them).
        damaged_ = true;
        padding_ = 0;
      }
      bits_ = bits_ << 6U | static_cast<unsigned>(value);
      if (++sextets_ == 4) flush(out);
    } else if (character == '=') {
      if (padding_++ == 0) {
        damaged_ = damaged_ || sextets_ < 2;
        flush(out);
      }
    } else if (character != '\r' && character != '\n' && character != ' ' && character != '\t') {
      damaged_ = true;
    }
  }
}

void Base64Decoder::finish(std::string& out) {
  if (sextets_ > 0) damaged_ = true;
  flush(out);
}

/// Writes the whole octets of the 0 to 4 sextets held, and begins anew.
void Base64Decoder::flush(std::string& out) {
  const unsigned held = sextets_ * 6;
  for (unsigned done = 8; done <= held; done += 8) out += static_cast<char>(bits_ >> (held - done) & 0xffU);
  bits_ = 0;
  sextets_ = 0;
}

}  // namespace mailpod::text
