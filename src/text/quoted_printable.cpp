#include <mailpod/text/quoted_printable.hpp>

#include <utility>

namespace mailpod::text {

namespace {

constexpr std::string_view upper_digits = "0123456789ABCDEF";
constexpr std::size_t max_line = 76;

int digit_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
  if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
  return -1;
}

bool is_space(char octet) {
  return octet == ' ' || octet == '\t';
}

bool is_literal(char octet) {
  return octet > ' ' && octet <= '~' && octet != '=';
}

}  // namespace

std::string write_quoted_printable(std::string_view octets) {
  std::string out;
  out.reserve(octets.size() + octets.size() / 8);
  QuotedPrintableEncoder encoder;
  encoder.encode(octets, out);
  encoder.finish(out);
  return out;
}

void QuotedPrintableEncoder::encode(std::string_view piece, std::string& out) {
  for (const char octet : piece) {
    if (std::exchange(has_cr_, false)) {
      if (octet == '\n') {
        if (std::exchange(has_held_, false)) write(held_, Place::at_line_end, out);
        out += "\r\n";
        column_ = 0;
        continue;
      }
      take('\r', out);
    }
    if (octet == '\r') {
      has_cr_ = true;
    } else {
      take(octet, out);
    }
  }
}

void QuotedPrintableEncoder::finish(std::string& out) {
  if (std::exchange(has_cr_, false)) take('\r', out);
  if (std::exchange(has_held_, false)) write(held_, Place::at_line_end, out);
}

void QuotedPrintableEncoder::take(char octet, std::string& out) {
  if (has_held_) write(held_, Place::within_line, out);
  held_ = octet;
  has_held_ = true;
}

void QuotedPrintableEncoder::write(char octet, Place place, std::string& out) {
  const bool ends_line = place == Place::at_line_end;
  const bool is_mangled_here = column_ == 0 && (octet == '.' || octet == 'F' || octet == '-');
  const bool plain = (is_literal(octet) && !is_mangled_here) || (is_space(octet) && !ends_line);
  const std::size_t width = plain ? 1 : 3;
  // The last character of a line may use the place that a soft break's "=" would need.
  if (column_ + width + (ends_line ? 0 : 1) > max_line) {
    out += "=\r\n";
    column_ = 0;
    return write(octet, place, out);
  }
  if (plain) {
    out += octet;
  } else {
    const auto value = static_cast<unsigned char>(octet);
    out += '=';
    out += upper_digits[value >> 4U];
    out += upper_digits[value & 0xfU];
  }
  column_ += width;
}

void QuotedPrintableDecoder::decode(std::string_view piece, std::string& out) {
  for (const char octet : piece) take(octet, out);
}

void QuotedPrintableDecoder::take(char octet, std::string& out) {
  switch (state_) {
    case State::text:
      if (octet == '=') {
        out += spaces_;
        spaces_.clear();
        state_ = State::equals;
      } else if (is_space(octet)) {
        spaces_ += octet;
        if (spaces_.size() >= kept_spaces) {
          out += spaces_;
          spaces_.clear();
        }
      } else {
        if (octet != '\r' && octet != '\n') out += spaces_;
        spaces_.clear();
        out += octet;
      }
      return;
    case State::equals:
      if (digit_value(octet) >= 0) {
        first_digit_ = octet;
        state_ = State::digit;
      } else if (octet == '\n') {
        state_ = State::text;
      } else if (octet == '\r') {
        state_ = State::soft_break_cr;
      } else if (is_space(octet)) {
        spaces_ += octet;
        state_ = State::soft_break;
      } else {
        damaged_ = true;
        out += '=';
        state_ = State::text;
        take(octet, out);
      }
      return;
    case State::digit:
      state_ = State::text;
      if (digit_value(octet) >= 0) {
        out += static_cast<char>(digit_value(first_digit_) * 16 + digit_value(octet));
      } else {
        damaged_ = true;
        out += '=';
        out += first_digit_;
        take(octet, out);
      }
      return;
    case State::soft_break:
      // White space that a transport added between "=" and the line's end.
      if (is_space(octet) && spaces_.size() < kept_spaces) {
        spaces_ += octet;
      } else if (octet == '\r') {
        state_ = State::soft_break_cr;
      } else if (octet == '\n') {
        spaces_.clear();
        state_ = State::text;
      } else {
        damaged_ = true;
        out += '=';
        state_ = State::text;
        take(octet, out);
      }
      return;
    case State::soft_break_cr:
      spaces_.clear();
      state_ = State::text;
      if (octet != '\n') {
        damaged_ = true;
        take(octet, out);
      }
      return;
  }
}

void QuotedPrintableDecoder::finish(std::string& out) {
  // White space before the end is at a line's end; a "=" there is a soft break before nothing.
  if (state_ == State::digit) {
    damaged_ = true;
    out += '=';
    out += first_digit_;
  }
  spaces_.clear();
  state_ = State::text;
}

}  // namespace mailpod::text
