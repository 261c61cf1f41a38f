#include "message_url.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::optional<MessageUrl> parse(std::string_view url, std::string_view selected = "Lists/Old") {
  SectionLimits limits;
  limits.header_fields = 5;
  auto parsed = parse_message_url(url, selected, limits);
  return parsed.has_error() ? std::nullopt : std::optional(std::move(*parsed));
}

TEST(MessageUrl, NamesOctetsOfAMessage) {
  const auto url = parse("/Drafts;UIDVALIDITY=385759045/;UID=20/;section=1.2.MIME/;PARTIAL=3.10");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->mailbox, "Drafts");
  EXPECT_EQ(url->uid_validity, 385'759'045U);
  EXPECT_EQ(url->uid, 20U);
  EXPECT_EQ(url->section.part, (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(url->section.text, message::SectionText::mime);
  ASSERT_TRUE(url->partial.has_value());
  EXPECT_EQ(url->partial->first, 3U);
  EXPECT_EQ(url->partial->count, 10U);
}

TEST(MessageUrl, BeginsAtTheSelectedMailbox) {
  EXPECT_EQ(parse(";UID=7")->mailbox, std::nullopt);
  EXPECT_EQ(parse(";UID=7/;PARTIAL=5")->partial->count, std::nullopt);
  EXPECT_EQ(parse("New/;UID=7")->mailbox, "Lists/New");
  EXPECT_EQ(parse("/New/;UID=7")->mailbox, "New");
  EXPECT_EQ(parse("New/;UID=7", "Old")->mailbox, "New");
}

TEST(MessageUrl, SpellsMailboxesAsTheStoreDoes) {
  EXPECT_EQ(parse("/inbox/;UID=1")->mailbox, "INBOX");
  EXPECT_EQ(parse("/Entw%C3%BCrfe/a%20b/;UID=1")->mailbox, "Entwürfe/a b");
  EXPECT_EQ(parse("/a%3Bb/;UID=1")->mailbox, "a;b");
}

TEST(MessageUrl, TakesHeaderFields) {
  const auto url = parse("/x/;UID=1/;SECTION=HEADER.FIELDS%20(Date%20From)");
  ASSERT_TRUE(url.has_value());
  EXPECT_EQ(url->section.names, (std::vector<std::string>{"Date", "From"}));
}

TEST(MessageUrl, IsNoOther) {
  for (const auto* url : {"",
                          "/",
                          "/x",
                          "/x/",
                          "/x;UID=1",
                          "/x/;UID=0",
                          "/x/;UID=",
                          "/x/;UID=4294967296",
                          "//host/x/;UID=1",
                          "imap://host/x/;UID=1",
                          "imap:/x/;UID=1",
                          "/x/;UID=1/",
                          "/x/;UID=1;URLAUTH=anonymous",
                          "/x/;UID=1/;SECTION=",
                          "/x/;UID=1/;SECTION=1]",
                          "/x/;UID=1/;SECTION=1]%3C0.1%3E",
                          "/x/;UID=1/;SECTION=%5B",
                          "/x/;UID=1/;PARTIAL=",
                          "/x/;UID=1/;PARTIAL=1.0",
                          "/x/;UID=1?TEXT",
                          "/x%00/;UID=1",
                          "/x%/;UID=1",
                          "/x%f/;UID=1",
                          "/x%FF/;UID=1",
                          "/x;UIDVALIDITY=0/;UID=1",
                          "/x;UIDVALIDITY=1;UID=1",
                          "/x y/;UID=1",
                          "/x/;UID=1 ",
                          "//;UID=1",
                          "/x//;UID=1x"}) {
    EXPECT_FALSE(parse(url).has_value()) << url;
  }
}

TEST(MessageUrl, IsHarmlessInAResponseCode) {
  EXPECT_EQ(written_in_code("/a;UID=1"), "/a;UID=1");
  EXPECT_EQ(written_in_code("a]\r\n\"\\\xff b"), "a%5D%0D%0A%22%5C%FF%20b");
}

}  // namespace
}  // namespace mailpod::imap
