#include "list_request.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fmt/format.h>

namespace mailpod::imap {
namespace {

using testing::ElementsAre;

struct ListRequests : testing::Test {
  text::Parsed<ListRequest> parse(std::string_view octets) {
    text::Cursor in(octets);
    auto parsed = parse_list_request(in, dialect);
    if (parsed.has_value() && !in.at_end()) return in.error("the end");
    return parsed;
  }
  Settings settings;
  Dialect dialect{settings};
};

TEST_F(ListRequests, AreBasicOrExtendedByTheirSyntax) {
  EXPECT_FALSE(parse(R"( "" *)")->extended);
  EXPECT_TRUE(parse(R"( () "" *)")->extended);
  EXPECT_TRUE(parse(R"( "" (a))")->extended);
  EXPECT_TRUE(parse(R"( "" * RETURN ())")->extended);
  EXPECT_THAT(parse(R"( "ref" (a% "b*" INBOX))")->patterns, ElementsAre("a%", "b*", "INBOX"));
}

TEST_F(ListRequests, NameTheirOptionsInAnyOrderAndCase) {
  const auto list = parse(R"( (recursivematch Remote SUBSCRIBED special-use) "" * return (metadata (/PRIVATE/Comment) )"
                          R"(Status (MESSAGES unseen) MyRights subscribed children))")
                        .value();
  EXPECT_TRUE(list.selection.subscribed);
  EXPECT_TRUE(list.selection.recursive_match);
  EXPECT_TRUE(list.selection.special_use);
  EXPECT_TRUE(list.returned.subscribed);
  EXPECT_TRUE(list.returned.my_rights);
  EXPECT_EQ(list.returned.status.size(), 2U);
  EXPECT_THAT(list.returned.metadata, ElementsAre("/private/comment"));
}

TEST_F(ListRequests, AreRefusedWhereTheGrammarEnds) {
  for (const auto* octets :
       {"", " ", R"( "")", R"( "" )", R"( "" ())", R"( "" (a b)", R"( (SUBSCRIBED "" *)",
        R"( (SUBSCRIBED)"
        " *)",
        R"( (RECURSIVEMATCH) "" *)", R"( (REMOTE RECURSIVEMATCH) "" *)", R"( "" * RETURN)", R"( "" * RETURN (STATUS))",
        R"( "" * RETURN (STATUS ()))", R"( "" * RETURN (METADATA ()))", R"( "" * RETURN (METADATA (/other/x)))",
        R"( "" * RETURN (SUBSCRIBED )", R"( "" * (SUBSCRIBED))"}) {
    EXPECT_TRUE(parse(octets).has_error()) << octets;
  }
}

TEST_F(ListRequests, HaveLimits) {
  std::string patterns = "a";
  std::string options = "REMOTE";
  for (int i = 0; i < 40; ++i) {
    patterns += " a";
    options += " REMOTE";
  }
  EXPECT_TRUE(parse(fmt::format(" \"\" ({})", patterns)).has_error());
  EXPECT_TRUE(parse(fmt::format(" ({}) \"\" a", options)).has_error());
}

TEST_F(ListRequests, KnowRecentInOneDialectOnly) {
  EXPECT_TRUE(parse(R"( "" * RETURN (STATUS (RECENT)))").has_value());
  dialect.enabled.imap4rev2 = true;
  EXPECT_TRUE(parse(R"( "" * RETURN (STATUS (RECENT)))").has_error());
}

}  // namespace
}  // namespace mailpod::imap
