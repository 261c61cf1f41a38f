#include "binary_section.hpp"

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::imap {
namespace {

std::string message_of(std::string_view encoding, std::string_view body) {
  return "Content-Transfer-Encoding: " + std::string(encoding) + "\r\n\r\n" + std::string(body);
}

struct Shown {
  std::uint64_t size;
  bool has_nul;
  std::string octets;
};

Shown show(const std::string& mail, Section section) {
  const base::MemorySource source(mail);
  const auto structure = message::scan(mail);
  BinarySection binary(source, structure, section);
  while (!binary.measure()) {
  }
  Shown shown{binary.size(), binary.has_nul(), {}};
  while (shown.octets.size() < shown.size) shown.octets += binary.next();
  return shown;
}

Section part(std::vector<std::uint32_t> numbers, std::optional<Section::Partial> partial = {}) {
  Section section;
  section.part = std::move(numbers);
  section.partial = partial;
  return section;
}

TEST(BinarySection, CountsWhatItShowsHoweverLarge) {
  std::string octets;
  for (unsigned i = 0; i < 300'000; ++i) octets += static_cast<char>(i * 7 % 256);
  const auto mail = message_of("base64", text::write_base64_lines(octets));
  const auto whole = show(mail, part({1}));
  EXPECT_EQ(whole.size, octets.size());
  EXPECT_EQ(whole.octets, octets);
  EXPECT_TRUE(whole.has_nul);
  for (const auto& [first, count] : {std::pair{0U, 10U}, {65'535U, 3U}, {100'000U, 150'000U}, {299'999U, 5U}}) {
    const auto some = show(mail, part({1}, Section::Partial{first, count}));
    EXPECT_EQ(some.octets, octets.substr(first, count));
    EXPECT_EQ(some.size, some.octets.size());
  }
  EXPECT_EQ(show(mail, part({1}, Section::Partial{300'000, 1})).size, 0U);
}

TEST(BinarySection, LooksForNulInWhatIsShownOnly) {
  const auto mail = message_of("base64", text::write_base64_lines(std::string("a\0b", 3)));
  EXPECT_TRUE(show(mail, part({1}, Section::Partial{0, 2})).has_nul);
  EXPECT_FALSE(show(mail, part({1}, Section::Partial{2, 2})).has_nul);
}

TEST(BinarySection, LeavesTheMessageItselfEncoded) {
  const auto mail = message_of("base64", "YQ==\r\n");
  EXPECT_EQ(show(mail, part({})).octets, mail);
  EXPECT_EQ(show(mail, part({1})).octets, "a");
}

TEST(BinarySection, OfAMultipartIsNeverEncoded) {
  const std::string mail =
      "Content-Type: multipart/mixed; boundary=b\r\nContent-Transfer-Encoding: base64\r\n\r\n--b\r\n"
      "Content-Type: multipart/mixed; boundary=c\r\nContent-Transfer-Encoding: base64\r\n\r\n--c\r\n\r\nYQ==\r\n--c--"
      "\r\n--b--\r\n";
  EXPECT_EQ(show(mail, part({1})).octets, "--c\r\n\r\nYQ==\r\n--c--");
}

TEST(BinarySection, KnowsWhatItCannotDecode) {
  const auto odd = message::scan(message_of("x-uuencode", "begin"));
  EXPECT_FALSE(BinarySection::can_decode(odd, part({1})));
  EXPECT_TRUE(BinarySection::can_decode(odd, part({})));
  EXPECT_TRUE(BinarySection::can_decode(odd, part({2})));
}

}  // namespace
}  // namespace mailpod::imap
