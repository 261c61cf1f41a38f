#include <mailpod/message/preview.hpp>

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/text/unicode.hpp>

namespace mailpod::message {
namespace {

Preview preview_of(const std::string& mail, const PreviewLimits& limits = {}) {
  return preview(base::MemorySource(mail), scan(mail), limits);
}

TEST(PreviewText, IsFoldedToOneLine) {
  EXPECT_EQ(preview_of("\r\n \r\n\tDear Ann,\r\n\r\n  how\r\nare you?\r\n").text, "Dear Ann, how are you?");
}

TEST(PreviewText, LeavesOutWhatIsNotSeen) {
  EXPECT_EQ(
      preview_of("Content-Type: text/plain; charset=utf-8\r\n\r\n\u00A0\u034F\u200C\u00A0Hi\u200B \uFEFFyou").text,
      "Hi you");
}

TEST(PreviewText, HasSoManyCharactersAndNoHalfOnes) {
  std::string body;
  for (int i = 0; i < 500; ++i) body += "ä€😀";
  const auto text = preview_of("Content-Type: text/plain; charset=utf-8\r\n\r\n" + body).text;
  EXPECT_EQ(text::count_characters(text), 200U);
  EXPECT_TRUE(text::is_utf8(text));
  EXPECT_TRUE(body.starts_with(text));
}

TEST(PreviewText, IsOfTheFirstPartThatSaysSomething) {
  EXPECT_EQ(preview_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n"
                       "--b\r\nContent-Disposition: attachment\r\n\r\nattached\r\n"
                       "--b\r\nContent-Type: application/pdf\r\n\r\n%PDF\r\n"
                       "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\nwithin\r\n"
                       "--b\r\nContent-Type: text/html\r\n\r\n<p> &nbsp; </p>\r\n"
                       "--b\r\nContent-Type: text/html\r\n\r\n<p>one<p>two\r\n--b--\r\n")
                .text,
            "one two");
  EXPECT_EQ(preview_of("Content-Type: image/png\r\n\r\nxyz").text, "");
}

TEST(PreviewText, SaysWhereItsBudgetEnded) {
  const std::string mail = "Content-Type: text/html\r\n\r\n<style>" + std::string(50'000, 'x') + "</style>text";
  PreviewLimits limits;
  EXPECT_TRUE(preview_of(mail, limits).is_whole);
  EXPECT_EQ(preview_of(mail, limits).text, "text");
  limits.octets = 10'000;
  EXPECT_FALSE(preview_of(mail, limits).is_whole);
}

}  // namespace
}  // namespace mailpod::message
