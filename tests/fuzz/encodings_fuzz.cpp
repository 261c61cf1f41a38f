// Every decoder of the text library, with its own writer as the oracle.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <mailpod/text/base32.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/encoded_words.hpp>
#include <mailpod/text/modified_utf7.hpp>
#include <mailpod/text/quoted_printable.hpp>
#include <mailpod/text/unicode.hpp>

namespace {

using namespace mailpod;

void require(bool holds) {
  if (!holds) std::abort();
}

/// What a streaming decoder makes of `text` that arrives in pieces of `step` octets.
template <class Decoder>
std::string decoded(std::string_view text, std::size_t step) {
  Decoder decoder;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) decoder.decode(text.substr(at, step), out);
  decoder.finish(out);
  return out;
}

template <class Decoder>
void pieces_do_not_matter(std::string_view text, std::size_t step) {
  require(decoded<Decoder>(text, step) == decoded<Decoder>(text, text.size() + 1));
}

void what_is_written_is_read_back(std::string_view octets) {
  require(text::parse_base64(text::write_base64(octets)) == octets);
  require(text::parse_base64url(text::write_base64url(octets)) == octets);
  require(decoded<text::Base64Decoder>(text::write_base64_lines(octets), 13) == octets);
  require(decoded<text::QuotedPrintableDecoder>(text::write_quoted_printable(octets), 13) == octets);
  require(text::parse_code(text::write_code(octets)) == octets);
}

void what_is_accepted_has_one_spelling(std::string_view octets) {
  if (const auto read = text::parse_base64(octets)) require(text::write_base64(*read) == octets);
  if (const auto read = text::parse_base64url(octets)) require(text::write_base64url(*read) == octets);
  if (const auto read = text::parse_modified_utf7(octets)) {
    require(text::is_utf8(*read));
    require(text::write_modified_utf7(*read) == octets);
  }
}

void unicode_holds_together(std::string_view octets) {
  const std::string utf8 = text::repaired_utf8(octets);
  require(text::is_utf8(utf8));
  require(text::is_utf8(octets) == (utf8 == octets));
  const auto name = text::write_modified_utf7(utf8);
  require(name && text::parse_modified_utf7(*name) == utf8);
  const std::string folded = text::fold(octets);
  require(text::is_utf8(folded));
  require(text::fold(utf8) == folded);
  const auto composed = text::to_nfc(utf8);
  require(composed && text::to_nfc(*composed) == composed);
  require(text::is_utf8(text::utf8_prefix(utf8, utf8.size() / 2)));
  for (const std::string_view charset : {"iso-2022-jp", "gb18030", "utf-7", "windows-1252", "utf-16"}) {
    const auto converted = text::to_utf8(charset, octets);
    require(converted && text::is_utf8(*converted));
  }
}

void header_values_come_through(std::string_view octets) {
  const std::string decoded_value = text::decode_encoded_words(octets);
  require(text::is_utf8(decoded_value));
  const std::string written = text::write_encoded_words(octets);
  const std::string back = text::decode_encoded_words(written);
  // Controls do not come through, by intent: compare without them.
  const auto visible = [](std::string utf8) {
    for (char& octet : utf8) {
      if ((octet >= 0 && octet < ' ' && octet != '\t') || octet == 0x7f) octet = ' ';
    }
    return utf8;
  };
  require(back == visible(text::repaired_utf8(octets)));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 16;
  const std::string_view octets(reinterpret_cast<const char*>(data) + 1, size - 1);
  pieces_do_not_matter<text::Base64Decoder>(octets, step);
  pieces_do_not_matter<text::QuotedPrintableDecoder>(octets, step);
  what_is_written_is_read_back(octets);
  what_is_accepted_has_one_spelling(octets);
  unicode_holds_together(octets);
  header_values_come_through(octets);
  return 0;
}
