#include "grammar.hpp"

#include <gtest/gtest.h>

#include <mailpod/store/mailbox.hpp>

namespace mailpod::imap {
namespace {

using text::Cursor;

template <class T>
std::optional<T> whole(text::Parsed<T> (*parse)(Cursor&), std::string_view octets) {
  Cursor in(octets);
  auto value = parse(in);
  if (value.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*value);
}

/// A mailbox name as RFC 3501 has it, or as the later dialects do.
std::optional<std::string> mailbox(std::string_view octets, Enabled enabled = {}) {
  const Settings settings;
  Cursor in(octets);
  auto name = parse_mailbox(in, {settings, enabled});
  if (name.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*name);
}

TEST(Grammar, ReadsAnAstringAsAtomQuotedOrLiteral) {
  EXPECT_EQ(whole(parse_astring, "INBOX"), "INBOX");
  EXPECT_EQ(whole(parse_astring, "a]b"), "a]b");
  EXPECT_EQ(whole(parse_astring, R"("a \"b\" \\")"), R"(a "b" \)");
  EXPECT_EQ(whole(parse_astring, "\"\""), "");
  EXPECT_EQ(whole(parse_astring, "{3}\r\na b"), "a b");
  EXPECT_EQ(whole(parse_astring, "{3+}\r\n\r\n\""), "\r\n\"");
}

TEST(Grammar, TakesEightBitOctetsInQuotesAsLaterClientsSendThem) {
  EXPECT_EQ(whole(parse_astring, "\"K\xc3\xb6ln\""), "K\xc3\xb6ln");
}

TEST(Grammar, RefusesAnAstringThatIsNone) {
  for (const auto* octets : {"", " ", "(", "%", "*", "\"a", "\"a\\b\"", "\"a\r\nb\"", "{4}\r\nabc", "{x}\r\nabc",
                             "{3}abc", "{99999999999}\r\nabc", "a\x80", "\\Seen"}) {
    EXPECT_FALSE(whole(parse_astring, octets).has_value()) << octets;
  }
}

TEST(Grammar, KnowsNilFromAStringThatSaysNil) {
  ASSERT_TRUE(whole(parse_nstring, "nil").has_value());
  EXPECT_FALSE(whole(parse_nstring, "nil")->has_value());
  EXPECT_EQ(whole(parse_nstring, "\"NIL\"").value(), "NIL");
  EXPECT_FALSE(whole(parse_nstring, "NILS").has_value());
}

TEST(Grammar, SpellsInboxInCapitalsAloneAndAsFirstLevel) {
  EXPECT_EQ(mailbox("iNbOx"), "INBOX");
  EXPECT_EQ(mailbox("inbox/sub"), "INBOX/sub");
  EXPECT_EQ(mailbox("inboxes"), "inboxes");
}

TEST(Grammar, ReadsModifiedUtf7AndComposesIt) {
  EXPECT_EQ(mailbox("Entw&APw-rfe"), "Entw\xc3\xbcrfe");
  // u and a combining diaeresis: the same name to a reader.
  EXPECT_EQ(mailbox("u&Awg-"), "\xc3\xbc");
  EXPECT_FALSE(mailbox("a&b").has_value());
  EXPECT_FALSE(mailbox("&AGE-").has_value());
}

TEST(Grammar, ReadsUtf8WhereItWasEnabled) {
  for (const Enabled enabled : {Enabled{.imap4rev2 = true}, Enabled{.utf8_accept = true}}) {
    EXPECT_EQ(mailbox("\"Entw\xc3\xbcrfe & mehr\"", enabled), "Entw\xc3\xbcrfe & mehr");
    EXPECT_FALSE(mailbox("\"Entw\xfcrfe\"", enabled).has_value());
  }
}

TEST(Grammar, ReadsFlags) {
  const auto flags = whole(parse_flag_list, R"((\seen \DELETED $Work \Unknown other))");
  ASSERT_TRUE(flags.has_value());
  EXPECT_EQ(flags->system, store::Flags::seen | store::Flags::deleted);
  EXPECT_EQ(flags->keywords, (std::vector<std::string>{"$Work", "other"}));
  EXPECT_TRUE(whole(parse_flag_list, "()").has_value());
  EXPECT_TRUE(whole(parse_store_flags, R"(\Seen $a)").has_value());
  for (const auto* octets : {R"((\Recent))", "( )", R"((\Seen)", R"((\))", R"((\Seen  \Draft))", "((a))", "(\"a\")"}) {
    EXPECT_FALSE(whole(parse_flag_list, octets).has_value()) << octets;
  }
}

TEST(Grammar, LimitsTheNumberOfFlags) {
  std::string many = "(a";
  for (int i = 0; i < 200; ++i) many += " a";
  EXPECT_FALSE(whole(parse_flag_list, many + ")").has_value());
}

TEST(Grammar, ReadsDates) {
  using namespace std::chrono;
  EXPECT_EQ(whole(parse_date, "1-Feb-1994"), sys_days(1994y / February / 1));
  EXPECT_EQ(whole(parse_date, "\"01-feb-1994\""), sys_days(1994y / February / 1));
  EXPECT_EQ(whole(parse_date, "29-Feb-2024"), sys_days(2024y / February / 29));
  for (const auto* octets :
       {"29-Feb-2023", "0-Jan-2020", "1-Foo-2020", "1-Jan-20", "1-Jan-2020\"", "\"1-Jan-2020", "Jan"}) {
    EXPECT_FALSE(whole(parse_date, octets).has_value()) << octets;
  }
}

TEST(Grammar, ReadsDateTimesWithTheirZone) {
  const auto time = whole(parse_date_time, "\" 7-Feb-1994 21:52:25 -0800\"");
  ASSERT_TRUE(time.has_value());
  EXPECT_EQ(base::to_seconds(*time), 760686745U);
  EXPECT_EQ(whole(parse_date_time, "\"08-Feb-1994 05:52:25 +0000\""), time);
  for (const auto* octets :
       {"\"7-Feb-1994 21:52:25 -0800\"", "\" 7-Feb-1994 24:00:00 +0000\"", "\" 7-Feb-1994 21:60:00 +0000\"",
        "\" 7-Feb-1994 21:52:25\"", "\" 7-Feb-1994 21:52:25 0000\"", "\" 7-Feb-1994 21:52:25 +9999\"",
        "\"31-Apr-1994 21:52:25 +0000\"", "\" 7-Feb-1994 21:52:25 +0000"}) {
    EXPECT_FALSE(whole(parse_date_time, octets).has_value()) << octets;
  }
}

TEST(Grammar, FindsTheLiteralAtTheEndOfALine) {
  const auto waiting = literal_mark_at_end("a1 LOGIN {5}");
  ASSERT_TRUE(waiting.has_value());
  EXPECT_EQ(waiting->octets, 5U);
  EXPECT_TRUE(waiting->synchronizing);
  EXPECT_EQ(waiting->begin, 9U);
  const auto sent = literal_mark_at_end("a1 LOGIN {310+}");
  ASSERT_TRUE(sent.has_value());
  EXPECT_FALSE(sent->synchronizing);
  EXPECT_EQ(literal_mark_at_end("{100000000000000000000}")->octets, std::numeric_limits<std::uint64_t>::max());
  for (const auto* line : {"", "}", "a}", "{}", "{x}", "{5", "{5}x", "{+}", "{5-}", "{-5}"}) {
    EXPECT_FALSE(literal_mark_at_end(line).has_value()) << line;
  }
}

}  // namespace
}  // namespace mailpod::imap
