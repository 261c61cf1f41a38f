#include <mailpod/text/encoded_words.hpp>

#include <optional>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/cursor.hpp>
#include <mailpod/text/unicode.hpp>

#include "utf8.hpp"

namespace mailpod::text {

namespace {

constexpr std::size_t max_charset = 64;
constexpr OctetSet charset_octets = octets::vchar - OctetSet("?*");
constexpr OctetSet language_octets = octets::alnum | OctetSet("-");
// Longer than RFC 2047 §2 allows and not strictly its alphabet: real words are.
constexpr OctetSet text_octets = (octets::vchar | octets::beyond_ascii) - OctetSet("?");
constexpr OctetSet blank = OctetSet(" \t\r\n");

struct Word {
  std::string_view charset;
  std::string octets;
};

int hex_value(char digit) {
  if (digit >= '0' && digit <= '9') return digit - '0';
  if (lower(digit) >= 'a' && lower(digit) <= 'f') return lower(digit) - 'a' + 10;
  return -1;
}

/// The "Q" encoding, RFC 2047 §4.2; an escape that is none stands for itself.
std::string read_q(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high >= 0 ? hex_value(text[i + 2]) : -1;
    if (text[i] == '=' && low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '_' ? ' ' : text[i];
    }
  }
  return out;
}

std::string read_b(std::string_view text) {
  std::string out;
  Base64Decoder decoder;
  decoder.decode(text, out);
  decoder.finish(out);
  return out;
}

/// An encoded-word here, or nothing and the cursor unmoved.
std::optional<Word> take_word(Cursor& in) {
  Cursor ahead = in;
  if (!ahead.take("=?")) return std::nullopt;
  const auto charset = ahead.take_while(charset_octets, max_charset);
  if (ahead.take('*')) ahead.take_while(language_octets, max_charset);
  if (charset.empty() || !ahead.take('?')) return std::nullopt;
  const auto encoding = ahead.take_one(octets::alpha);
  if (!encoding || !ahead.take('?')) return std::nullopt;
  const auto text = ahead.take_while(text_octets);
  if (!ahead.take("?=")) return std::nullopt;
  Word word{charset, {}};
  if (lower(*encoding) == 'q') {
    word.octets = read_q(text);
  } else if (lower(*encoding) == 'b') {
    word.octets = read_b(text);
  } else {
    return std::nullopt;
  }
  in = ahead;
  return word;
}

/// Collects words, so that a character split over two of them is whole again.
class Run {
public:
  explicit Run(std::string& out) : out_(out) {}
  /// False if the charset is unknown.
  bool add(const Word& word) {
    if (!equal_fold(word.charset, charset_)) {
      if (!knows_charset(word.charset)) return false;
      end();
      charset_ = word.charset;
    }
    octets_ += word.octets;
    return true;
  }
  void end() {
    std::string utf8 = charset_.empty() ? std::string{} : to_utf8(charset_, octets_).value_or(std::string{});
    // What a word hides must not become a line's end or another control once decoded.
    for (char& octet : utf8) {
      if (octets::ctl.contains(octet) && octet != '\t') octet = ' ';
    }
    out_ += utf8;
    octets_.clear();
    charset_ = {};
  }

private:
  std::string& out_;
  std::string_view charset_;
  std::string octets_;
};

void append_raw(std::string& out, std::string_view octets) {
  out += to_utf8("us-ascii", octets).value_or(std::string{});
}

// ---- writing

constexpr std::size_t max_word = 75;
constexpr std::string_view b_begin = "=?utf-8?B?";
constexpr std::string_view q_begin = "=?utf-8?Q?";
constexpr std::string_view word_end = "?=";
constexpr std::size_t room = max_word - b_begin.size() - word_end.size();
// RFC 2047 §5 (3): what may stand for itself also in a phrase.
constexpr OctetSet q_plain = octets::alnum | OctetSet("!*+-/");

std::size_t q_width(std::string_view character) {
  if (character.size() == 1 && (q_plain.contains(character[0]) || character[0] == ' ')) return 1;
  return character.size() * 3;
}

std::string write_q(std::string_view octets) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  for (const char octet : octets) {
    if (octet == ' ') {
      out += '_';
    } else if (q_plain.contains(octet)) {
      out += octet;
    } else {
      out += '=';
      out += digits[static_cast<unsigned char>(octet) >> 4U];
      out += digits[static_cast<unsigned char>(octet) & 0xfU];
    }
  }
  return out;
}

bool needs_no_words(std::string_view value) {
  for (const char octet : value) {
    if (octet != ' ' && !octets::vchar.contains(octet)) return false;
  }
  return value.find("=?") == std::string_view::npos;
}

}  // namespace

std::string decode_encoded_words(std::string_view value) {
  std::string out;
  out.reserve(value.size());
  Run run(out);
  bool after_word = false;
  Cursor in(value);
  while (!in.at_end()) {
    const auto space = in.take_while(blank);
    const Cursor word_begin = in;
    if (auto word = take_word(in)) {
      if (!after_word) append_raw(out, space);
      if (run.add(std::move(*word))) {
        after_word = true;
        continue;
      }
      // An unknown charset: the word stays as it is, like any other text, with the space before it.
      run.end();
      if (after_word) append_raw(out, space);
      const std::size_t length = word_begin.rest().size() - in.rest().size();
      append_raw(out, word_begin.rest().substr(0, length));
      after_word = false;
      continue;
    }
    run.end();
    after_word = false;
    append_raw(out, space);
    // Up to what may be the next word: everything but blanks and "=?".
    const auto rest = in.rest();
    std::size_t length = rest.empty() ? 0 : 1;
    while (length < rest.size() && !blank.contains(rest[length]) && !rest.substr(length).starts_with("=?")) ++length;
    append_raw(out, rest.substr(0, length));
    in.take_octets(length);
  }
  run.end();
  return out;
}

std::string write_encoded_words(std::string_view utf8) {
  if (needs_no_words(utf8)) return std::string(utf8);
  const std::string whole = repaired_utf8(utf8);
  const std::string q = write_q(whole);
  const bool use_q = q.size() <= (whole.size() + 2) / 3 * 4;

  std::string out;
  std::string word;
  std::size_t width = 0;
  const auto end_word = [&] {
    if (word.empty()) return;
    if (!out.empty()) out += ' ';
    out += use_q ? q_begin : b_begin;
    out += use_q ? write_q(word) : write_base64(word);
    out += word_end;
    word.clear();
    width = 0;
  };
  for (std::string_view rest = whole; !rest.empty();) {
    const auto character = rest.substr(0, first_character(rest).length);
    const std::size_t wider = use_q ? width + q_width(character) : (word.size() + character.size() + 2) / 3 * 4;
    if (wider > room) end_word();
    word += character;
    width += q_width(character);
    rest.remove_prefix(character.size());
  }
  end_word();
  return out;
}

}  // namespace mailpod::text
