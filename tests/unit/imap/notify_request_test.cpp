#include "notify_request.hpp"

#include <gtest/gtest.h>

namespace mailpod::imap {
namespace {

using Of = EventGroup::Of;

std::optional<NotifyRequest> parse(std::string_view octets) {
  const Settings settings;
  const Dialect dialect{settings};
  text::Cursor in(octets);
  auto request = parse_notify(in, dialect);
  if (request.has_error() || !in.at_end()) return std::nullopt;
  return std::move(*request);
}

TEST(NotifyRequest, ReadsTheExampleOfTheRfc) {
  const auto request = parse(
      " set status (selected MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge) (subtree "
      "Lists "
      "MessageNew)");
  EXPECT_FALSE(request) << "which its own grammar does not allow";
  const auto meant = parse(
      " set status (selected (MessageNew (uid body.peek[header.fields (from to subject)]) MessageExpunge)) (subtree "
      "Lists (MessageNew MessageExpunge))");
  ASSERT_TRUE(meant);
  EXPECT_EQ(meant->status, NotifyRequest::Status::told);
  ASSERT_EQ(meant->groups.size(), 2U);
  EXPECT_EQ(meant->groups[0].items.size(), 2U);
  EXPECT_EQ(meant->groups[1].of, Of::subtree);
  EXPECT_EQ(meant->groups[1].names, std::vector<std::string>{"Lists"});
  EXPECT_EQ(meant->groups[1].events, unsigned{message_new | message_expunge});
}

TEST(NotifyRequest, ReadsEveryFilter) {
  const auto request = parse(
      " SET (inboxes NONE) (personal (MailboxName)) (subscribed (SubscriptionChange)) (subtree (a b) NONE) "
      "(mailboxes inbox NONE) (SELECTED-DELAYED NONE)");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->groups[3].names.size(), 2U);
  EXPECT_EQ(request->groups[4].names.front(), "INBOX");
  EXPECT_EQ(request->groups[5].of, Of::selected_delayed);
  EXPECT_TRUE(parse(" none")->groups.empty());
}

TEST(NotifyRequest, TellsUnsupportedEventsFromNonsense) {
  EXPECT_TRUE(parse(" SET (personal (AnnotationChange))")->unsupported);
  EXPECT_TRUE(parse(" SET (personal (MailboxName X-NEW))")->unsupported);
  EXPECT_FALSE(parse(" SET (personal (MailboxName))")->unsupported);
  for (const auto* octets :
       {"", " SET", " SET ", " SET STATUS", " SET ()", " SET (personal)", " SET (personal ())", " SET (personal NONE",
        " SET (subtree NONE)", " SET (mailboxes () NONE)", " SET (selected (MessageNew ( MessageExpunge))",
        " NONE NONE", " SETSTATUS (personal NONE)"}) {
    EXPECT_FALSE(parse(octets)) << octets;
  }
}

TEST(NotifyRequest, HasLimits) {
  std::string groups = " SET";
  for (int i = 0; i < 100; ++i) groups += " (personal NONE)";
  EXPECT_TRUE(parse(groups));
  EXPECT_FALSE(parse(groups + " (personal NONE)"));
  std::string names = " SET (mailboxes (a";
  for (int i = 0; i < 999; ++i) names += " a";
  EXPECT_TRUE(parse(names + ") NONE)"));
  EXPECT_FALSE(parse(names + " a) NONE)"));
}

}  // namespace
}  // namespace mailpod::imap
