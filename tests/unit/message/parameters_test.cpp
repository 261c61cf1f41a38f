#include "parameters.hpp"

#include <gtest/gtest.h>

namespace mailpod::message {
namespace {

std::vector<Parameter> parameters(std::string_view value, std::size_t max = 64) {
  Lexer lexer(value);
  return parse_parameters(lexer, max);
}

Parameter only(std::string_view value) {
  const auto all = parameters(value);
  EXPECT_EQ(all.size(), 1U) << value;
  return all.empty() ? Parameter{} : all.front();
}

TEST(Parameters, AreReadAsRfc2045WritesThem) {
  EXPECT_EQ(only("; charset=us-ascii (Plain text)").value, "us-ascii");
  EXPECT_EQ(only("; charset=\"us-ascii\"").value, "us-ascii");
  EXPECT_EQ(only(" ; CharSet =\r\n\tUS-ASCII").name, "charset");
  EXPECT_EQ(only("; name=\"a;b=\\\"c\\\".txt\"").value, "a;b=\"c\".txt");
}

TEST(Parameters, AreReadAsMailersWriteThem) {
  EXPECT_EQ(only("; name=My file.pdf").value, "My file.pdf");
  EXPECT_EQ(only("; boundary=----=_Part/1:2?").value, "----=_Part/1:2?");
  EXPECT_EQ(only("; name=\"unterminated").value, "unterminated");
  EXPECT_EQ(only(";;; =x; nothing; a=b;").value, "b");
  EXPECT_EQ(only("\r\n\tboundary=\"b\"").value, "b");
  EXPECT_EQ(parameters("; a=\"1\" b=2").size(), 2U);
}

TEST(Parameters, JoinContinuations) {  // RFC 2231 §3
  EXPECT_EQ(only("; access-type=URL").value, "URL");
  EXPECT_EQ(only(";\r\n URL*0=\"ftp://\";\r\n URL*1=\"cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar\"").value,
            "ftp://cs.utk.edu/pub/moore/bulk-mailer/bulk-mailer.tar");
  EXPECT_EQ(only("; t*2=c; t*0=a; t*1=b").value, "abc");
  EXPECT_EQ(only("; t*0=a; t*2=c").value, "a");
  EXPECT_TRUE(parameters("; t*1=a; t*01=b; t*x=c; t**=d").empty());
}

TEST(Parameters, KeepCharsetAndLanguage) {  // RFC 2231 §4, §4.1
  const Parameter title = only("; title*=us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A");
  EXPECT_EQ(title.value, "This is ***fun***");
  EXPECT_EQ(title.charset, "us-ascii");
  EXPECT_EQ(title.language, "en-us");
  EXPECT_EQ(title.shown_name(), "title*");
  EXPECT_EQ(title.shown_value(), "us-ascii'en-us'This%20is%20%2A%2A%2Afun%2A%2A%2A");
  const Parameter joined = only(
      ";\r\n title*0*=us-ascii'en'This%20is%20even%20more%20;\r\n title*1*=%2A%2A%2Afun%2A%2A%2A%20;\r\n"
      " title*2=\"isn't it!\"");
  EXPECT_EQ(joined.value, "This is even more ***fun*** isn't it!");
  EXPECT_TRUE(joined.extended);
}

TEST(Parameters, ShowNoCharsetOrLanguageThatCouldNotBeReadBack) {  // RFC 2231 §7
  constexpr const char* hostile[] = {"; a*0*=\"x; y*'en'b\"", "; a*=\"utf-8'e n'b\"", "; a*=\"u%41'(c)'b\"",
                                     "; a*=\xc3'\xa4'b"};
  for (const auto* value : hostile) {
    const Parameter parameter = only(value);
    EXPECT_EQ(parameter.value, "b") << value;
    EXPECT_EQ(only("; " + parameter.shown_name() + "=" + parameter.shown_value()), parameter) << value;
  }
}

TEST(Parameters, GiveTheirTextInUtf8) {
  EXPECT_EQ(only("; filename*=iso-8859-1''%E4%20b.txt").text(), "ä b.txt");
  EXPECT_EQ(only("; filename=\"=?utf-8?Q?=C3=A4=2Etxt?=\"").text(), "ä.txt");
  EXPECT_EQ(only("; filename*=no-such-charset''%C3%A4%FF").text(), "ä\xEF\xBF\xBD");
}

TEST(Parameters, PreferTheExtendedFormOfAName) {
  EXPECT_EQ(only("; filename=plain.txt; filename*=utf-8''%C3%A4.txt").value, "ä.txt");
  EXPECT_EQ(only("; a=1; a=2").value, "1");
}

TEST(Parameters, LeaveBrokenPercentsAlone) {
  EXPECT_EQ(only("; a*=utf-8''%4x%41%").value, "%4xA%");
  EXPECT_EQ(only("; a*=no quotes").value, "no quotes");
}

TEST(Parameters, StopAtTheirLimit) {
  std::string value;
  for (int i = 0; i < 100; ++i) value += "; p" + std::to_string(i) + "=v";
  EXPECT_EQ(parameters(value, 64).size(), 64U);
}

}  // namespace
}  // namespace mailpod::message
