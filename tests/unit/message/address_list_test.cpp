#include <gtest/gtest.h>

#include <mailpod/message/header_values.hpp>

namespace mailpod::message {
namespace {

Address only(std::string_view value) {
  const AddressList list = parse_address_list(value);
  EXPECT_EQ(list.addresses.size(), 1U) << value;
  return list.addresses.empty() ? Address{} : list.addresses.front();
}

// RFC 5322 Appendix A.
TEST(AddressList, ReadsAMailboxWithDisplayName) {
  EXPECT_EQ(only("John Doe <jdoe@machine.example>"), (Address{"John Doe", "jdoe", "machine.example"}));
  EXPECT_TRUE(parse_address_list("John Doe <jdoe@machine.example>").well_formed);
}

TEST(AddressList, ReadsAQuotedDisplayNameWithADot) {
  EXPECT_EQ(only("\"Joe Q. Public\" <john.q.public@example.com>"),
            (Address{"Joe Q. Public", "john.q.public", "example.com"}));
}

TEST(AddressList, ReadsMailboxesWithAndWithoutBrackets) {
  const auto list = parse_address_list("Mary Smith <mary@x.test>, jdoe@example.org, Who? <one@y.test>");
  ASSERT_EQ(list.addresses.size(), 3U);
  EXPECT_EQ(list.addresses[0], (Address{"Mary Smith", "mary", "x.test"}));
  EXPECT_EQ(list.addresses[1], (Address{"", "jdoe", "example.org"}));
  EXPECT_EQ(list.addresses[2], (Address{"Who?", "one", "y.test"}));
  EXPECT_TRUE(list.well_formed);
}

TEST(AddressList, ReadsEscapedQuotesInADisplayName) {
  const auto list = parse_address_list("<boss@nil.test>, \"Giant; \\\"Big\\\" Box\" <sysservices@example.net>");
  ASSERT_EQ(list.addresses.size(), 2U);
  EXPECT_EQ(list.addresses[1].name, "Giant; \"Big\" Box");
  EXPECT_TRUE(list.well_formed);
}

TEST(AddressList, ReadsGroups) {
  const auto list = parse_address_list("A Group:Ed Jones <c@a.test>,joe@where.test,John <jdoe@one.test>;");
  ASSERT_EQ(list.addresses.size(), 3U);
  EXPECT_EQ(list.addresses[0].address(), "c@a.test");
  EXPECT_EQ(list.addresses[2].address(), "jdoe@one.test");
  EXPECT_TRUE(list.has_group);
  EXPECT_TRUE(list.well_formed);
}

TEST(AddressList, ReadsAnEmptyGroup) {
  const auto list = parse_address_list("Undisclosed recipients:;");
  EXPECT_TRUE(list.addresses.empty());
  EXPECT_TRUE(list.has_group);
  EXPECT_TRUE(list.well_formed);
}

TEST(AddressList, ReadsCommentsAndFoldingEverywhere) {
  EXPECT_EQ(only("Pete(A nice \\) chap) <pete(his account)@silly.test(his host)>"),
            (Address{"Pete", "pete", "silly.test"}));
  const auto list = parse_address_list(
      "A Group(Some people)\r\n     :Chris Jones <c@(Chris's host.)public.example>,\r\n"
      "         joe@example.org,\r\n  John <jdoe@one.test> (my dear friend); (the end of the group)");
  ASSERT_EQ(list.addresses.size(), 3U);
  EXPECT_EQ(list.addresses[0], (Address{"Chris Jones", "c", "public.example"}));
  EXPECT_EQ(list.addresses[2].address(), "jdoe@one.test");
  EXPECT_TRUE(list.well_formed);
  EXPECT_TRUE(parse_address_list("(Empty list)(start)Hidden recipients  :(nobody(that I know))  ;").addresses.empty());
}

TEST(AddressList, ReadsObsoleteForms) {
  EXPECT_EQ(only("Joe Q. Public <john.q.public@example.com>").name, "Joe Q. Public");
  const auto list = parse_address_list("Mary Smith <@node.test:mary@example.net>, , jdoe@test  . example");
  ASSERT_EQ(list.addresses.size(), 2U);
  EXPECT_EQ(list.addresses[0].address(), "mary@example.net");
  EXPECT_EQ(list.addresses[1].address(), "jdoe@test.example");
  EXPECT_TRUE(list.well_formed);
}

TEST(AddressList, TakesTheCommentBesideAnAddressAsName) {
  EXPECT_EQ(only("jdoe@example.org (John Doe)"), (Address{"John Doe", "jdoe", "example.org"}));
}

TEST(AddressList, DecodesDisplayNames) {
  EXPECT_EQ(only("=?utf-8?Q?J=C3=BCrgen?= =?utf-8?Q?_M?= <j@example.org>").name, "Jürgen M");
  EXPECT_EQ(only("Jürgen <j@example.org>"), (Address{"Jürgen", "j", "example.org"}));
}

TEST(AddressList, KeepsControlsOutOfDecodedNames) {
  EXPECT_EQ(only("=?utf-8?Q?a=0D=0ABcc=3A_x?= <j@example.org>").name, "a  Bcc: x");
}

TEST(AddressList, ReadsQuotedLocalPartsAndLiterals) {
  EXPECT_EQ(only("\"a b\"@example.org"), (Address{"", "a b", "example.org"}));
  EXPECT_EQ(only("\"a b\"@example.org").address(), "\"a b\"@example.org");
  EXPECT_EQ(only("x@[IPv6:2001:db8::1]").host, "[IPv6:2001:db8::1]");
  EXPECT_EQ(only("\"a\\\"b\"@example.org").address(), "\"a\\\"b\"@example.org");
  EXPECT_EQ(only("\"plain\"@example.org").address(), "plain@example.org");
}

TEST(AddressList, TakesTheBracketedAddressBesideAnUnquotedOne) {
  const auto list = parse_address_list("ceo@bank.example <mallory@evil.example>");
  ASSERT_EQ(list.addresses.size(), 1U);
  EXPECT_EQ(list.addresses[0], (Address{"ceo@bank.example", "mallory", "evil.example"}));
  EXPECT_FALSE(list.well_formed);
}

TEST(AddressList, SaysWhatIsNotWellFormed) {
  for (const std::string_view value : {
           "",         "plain words", "a@",   "@b",   "a@b@c",  "a@b c@d",        "<a@b> <c@d>",       "a..b@c",
           ".a@b",     "a.@b",        "a@b.", "a@.b", "a b@c",  "\"unterminated", "(unterminated a@b", "<a@b",
           "x:y:z@w;", "Group: a@b",  "a@b;", "<>",   "a@b\\c", "a@b, c",         "\xff@b.example",
       }) {
    if (value.empty()) continue;
    EXPECT_FALSE(parse_address_list(value).well_formed) << value;
  }
  EXPECT_FALSE(parse_address_list(std::string_view("a\0b@c.example", 13)).well_formed);
}

TEST(AddressList, GoesOnBehindAMalformedElement) {
  const auto list = parse_address_list("junk < > junk, a@b.example, \"x, c@d.example");
  ASSERT_EQ(list.addresses.size(), 1U);
  EXPECT_EQ(list.addresses[0].address(), "a@b.example");
}

TEST(AddressList, StopsAtItsLimit) {
  std::string value;
  for (int i = 0; i < 50; ++i) value += "a@b.example,";
  EXPECT_EQ(parse_address_list(value, 10).addresses.size(), 10U);
  EXPECT_TRUE(parse_address_list(value, 10).truncated);
  EXPECT_FALSE(parse_address_list(value, 50).truncated);
}

TEST(EnvelopeAddresses, KeepRoutesAndGroupMarkers) {
  const auto list = parse_envelope_addresses("G: =?utf-8?Q?x?= <@r.test,@s.test:a@b.test>; nobody");
  ASSERT_EQ(list.size(), 4U);
  EXPECT_EQ(list[0], (EnvelopeAddress{.name = {}, .adl = {}, .mailbox = "G", .host = {}}));
  EXPECT_TRUE(list[0].starts_group());
  EXPECT_EQ(list[1],
            (EnvelopeAddress{.name = "=?utf-8?Q?x?=", .adl = "@r.test,@s.test", .mailbox = "a", .host = "b.test"}));
  EXPECT_TRUE(list[2].ends_group());
  EXPECT_EQ(list[3], (EnvelopeAddress{.name = {}, .adl = {}, .mailbox = "nobody", .host = ""}));
}

TEST(EnvelopeAddresses, EndAnUnterminatedGroup) {
  const auto list = parse_envelope_addresses("G: a@b.test");
  ASSERT_EQ(list.size(), 3U);
  EXPECT_TRUE(list.back().ends_group());
}

TEST(MessageIds, AreFoundWhereverTheyStand) {
  EXPECT_EQ(parse_message_ids("<1@a> text <2@\r\n b>, <<3@c> <"), (std::vector<std::string>{"1@a", "2@b", "3@c"}));
  EXPECT_EQ(parse_message_ids("<1@a><2@b><3@c>", 2).size(), 2U);
}

TEST(HeaderValue, IsUnfoldedAndDecoded) {
  EXPECT_EQ(decode_header_value(" a\r\n b =?iso-8859-1?Q?=E4?=\r\n\t=?utf-8?B?w6Q=?= "), "a b ää");
}

}  // namespace
}  // namespace mailpod::message
