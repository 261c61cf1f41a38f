#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/store/delivery_place.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::ElementsAre;
using testing::IsNull;
using testing::Pair;
using testing::Pointee;

struct AnnotationsOf : testing::Test {
  AnnotationsOf() : vault(house.open()) { vault->create_mailbox("a", SpecialUse::none).value(); }
  void reopen() {
    vault->close();
    vault = house.open();
  }
  Status set(std::string_view mailbox, const std::string& entry, std::optional<std::string> value) {
    const std::vector<Vault::Annotation> one{{entry, std::move(value)}};
    return vault->annotate(mailbox, one);
  }
  auto of(std::string_view mailbox) { return vault->state()->find(mailbox)->annotations; }
  auto subscribed_names() { return vault->state()->subscribed_names; }

  Household house;
  std::unique_ptr<Vault> vault;
};

TEST_F(AnnotationsOf, AMailboxAndOfTheVaultAreKept) {
  const std::string octets("with\0nul", 8);
  set("a", "/private/comment", octets).value();
  set("", "/private/comment", "of the vault").value();
  for (int opening = 0; opening < 3; ++opening) {
    EXPECT_THAT(of("a"), Pointee(ElementsAre(Pair("/private/comment", octets))));
    EXPECT_THAT(of("INBOX"), IsNull());
    EXPECT_THAT(vault->state()->annotations, Pointee(ElementsAre(Pair("/private/comment", "of the vault"))));
    if (opening == 1) vault->compact();
    reopen();
  }
  EXPECT_THAT(vault->check(), ElementsAre());
  set("a", "/private/comment", std::nullopt).value();
  set("", "/private/comment", std::nullopt).value();
  EXPECT_THAT(of("a"), IsNull());
  EXPECT_THAT(vault->state()->annotations, IsNull());
  reopen();
  EXPECT_THAT(of("a"), IsNull());
}

TEST_F(AnnotationsOf, AMailboxMayBeItsSpecialUseWhichIsKeptWithTheMailbox) {
  const auto use_of = [&](std::string_view mailbox) { return vault->state()->find(mailbox)->special_use; };
  set("a", "/private/specialuse", "\\Archive").value();
  for (int opening = 0; opening < 3; ++opening) {
    EXPECT_EQ(use_of("a"), SpecialUse::archive);
    EXPECT_THAT(of("a"), IsNull());
    if (opening == 1) vault->compact();
    reopen();
  }
  set("Drafts", "/private/specialuse", std::nullopt).value();
  EXPECT_EQ(use_of("Drafts"), SpecialUse::none);
  set("", "/private/specialuse", "what the server is for").value();
  EXPECT_THAT(vault->state()->annotations, Pointee(ElementsAre(Pair("/private/specialuse", "what the server is for"))));
}

TEST_F(AnnotationsOf, WhereDeliveriesGoFollowsFromTheUseForJunk) {
  const auto places = [&] { return delivery_places(*vault->state()); };
  const auto id = [&](std::string_view mailbox) { return vault->state()->find(mailbox)->id; };
  EXPECT_THAT(places(), ElementsAre(id("INBOX"), id("Junk")));
  set("Junk", "/private/specialuse", std::nullopt).value();
  EXPECT_THAT(places(), ElementsAre(id("INBOX"), id("Junk")));  // by its name
  set("a", "/private/specialuse", "\\Junk").value();
  EXPECT_THAT(places(), ElementsAre(id("INBOX"), id("a")));
  vault->delete_mailbox("a").value();
  vault->delete_mailbox("Junk").value();
  EXPECT_THAT(places(), ElementsAre(id("INBOX")));
}

TEST_F(AnnotationsOf, AMailboxRaiseItsModSequence) {
  const auto mod_seq_of = [&](std::string_view mailbox) { return vault->state()->find(mailbox)->highest_mod_seq; };
  const auto before = mod_seq_of("a");
  const auto inbox = mod_seq_of("INBOX");
  set("a", "/private/comment", "x").value();
  const auto set_at = mod_seq_of("a");
  EXPECT_GT(set_at, before);
  set("", "/private/comment", "of the vault").value();
  EXPECT_EQ(mod_seq_of("a"), set_at);
  set("a", "/private/comment", std::nullopt).value();
  const auto gone_at = mod_seq_of("a");
  EXPECT_GT(gone_at, set_at);
  EXPECT_EQ(mod_seq_of("INBOX"), inbox);
  reopen();
  EXPECT_GE(mod_seq_of("a"), gone_at);
}

TEST_F(AnnotationsOf, AMailboxFollowItsNameAndEndWithIt) {
  set("a", "/shared/comment", "x").value();
  vault->rename_mailbox("a", "b").value();
  EXPECT_THAT(of("b"), Pointee(ElementsAre(Pair("/shared/comment", "x"))));
  reopen();
  vault->delete_mailbox("b").value();
  vault->create_mailbox("b", SpecialUse::none).value();
  EXPECT_THAT(of("b"), IsNull());
  reopen();
  EXPECT_THAT(of("b"), IsNull());
}

TEST_F(AnnotationsOf, InboxAreCopiedWhenItIsRenamed) {
  set("INBOX", "/private/comment", "both").value();
  vault->rename_mailbox("INBOX", "old").value();
  reopen();
  EXPECT_THAT(of("INBOX"), Pointee(ElementsAre(Pair("/private/comment", "both"))));
  EXPECT_THAT(of("old"), Pointee(ElementsAre(Pair("/private/comment", "both"))));
}

TEST_F(AnnotationsOf, InboxAreNotCopiedBeyondWhatAVaultMayHold) {
  house.settings.annotations_octets = 3500;
  reopen();
  set("INBOX", "/private/comment", std::string(1500, 'x')).value();
  vault->rename_mailbox("INBOX", "old").value();
  EXPECT_EQ(vault->rename_mailbox("INBOX", "older").error(), Errc::over_quota);
  EXPECT_EQ(vault->state()->find("older"), nullptr);
  set("INBOX", "/private/comment", std::nullopt).value();
  EXPECT_TRUE(vault->rename_mailbox("INBOX", "older").has_value());
}

TEST_F(AnnotationsOf, AnOlderStateAreNotChanged) {
  set("a", "/private/comment", "x").value();
  const auto before = vault->state();
  set("a", "/private/comment", "y").value();
  EXPECT_THAT(before->find("a")->annotations, Pointee(ElementsAre(Pair("/private/comment", "x"))));
}

TEST_F(AnnotationsOf, AMailboxHaveLimits) {
  house.settings.annotation_octets = 1024;
  house.settings.annotations = 2;
  house.settings.annotations_octets = 3500;
  reopen();
  EXPECT_EQ(set("a", "/private/x", std::string(1025, 'x')).error(), Errc::annotation_too_big);
  EXPECT_EQ(set("none", "/private/x", "x").error(), Errc::no_such_mailbox);
  const std::vector<Vault::Annotation> three{{"/private/1", "1"}, {"/private/2", "2"}, {"/private/3", "3"}};
  EXPECT_EQ(vault->annotate("a", three).error(), Errc::too_many_annotations);
  EXPECT_THAT(of("a"), IsNull());
  const std::string value(1024, 'v');
  set("a", "/private/1", value).value();
  set("a", "/private/2", value).value();
  EXPECT_EQ(set("a", "/private/3", "x").error(), Errc::too_many_annotations);
  set("a", "/private/2", "other").value();
  set("INBOX", "/private/1", value).value();
  EXPECT_EQ(set("INBOX", "/private/2", value).error(), Errc::over_quota);
  set("a", "/private/1", std::nullopt).value();
  EXPECT_TRUE(set("INBOX", "/private/2", value).has_value());
}

TEST_F(AnnotationsOf, AFailingDiskLeavesThemAsTheyWere) {
  set("a", "/private/comment", "x").value();
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  EXPECT_THROW(set("a", "/private/comment", "y").value(), std::system_error);
  house.disk->heal();
  EXPECT_THAT(of("a"), Pointee(ElementsAre(Pair("/private/comment", "x"))));
  set("a", "/private/comment", "z").value();
  reopen();
  EXPECT_THAT(of("a"), Pointee(ElementsAre(Pair("/private/comment", "z"))));
}

TEST_F(AnnotationsOf, SubscriptionsOutliveTheirMailbox) {
  vault->subscribe_mailbox("a").value();
  vault->delete_mailbox("a").value();
  EXPECT_THAT(subscribed_names(), Pointee(ElementsAre("a")));
  reopen();
  vault->compact();
  EXPECT_THAT(subscribed_names(), Pointee(ElementsAre("a")));
  EXPECT_TRUE(vault->subscribe_mailbox("a").has_value());
  vault->create_mailbox("a/b", SpecialUse::none).value();
  EXPECT_TRUE(vault->state()->find("a")->subscribed);
  EXPECT_THAT(subscribed_names(), IsNull());
  vault->create_mailbox("a", SpecialUse::none).value();
  EXPECT_TRUE(vault->state()->find("a")->subscribed);
  vault->delete_mailbox("a").value();
  EXPECT_TRUE(vault->state()->find("a")->subscribed);
  vault->delete_mailbox("a/b").value();
  EXPECT_THAT(subscribed_names(), Pointee(ElementsAre("a")));
  vault->unsubscribe_mailbox("a").value();
  EXPECT_THAT(subscribed_names(), IsNull());
  EXPECT_TRUE(vault->unsubscribe_mailbox("a").has_value());
}

TEST_F(AnnotationsOf, SubscriptionsOfNamesWithoutMailboxTakeMailboxesRoom) {
  house.settings.mailboxes = 20;
  reopen();
  const auto make_and_leave = [&](int number) {
    const auto name = "passing " + std::to_string(number);
    const auto made = vault->create_mailbox(name, SpecialUse::none);
    if (made.has_error()) return made.error();
    vault->subscribe_mailbox(name).value();
    vault->delete_mailbox(name).value();
    return boost::system::error_code();
  };
  int made = 0;
  while (made < 30 && !make_and_leave(made)) ++made;
  EXPECT_EQ(make_and_leave(made), Errc::too_many_mailboxes);
  EXPECT_EQ(subscribed_names()->size() + vault->state()->mailboxes.size(), 20U);
  vault->unsubscribe_mailbox("passing 0").value();
  EXPECT_FALSE(make_and_leave(made));
}

TEST_F(AnnotationsOf, SubscriptionsGoAlongWithARename) {
  vault->subscribe_mailbox("a").value();
  vault->rename_mailbox("a", "b").value();
  EXPECT_TRUE(vault->state()->find("b")->subscribed);
  EXPECT_THAT(subscribed_names(), IsNull());
}

}  // namespace
}  // namespace mailpod::store::test
