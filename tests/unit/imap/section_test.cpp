#include "section.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

std::optional<Section> parse(std::string_view octets) {
  text::Cursor in(octets);
  SectionLimits limits;
  limits.header_fields = 3;
  auto section = parse_section(in, limits);
  if (section.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*section);
}

TEST(Section, IsRepeatedAsItWasAsked) {
  for (const auto* octets : {"[]", "[1]", "[1.2.3]", "[HEADER]", "[TEXT]", "[1.MIME]", "[4.2.HEADER]", "[1.TEXT]",
                             "[HEADER.FIELDS (Date From)]", "[2.HEADER.FIELDS.NOT (Received)]"}) {
    const auto section = parse(octets);
    ASSERT_TRUE(section.has_value()) << octets;
    std::string out;
    write_section(out, *section);
    EXPECT_EQ(out, octets);
  }
}

TEST(Section, ShowsOnlyWhereAPartBegins) {
  const auto section = parse("[TEXT]<100.20>");
  ASSERT_TRUE(section.has_value());
  EXPECT_EQ(section->partial->first, 100U);
  EXPECT_EQ(section->partial->count, 20U);
  std::string out;
  write_section(out, *section);
  EXPECT_EQ(out, "[TEXT]<100>");
}

TEST(Section, RefusesWhatIsNone) {
  for (const auto* octets : {"[", "[]x", "[0]", "[1.]", "[1.0]", "[.1]", "[MIME]", "[HEADERS]", "[HEADER.FIELDS]",
                             "[HEADER.FIELDS ()]", "[HEADER.FIELDS (a b c d)]", "[HEADER.FIELDS (a ]", "[]<1>",
                             "[]<1.0>", "[]<1.2", "[]<-1.2>", "[]<9223372036854775808.1>", "[1.TEXT.1]"}) {
    EXPECT_FALSE(parse(octets).has_value()) << octets;
  }
}

TEST(Section, RefusesPartsDeeperThanMessagesAre) {
  std::string deep = "[1";
  for (int i = 0; i < 10'000; ++i) deep += ".1";
  EXPECT_FALSE(parse(deep + "]").has_value());
}

TEST(Section, PicksHeaderFieldsWithTheirContinuations) {
  const std::string header = "From: a\r\nSubject: one\r\n two\r\nno field\r\nTO : b\r\n\r\n";
  Section section;
  section.fields = Section::Fields::only;
  section.names = {"subject", "to"};
  EXPECT_EQ(wanted_fields(header, section), "Subject: one\r\n two\r\nTO : b\r\n\r\n");
  section.fields = Section::Fields::all_but;
  EXPECT_EQ(wanted_fields(header, section), "From: a\r\nno field\r\n\r\n");
}

TEST(Section, AddsNoBlankLineThatIsNotThere) {
  Section section;
  section.fields = Section::Fields::only;
  section.names = {"a"};
  EXPECT_EQ(wanted_fields("a: 1", section), "a: 1");
  EXPECT_EQ(wanted_fields("b: 1\n\n", section), "\n");
  EXPECT_EQ(wanted_fields("", section), "");
}

}  // namespace
}  // namespace mailpod::imap
