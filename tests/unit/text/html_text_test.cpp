#include <mailpod/text/html_text.hpp>

#include <gtest/gtest.h>

namespace mailpod::text {
namespace {

std::string shown(std::string_view html) {
  HtmlText text;
  const auto out = text.feed(html);
  return out + text.finish();
}

TEST(HtmlText, LeavesTagsCommentsScriptsAndStylesOut) {
  EXPECT_EQ(shown("<!DOCTYPE html><html><head><title>Hello</title><style>p > b { color: red }</style></head>"
                  "<body onload=\"a > b\"><!-- not <b>this</b> -- nor > this --><p>all <i class='x>y'>of</i> you</p>"
                  "<script>if (a < b) document.write('</p>');</script ><?php echo 1 ?>end</body></html>"),
            "Hello all of you end");
  EXPECT_EQ(shown("a<!-->b<!--->c<!---->d"), "abcd");
}

TEST(HtmlText, PartsWordsWhereALineOrACellBegins) {
  EXPECT_EQ(shown("w<b>or</b>d<SPAN>s</SPAN>"), "words");
  EXPECT_EQ(shown("one<br>two<p>three</p>four<td>five</td><td>six</td><custom-element>seven"),
            "one two three four five six seven");
}

TEST(HtmlText, FoldsWhiteSpace) {
  EXPECT_EQ(shown("  good\r\n\t <b> morning</b>\n"), "good morning");
}

TEST(HtmlText, ResolvesReferences) {
  EXPECT_EQ(shown("caf&eacute; &amp;amp; &#8364;&#x20ac;&#128; &lt;b&gt; M&uuml;ller&nbsp;AG"),
            "café &amp; €€€ <b> Müller\xc2\xa0"
            "AG");
  EXPECT_EQ(shown("&eacute &copy2024 AT&T &unknown; &; & &#; &#xyz; &#0; &#xD800; &#1114112; &#99999999999;"),
            "é &copy2024 AT&T &unknown; &; & &#; &#xyz; � � � �");
  EXPECT_EQ(shown("ends with &eacute"), "ends with é");
  EXPECT_EQ(shown("ends with &"), "ends with &");
}

TEST(HtmlText, ReadsAnImagesAlternativeText) {
  EXPECT_EQ(shown("see<img src='x.png' alt=\"the > caf&eacute;\">here <img alt=plan><img src=y alt=''>."),
            "see the > café here plan .");
  EXPECT_EQ(shown("<p alt=no title=\"no\">yes"), "yes");
}

TEST(HtmlText, TakesWhatIsNoTagAsText) {
  EXPECT_EQ(shown("1 < 2, x<3, a<=b"), "1 < 2, x<3, a<=b");
  EXPECT_EQ(shown("cut off <a href=\"nothing"), "cut off");
  EXPECT_EQ(shown("cut off <"), "cut off <");
  EXPECT_EQ(shown("<script>never closed </scrip>t"), "");
  EXPECT_EQ(shown("<style>x</STYLE\n>y"), "y");
}

TEST(HtmlText, GivesTheSameInPiecesOfAnySize) {
  const std::string_view html =
      "<html><style>a{}</style><p>Gr&uuml;&szlig;e aus <b>K\xc3\xb6ln</b> &#x1F600; <img alt='a &lt; b'><!-- x --> "
      "AT&T</p>";
  for (std::size_t chunk = 1; chunk < 20; ++chunk) {
    std::string out;
    HtmlText text;
    for (std::size_t at = 0; at < html.size();) {
      // A piece may not end within a character.
      auto next = std::min(at + chunk, html.size());
      while (next < html.size() && (static_cast<unsigned char>(html[next]) & 0xc0) == 0x80) ++next;
      out += text.feed(html.substr(at, next - at));
      at = next;
    }
    EXPECT_EQ(out + text.finish(), shown(html)) << chunk;
  }
  EXPECT_EQ(shown(html), "Grüße aus Köln 😀 a < b AT&T");
}

TEST(HtmlText, KeepsNothingThatGrows) {
  std::string hostile = "<img alt=\"";
  hostile.append(1'000'000, 'x');
  hostile += "\">&" + std::string(1'000'000, 'a') + "<" + std::string(1'000'000, 'b') + ">";
  const auto text = shown(hostile);
  EXPECT_EQ(text.size(), 1'000 + 1 + 1 + 1'000'000U);
}

}  // namespace
}  // namespace mailpod::text
