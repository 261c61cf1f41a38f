#include "response.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::string string_of(std::string_view octets) {
  std::string out;
  write_string(out, octets);
  return out;
}

std::string astring_of(std::string_view octets) {
  std::string out;
  write_astring(out, octets);
  return out;
}

TEST(Response, QuotesWhatAQuotedStringMayHold) {
  EXPECT_EQ(string_of(""), "\"\"");
  EXPECT_EQ(string_of("a b"), "\"a b\"");
  EXPECT_EQ(string_of(R"(a"b\c)"), R"("a\"b\\c")");
  EXPECT_EQ(string_of("{5}"), "\"{5}\"");
}

TEST(Response, WritesALiteralForEverythingElse) {
  EXPECT_EQ(string_of("a\r\nb"), "{4}\r\na\r\nb");
  EXPECT_EQ(string_of("\xc3\xbc"), "{2}\r\n\xc3\xbc");
  EXPECT_EQ(string_of(std::string_view("a\0b", 3)), "{3}\r\na?b");
}

TEST(Response, NeverPutsEightBitOrLineEndsInQuotes) {
  for (int octet = 0; octet < 256; ++octet) {
    const auto out = string_of(std::string(1, static_cast<char>(octet)));
    const bool quoted = out.front() == '"';
    EXPECT_EQ(quoted, octet != 0 && octet != '\r' && octet != '\n' && octet < 0x80) << octet;
  }
}

TEST(Response, WritesAtomsWhereTheyCannotBeMistaken) {
  EXPECT_EQ(astring_of("INBOX"), "INBOX");
  EXPECT_EQ(astring_of("a]b"), "a]b");
  EXPECT_EQ(astring_of("nil"), "\"nil\"");
  EXPECT_EQ(astring_of("a b"), "\"a b\"");
  EXPECT_EQ(astring_of("a*"), "\"a*\"");
  EXPECT_EQ(astring_of("a\\"), "\"a\\\\\"");
}

TEST(Response, WritesNamesInModifiedUtf7) {
  std::string out;
  write_mailbox(out, "Entw\xc3\xbcrfe & mehr", {Settings()});
  EXPECT_EQ(out, "\"Entw&APw-rfe &- mehr\"");
}

TEST(Response, WritesNamesInUtf8WhereThatWasEnabled) {
  std::string out;
  write_mailbox(out, "Entw\xc3\xbcrfe", {Settings(), {.utf8_accept = true}});
  EXPECT_EQ(out, "\"Entw\xc3\xbcrfe\"");
}

TEST(Response, NeverPutsALineEndIntoAName) {
  for (const auto& enabled : {Enabled(), Enabled{.utf8_accept = true}}) {
    std::string out;
    write_mailbox(out, "a\r\n* BYE", {Settings(), enabled});
    EXPECT_EQ(out.find("\r\n*"), enabled.utf8_accept ? out.find("{8}\r\n") + 6 : std::string::npos) << out;
  }
}

TEST(Response, WritesFlagsInTheOrderOfTheRfc) {
  const std::vector<std::string> keywords{"$a", "b"};
  std::string out;
  write_flags(out, {store::Flags::seen | store::Flags::answered | 64U}, keywords);
  EXPECT_EQ(out, "(\\Answered \\Seen b)");
}

TEST(Response, WritesInternalDatesWithFixedWidth) {
  std::string out;
  write_internal_date(out, 760'686'745);
  EXPECT_EQ(out, "\" 8-Feb-1994 05:52:25 +0000\"");
  out.clear();
  write_internal_date(out, 4'294'967'295U);
  EXPECT_EQ(out, "\" 7-Feb-2106 06:28:15 +0000\"");
}

TEST(Response, JoinsUidsThatFollowEachOther) {
  const std::vector<store::Uid> uids{{304}, {319}, {320}, {321}, {400}};
  std::string out;
  write_uid_set(out, uids);
  EXPECT_EQ(out, "304,319:321,400");
}

}  // namespace
}  // namespace mailpod::imap
