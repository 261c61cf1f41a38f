#include <mailpod/text/rtf_text.hpp>

#include <algorithm>
#include <charconv>
#include <utility>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::text {
namespace {

constexpr std::string_view magic = "{\\rtf";
constexpr std::size_t deepest = 200;
constexpr std::size_t longest_word = 32;    // as the format says
constexpr std::size_t longest_number = 10;  // with its sign
constexpr std::size_t most_octets = 4096;   // converted at once
constexpr std::uint32_t most_fallback = 32;

/// Groups that begin with one of these are not for reading. Whatever begins with \* and is not known is none either.
constexpr std::string_view hidden[] = {"colortbl",   "filetbl",    "fldinst", "fonttbl",   "info",
                                       "nonshppict", "objdata",    "pict",    "private",   "rxe",
                                       "tc",         "stylesheet", "xe",      "themedata", "listtable"};
constexpr std::string_view breaks[] = {"cell", "column", "line", "page", "par", "row", "sect", "tab", "nestcell"};

struct Character {
  std::string_view word;
  std::string_view utf8;
};
constexpr Character characters[] = {{"bullet", "\u2022"}, {"emdash", "\u2014"},    {"emspace", " "},
                                    {"endash", "\u2013"}, {"enspace", " "},        {"lquote", "\u2018"},
                                    {"rquote", "\u2019"}, {"ldblquote", "\u201C"}, {"rdblquote", "\u201D"}};

template <std::size_t count>
bool is_one_of(const std::string_view (&words)[count], std::string_view word) {
  return std::ranges::find(words, word) != std::end(words);
}

bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string encoded(std::uint32_t character) {
  const auto octet = [](std::uint32_t value) { return static_cast<char>(value); };
  if (character < 0x80) return {octet(character)};
  if (character < 0x800) return {octet(0xC0 | (character >> 6U)), octet(0x80 | (character & 0x3FU))};
  if (character < 0x10000)
    return {octet(0xE0 | (character >> 12U)), octet(0x80 | ((character >> 6U) & 0x3FU)),
            octet(0x80 | (character & 0x3FU))};
  return {octet(0xF0 | (character >> 18U)), octet(0x80 | ((character >> 12U) & 0x3FU)),
          octet(0x80 | ((character >> 6U) & 0x3FU)), octet(0x80 | (character & 0x3FU))};
}

}  // namespace

std::string RtfText::feed(std::string_view octets) {
  while (!octets.empty() && state_ != State::over) {
    if (state_ == State::binary) {
      const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(binary_, octets.size()));
      octets.remove_prefix(count);
      binary_ -= count;
      if (binary_ == 0) state_ = State::text;
      continue;
    }
    take(octets.front());
    octets.remove_prefix(1);
  }
  return std::exchange(out_, {});
}

std::string RtfText::finish() {
  end_octets();
  state_ = State::over;
  return std::exchange(out_, {});
}

void RtfText::take(char octet) {
  switch (state_) {
    case State::magic:
      return take_magic(octet);
    case State::text:
      return take_text(octet);
    case State::backslash:
      return take_backslash(octet);
    case State::word:
      return take_word(octet);
    case State::number:
      return take_number(octet);
    case State::hex:
      return take_hex(octet);
    case State::binary:
    case State::over:
      return;
  }
}

void RtfText::take_magic(char octet) {
  word_ += octet;
  if (!magic.starts_with(word_)) state_ = State::over;
  if (word_ != magic) return;
  groups_.emplace_back();
  state_ = State::word;  // its number follows
}

void RtfText::take_text(char octet) {
  switch (octet) {
    case '\\':
      state_ = State::backslash;
      return;
    case '{':
      return open();
    case '}':
      return close();
    case '\r':
    case '\n':
    case '\0':
      return;
    default:
      return put_octet(octet);
  }
}

void RtfText::take_backslash(char octet) {
  word_.clear();
  number_.clear();
  state_ = State::text;
  if (is_letter(octet)) {
    word_ += octet;
    state_ = State::word;
  } else if (octet == '\'') {
    state_ = State::hex;
  } else if (octet == '*') {
    groups_.back().hidden = true;
  } else if (octet == '~' || octet == '\r' || octet == '\n') {
    put(" ");
  } else if (octet == '_') {
    put("-");
  } else if (octet == '{' || octet == '}' || octet == '\\') {
    put_octet(octet);
  }
}

void RtfText::take_word(char octet) {
  if (is_letter(octet)) {
    if (word_.size() == longest_word) return;
    word_ += octet;
  } else if (octet == '-' || is_digit(octet)) {
    number_ += octet;
    state_ = State::number;
  } else {
    end_word();
    if (octet != ' ' && state_ == State::text) take_text(octet);
  }
}

void RtfText::take_number(char octet) {
  if (is_digit(octet)) {
    if (number_.size() < longest_number) number_ += octet;
    return;
  }
  end_word();
  if (octet != ' ' && state_ == State::text) take_text(octet);
}

void RtfText::take_hex(char octet) {
  number_ += octet;
  if (number_.size() < 2) return;
  unsigned value = 0;
  const auto read = std::from_chars(number_.data(), number_.data() + number_.size(), value, 16);
  state_ = State::text;
  if (read.ptr == number_.data() + number_.size()) put_octet(static_cast<char>(value));
}

void RtfText::end_word() {
  state_ = State::text;
  std::int64_t value = 0;
  const bool has_number = std::from_chars(number_.data(), number_.data() + number_.size(), value).ec == std::errc();
  if (word_ == "u" && has_number) return put_unit(static_cast<std::uint32_t>(value) & 0xFFFFU);
  if (word_ == "uc") {
    groups_.back().fallback = static_cast<std::uint32_t>(std::clamp<std::int64_t>(value, 0, most_fallback));
  } else if (word_ == "bin" && value > 0) {
    binary_ = static_cast<std::uint64_t>(value);
    state_ = State::binary;
  } else if (word_ == "ansicpg" && has_number) {
    end_octets();
    const std::string name = "windows-" + std::to_string(value);
    code_page_ = knows_charset(name) ? name : "cp" + std::to_string(value);
  } else if (is_one_of(hidden, word_)) {
    groups_.back().hidden = true;
  } else if (is_one_of(breaks, word_)) {
    put(" ");
  } else if (const auto* const found = std::ranges::find(characters, word_, &Character::word);
             found != std::end(characters)) {
    put(found->utf8);
  }
}

void RtfText::open() {
  skipped_ = 0;
  if (groups_.size() == deepest) {
    state_ = State::over;
    return;
  }
  groups_.push_back(groups_.back());
}

void RtfText::close() {
  skipped_ = 0;
  groups_.pop_back();
  if (!groups_.empty()) return;
  end_octets();
  state_ = State::over;
}

void RtfText::put_octet(char octet) {
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  if (groups_.back().hidden) return;
  octets_ += octet;
  if (octets_.size() == most_octets) end_octets();
}

/// A unit of UTF-16.
void RtfText::put_unit(std::uint32_t unit) {
  const auto high = std::exchange(high_unit_, 0);
  skipped_ = 0;
  if (unit >= 0xD800 && unit < 0xDC00) {
    high_unit_ = unit;
  } else if (unit >= 0xDC00 && unit < 0xE000) {
    put(high == 0 ? "\uFFFD" : encoded(0x10000 + ((high - 0xD800) << 10U) + (unit - 0xDC00)));
  } else {
    put(encoded(unit));
  }
  skipped_ = groups_.back().fallback;
}

void RtfText::put(std::string_view utf8) {
  if (skipped_ > 0) {
    --skipped_;
    return;
  }
  if (groups_.back().hidden) return;
  end_octets();
  out_ += utf8;
}

void RtfText::end_octets() {
  if (octets_.empty()) return;
  const auto converted = to_utf8(code_page_, octets_);
  out_ += converted ? *converted : repaired_utf8(octets_);
  octets_.clear();
}

}  // namespace mailpod::text
