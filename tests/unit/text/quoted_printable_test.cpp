#include <mailpod/text/quoted_printable.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

std::string decode_by(std::string_view text, std::size_t step) {
  QuotedPrintableDecoder decoder;
  std::string out;
  for (std::size_t at = 0; at < text.size(); at += step) decoder.decode(text.substr(at, step), out);
  decoder.finish(out);
  return out;
}

std::string decode(std::string_view text) {
  return decode_by(text, text.size() + 1);
}

bool is_damaged(std::string_view text) {
  QuotedPrintableDecoder decoder;
  std::string out;
  decoder.decode(text, out);
  decoder.finish(out);
  return decoder.damaged();
}

TEST(QuotedPrintable, DecodesTheExampleOfRfc2045) {
  EXPECT_EQ(decode("Now's the time =\r\nfor all folk to come=\r\n to the aid of their country."),
            "Now's the time for all folk to come to the aid of their country.");
}

TEST(QuotedPrintable, DecodesEscapesOfEitherCase) {
  EXPECT_EQ(decode("=C3=A4=c3=a4=3D"), "\xc3\xa4\xc3\xa4=");
  EXPECT_FALSE(is_damaged("=C3=a4"));
}

TEST(QuotedPrintable, LeavesAnEqualsSignThatBeginsNoEscape) {
  EXPECT_EQ(decode("a=b=ZZ=4"), "a=b=ZZ=4");
  EXPECT_EQ(decode("==41"), "=A");
  EXPECT_TRUE(is_damaged("a=b"));
}

TEST(QuotedPrintable, DropsWhiteSpaceAtLineEnds) {
  EXPECT_EQ(decode("one \t\r\ntwo  \nthree  "), "one\r\ntwo\nthree");
  EXPECT_EQ(decode("a=20\r\nb"), "a \r\nb");
}

TEST(QuotedPrintable, AcceptsSoftBreaksThatATransportDamaged) {
  EXPECT_EQ(decode("a= \t\r\nb=\nc="), "abc");
}

TEST(QuotedPrintable, KeepsOnlyABoundedRunOfSpacesBack) {
  const std::string spaces(100'000, ' ');
  EXPECT_EQ(decode("a" + spaces + "b"), "a" + spaces + "b");
  EXPECT_LT(decode("a" + spaces).size(), 100'001U);
}

TEST(QuotedPrintable, DoesNotCareWhereThePiecesEnd) {
  const std::string text = "a=C3=A4 \t b=\r\n c= \r\nd \r\n=ZZ e==41";
  for (std::size_t step = 1; step < text.size(); ++step) EXPECT_EQ(decode_by(text, step), decode(text)) << step;
}

TEST(QuotedPrintable, WritesWhatItReadsBack) {
  std::string octets;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 256; ++i) octets += static_cast<char>(i);
  }
  octets += " \r\n\t\r\n.\r\nFrom here\r\n" + std::string(200, 'x') + "\r\n" + std::string(76, 'y') + "\r\n" +
            std::string(75, 'z') + " \r\ntrailing ";
  const std::string text = write_quoted_printable(octets);
  EXPECT_EQ(decode(text), octets);
  std::size_t begin = 0;
  for (std::size_t end = text.find("\r\n"); end != std::string::npos; end = text.find("\r\n", begin)) {
    EXPECT_LE(end - begin, 76U);
    begin = end + 2;
  }
}

TEST(QuotedPrintable, IsWrittenTheSameWhereverThePiecesEnd) {
  const std::string octets = "na\xc3\xafve \r\n\r\r\n\n\tx\t\r\n-- \r\n--b" + std::string(100, '-') + "\r";
  for (std::size_t step = 1; step <= octets.size(); ++step) {
    QuotedPrintableEncoder encoder;
    std::string out;
    for (std::size_t at = 0; at < octets.size(); at += step) encoder.encode(octets.substr(at, step), out);
    encoder.finish(out);
    EXPECT_EQ(out, write_quoted_printable(octets)) << step;
    EXPECT_EQ(decode(out), octets);
    EXPECT_EQ(('\n' + out).find("\n-"), std::string::npos) << "it might be taken for a boundary";
  }
}

TEST(QuotedPrintable, LeavesAFullLineWhole) {
  const std::string line(76, 'y');
  EXPECT_EQ(write_quoted_printable(line + "\r\n" + line), line + "\r\n" + line);
}

}  // namespace
}  // namespace mailpod::text
