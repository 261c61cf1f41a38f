#include "path.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

text::Parsed<Mailbox> reverse(std::string_view octets) {
  text::Cursor in(octets);
  auto parsed = parse_reverse_path(in);
  if (parsed && !in.at_end()) return in.error("the end");
  return parsed;
}

text::Parsed<Mailbox> forward(std::string_view octets) {
  text::Cursor in(octets);
  auto parsed = parse_forward_path(in);
  if (parsed && !in.at_end()) return in.error("the end");
  return parsed;
}

TEST(Path, IsLocalPartAndDomainInLowerCase) {
  const auto path = reverse("<John.Doe+tag@Client.EXAMPLE>");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->local_part, "John.Doe+tag");
  EXPECT_EQ(path->domain, "client.example");
}

TEST(Path, OfBracketsAloneIsTheNullReversePathAndNoForwardPath) {
  const auto null = reverse("<>");
  ASSERT_TRUE(null);
  EXPECT_TRUE(null->empty());
  EXPECT_FALSE(forward("<>"));
}

TEST(Path, OfBarePostmasterHasNoDomain) {
  const auto path = forward("<POSTmaster>");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->local_part, "postmaster");
  EXPECT_TRUE(path->domain.empty());
  EXPECT_FALSE(reverse("<postmaster>"));
  EXPECT_EQ(forward("<postmaster@pod.lab>")->domain, "pod.lab");
  EXPECT_EQ(forward("<postmasters@pod.lab>")->local_part, "postmasters");
}

TEST(Path, ForgetsItsSourceRoute) {
  const auto path = forward("<@one.example,@two.example:alice@pod.lab>");
  ASSERT_TRUE(path);
  EXPECT_EQ(path->local_part, "alice");
  EXPECT_EQ(path->domain, "pod.lab");
}

TEST(Path, RefusesASourceRouteWithoutAMailbox) {
  for (const auto* text : {"<@one.example:>", "<@one.example>", "<@one.example,two.example:a@pod.lab>",
                           "<@one.example,:a@pod.lab>", "<@:a@pod.lab>", "<@[192.0.2.1]:a@pod.lab>"}) {
    EXPECT_FALSE(forward(text)) << text;
  }
}

TEST(Path, UnquotesItsLocalPart) {
  EXPECT_EQ(forward(R"(<"john doe"@pod.lab>)")->local_part, "john doe");
  EXPECT_EQ(forward(R"(<"a\"b\\c"@pod.lab>)")->local_part, R"(a"b\c)");
  EXPECT_EQ(forward(R"(<"al\ice"@pod.lab>)")->local_part, "alice");
  EXPECT_EQ(forward(R"(<"a@b"@pod.lab>)")->local_part, "a@b");
}

TEST(Path, RefusesWhatIsNoLocalPart) {
  for (const auto* text : {R"(<""@pod.lab>)", R"(<"a@pod.lab>)", R"(<"a\@pod.lab>)", "<.a@pod.lab>", "<a.@pod.lab>",
                           "<a..b@pod.lab>", "<a b@pod.lab>", "<@pod.lab>", "<a;b@pod.lab>", R"(<"a"b@pod.lab>)"}) {
    EXPECT_FALSE(forward(text)) << text;
  }
}

TEST(Path, RefusesWhatIsNoDomain) {
  for (const auto* text : {"<a@>", "<a@-b.example>", "<a@b-.example>", "<a@b..example>", "<a@b.example.>", "<a@b_c>",
                           "<a@b/c>", "<a@b c>", "<a@[>", "<a@[]>", "<a@[1.2.3.4>"}) {
    EXPECT_FALSE(forward(text)) << text;
  }
}

TEST(Path, KnowsAddressLiterals) {
  const auto path = forward("<a@[IPv6:2001:DB8::1]>");
  ASSERT_TRUE(path);
  EXPECT_TRUE(is_address_literal(*path));
  EXPECT_EQ(path->domain, "[ipv6:2001:db8::1]");
  EXPECT_FALSE(is_address_literal(*forward("<a@pod.lab>")));
}

TEST(Path, HasLimits) {
  const std::string local(64, 'a');
  EXPECT_TRUE(forward("<" + local + "@pod.lab>"));
  EXPECT_FALSE(forward("<" + local + "a@pod.lab>"));
  // Quoting does not count, the text it stands for does.
  std::string quoted = "\"";
  for (int i = 0; i < 64; ++i) quoted += "\\a";
  EXPECT_TRUE(forward("<" + quoted + "\"@pod.lab>"));
  EXPECT_FALSE(forward("<" + quoted + "a\"@pod.lab>"));

  EXPECT_TRUE(forward("<a@" + std::string(63, 'b') + ".lab>"));
  EXPECT_FALSE(forward("<a@" + std::string(64, 'b') + ".lab>"));
  std::string domain;
  while (domain.size() < 248) domain += "b.";
  EXPECT_TRUE(forward("<a@" + domain + "lab>"));
  EXPECT_TRUE(forward("<ab@" + domain + "lab>"));
  EXPECT_FALSE(forward("<abcd@" + domain + "lab>"));
}

TEST(Path, MayBeUtf8AndItsDomainIsAnALabel) {
  const auto path = forward(
      "<j\xc3\xbcrgen@B\xc3\x9c"
      "cher.Example>");
  ASSERT_TRUE(path);
  EXPECT_EQ(*path, (Mailbox{"j\xc3\xbcrgen", "xn--bcher-kva.example"}));
  EXPECT_EQ(forward("<\"a \xc3\xbc\"@pod.lab>")->local_part, "a \xc3\xbc");
  EXPECT_FALSE(forward("<a@\xc3\xbc_b.lab>"));
}

TEST(Path, RefusesControls) {
  EXPECT_FALSE(forward("<\"a\x01\"@pod.lab>"));
  EXPECT_FALSE(forward("<\"a\x7f\"@pod.lab>"));
}

TEST(Path, SaysWhatItExpectedAndWhere) {
  const auto path = forward("<alice>");
  ASSERT_FALSE(path);
  EXPECT_EQ(path.error().offset, 6U);
  EXPECT_EQ(path.error().expected, "'@' and a domain");
}

}  // namespace
}  // namespace mailpod::smtp
