#include <mailpod/text/modified_utf7.hpp>

#include <mailpod/text/unicode.hpp>

#include "sextets.hpp"
#include "utf8.hpp"

namespace mailpod::text {

namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";
constexpr SextetTable values(alphabet);

bool stands_for_itself(std::uint32_t code) {
  return code >= 0x20 && code <= 0x7e;
}

/// UTF-16BE in base64, between `&` and `-`.
class Shifted {
public:
  explicit Shifted(std::string& out) : out_(out) { out_ += '&'; }
  void write(std::uint32_t code) {
    if (code >= 0x10000) {
      unit(0xd800U + ((code - 0x10000U) >> 10U));
      unit(0xdc00U + ((code - 0x10000U) & 0x3ffU));
    } else {
      unit(code);
    }
  }
  void end() {
    if (held_ > 0) out_ += alphabet[bits_ << (6 - held_) & 0x3fU];
    out_ += '-';
  }

private:
  void unit(std::uint32_t value) {
    bits_ = (bits_ & 0x3fU) << 16U | value;
    held_ += 16;
    while (held_ >= 6) {
      held_ -= 6;
      out_ += alphabet[bits_ >> held_ & 0x3fU];
    }
  }
  std::string& out_;
  std::uint32_t bits_ = 0;
  unsigned held_ = 0;
};

/// Appends the characters of one base64 run; false for a foreign character or a lone surrogate.
bool read_shifted(std::string_view run, std::string& out) {
  std::uint32_t bits = 0;
  unsigned held = 0;
  std::uint32_t high = 0;
  for (const char character : run) {
    const int value = values.of(character);
    if (value < 0) return false;
    bits = (bits << 6U | static_cast<std::uint32_t>(value)) & 0x3fffffU;
    held += 6;
    if (held < 16) continue;
    held -= 16;
    const std::uint32_t unit = bits >> held & 0xffffU;
    const bool is_low = unit >= 0xdc00 && unit <= 0xdfff;
    if (is_low != (high != 0)) return false;
    if (unit >= 0xd800 && unit <= 0xdbff) {
      high = unit;
    } else {
      append_utf8(out, is_low ? 0x10000U + ((high - 0xd800U) << 10U) + (unit - 0xdc00U) : unit);
      high = 0;
    }
  }
  return high == 0;
}

}  // namespace

std::optional<std::string> write_modified_utf7(std::string_view utf8) {
  if (!is_utf8(utf8)) return std::nullopt;
  std::string out;
  std::optional<Shifted> shifted;
  while (!utf8.empty()) {
    const Character next = first_character(utf8);
    if (stands_for_itself(next.code)) {
      if (shifted) shifted->end();
      shifted.reset();
      out += utf8[0];
      if (next.code == '&') out += '-';
    } else {
      if (!shifted) shifted.emplace(out);
      shifted->write(next.code);
    }
    utf8.remove_prefix(next.length);
  }
  if (shifted) shifted->end();
  return out;
}

std::optional<std::string> parse_modified_utf7(std::string_view name) {
  std::string out;
  for (std::string_view rest = name; !rest.empty();) {
    if (rest[0] != '&') {
      out += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    const auto end = rest.find('-');
    if (end == std::string_view::npos) return std::nullopt;
    const auto run = rest.substr(1, end - 1);
    if (run.empty()) {
      out += '&';
    } else if (!read_shifted(run, out)) {
      return std::nullopt;
    }
    rest.remove_prefix(end + 1);
  }
  // Two spellings of one name would be two mailboxes to some clients: only the one we would write is accepted.
  if (write_modified_utf7(out) != name) return std::nullopt;
  return out;
}

}  // namespace mailpod::text
