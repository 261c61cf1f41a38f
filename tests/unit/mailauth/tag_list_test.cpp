#include <mailpod/mailauth/tag_list.hpp>

#include <gtest/gtest.h>

namespace mailpod::mailauth {
namespace {

std::string_view value(const text::Parsed<TagList>& list, std::string_view name) {
  const Tag* tag = list->find(name);
  return tag == nullptr ? "(none)" : tag->value;
}

TEST(TagList, OfARecordIsRead) {
  const auto list = TagList::parse("v=DKIM1; k=rsa;p = MIG fMA0 ;");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->tags().size(), 3U);
  EXPECT_EQ(value(list, "v"), "DKIM1");
  EXPECT_EQ(value(list, "k"), "rsa");
  EXPECT_EQ(value(list, "p"), "MIG fMA0");
  EXPECT_EQ(value(list, "V"), "(none)") << "names have a case";
}

TEST(TagList, IsFoldedAnywhereBetweenWords) {
  const auto list = TagList::parse("\r\n v\r\n\t=\r\n 1;h=a\r\n :b;\r\n b=AB\r\n CD\r\n ");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(value(list, "v"), "1");
  EXPECT_EQ(without_white_space(value(list, "h")), "a:b");
  EXPECT_EQ(without_white_space(value(list, "b")), "ABCD");
}

TEST(TagList, ValuesMayBeEmptyAndHoldEqualsSigns) {
  const auto list = TagList::parse("p=; n=a=b==");
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(value(list, "p"), "");
  EXPECT_EQ(value(list, "n"), "a=b==");
}

TEST(TagList, SaysWhereAValueStoodWithTheWhiteSpaceAroundIt) {
  const std::string_view octets = "v=1; b= AB\r\n CD ; d=x";
  const auto list = TagList::parse(octets);
  ASSERT_TRUE(list.has_value());
  const Tag& tag = *list->find("b");
  EXPECT_EQ(octets.substr(tag.begin, tag.end - tag.begin), " AB\r\n CD ");
}

TEST(TagList, ThatIsNoneIsRefused) {
  for (const char* octets : {"", " ", ";", "v", "v=1;;", "v=1; =2", "1=v", "v=1; v=2", "v=1\n k=2", "v=1;\r\nk=2",
                             "v=1\r\n", "v=\x01", "v=\xc3\xa4", "v w=1"}) {
    EXPECT_FALSE(TagList::parse(octets).has_value()) << octets;
  }
}

TEST(TagList, OfManyTagsOrOctetsIsRefused) {
  EXPECT_TRUE(TagList::parse("a=1;b=2", {.octets = 7, .tags = 2}).has_value());
  EXPECT_FALSE(TagList::parse("a=1;b=2", {.octets = 6, .tags = 2}).has_value());
  EXPECT_FALSE(TagList::parse("a=1;b=2", {.octets = 7, .tags = 1}).has_value());
}

/// The longest line.
std::size_t width(std::string_view field) {
  std::size_t longest = 0;
  while (!field.empty()) {
    const auto line = field.substr(0, field.find("\r\n"));
    longest = std::max(longest, line.size());
    field.remove_prefix(std::min(field.size(), line.size() + 2));
  }
  return longest;
}

TEST(TagListWriter, FoldsAt78OctetsAndIsReadBack) {
  for (std::size_t length = 0; length < 200; ++length) {
    const std::string word(length % 60 + 1, 'w');
    const std::string digits(length, 'A');
    const std::vector<std::string> names(length % 23 + 1, "content-transfer-encoding");
    TagListWriter writer("DKIM-Signature");
    writer.word("v", "1").word("d", word).colon_list("h", names).word("s", word).open("b").base64(digits);
    const std::string field = writer.take();
    EXPECT_LE(width(field), 78U) << field;
    EXPECT_EQ(field.find("\r\n\r\n"), std::string::npos);

    const auto list = TagList::parse(std::string_view(field).substr(field.find(':') + 1));
    ASSERT_TRUE(list.has_value()) << field;
    EXPECT_EQ(value(list, "d"), word);
    EXPECT_EQ(without_white_space(value(list, "h")).size(), names.size() * 26 - 1);
    EXPECT_EQ(without_white_space(value(list, "b")), digits);
  }
}

}  // namespace
}  // namespace mailpod::mailauth
