#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> names(Vault& vault) {
  std::vector<std::string> all;
  for (const auto& mailbox : vault.state()->mailboxes) all.push_back(mailbox->name);
  return all;
}

struct Mailboxes : testing::Test {
  Mailboxes() : vault(house.open()) {
    for (const auto* standard : {"Archive", "Drafts", "Junk", "Sent", "Trash"}) {
      vault->unsubscribe_mailbox(standard).value();
      vault->delete_mailbox(standard).value();
    }
  }
  void reopen() { vault = house.open(); }
  Household house;
  std::unique_ptr<Vault> vault;
};

TEST_F(Mailboxes, StandInboxFirstThenByName) {
  for (const auto* name : {"b", "a", "Z"}) vault->create_mailbox(name, SpecialUse::none).value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "Z", "a", "b"));
  reopen();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "Z", "a", "b"));
}

TEST_F(Mailboxes, AreMadeWithTheNamesAboveThem) {
  vault->create_mailbox("a/b/c", SpecialUse::none).value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "a", "a/b", "a/b/c"));
  EXPECT_FALSE(vault->state()->find("a")->selectable);
  EXPECT_TRUE(vault->state()->find("a/b/c")->selectable);
  const auto none = vault->state()->find("a");
  EXPECT_EQ(vault->expunge(none->id, {}, Vault::Expunge::all).error(), Errc::no_such_mailbox);
}

TEST_F(Mailboxes, NameThatOnlyHadChildrenCanBecomeAMailbox) {
  vault->create_mailbox("a/b", SpecialUse::none).value();
  const auto id = vault->create_mailbox("a", SpecialUse::none).value();
  EXPECT_TRUE(vault->state()->find("a")->selectable);
  EXPECT_EQ(vault->state()->find("a")->id, id);
  EXPECT_EQ(vault->create_mailbox("a", SpecialUse::none).error(), Errc::mailbox_exists);
  reopen();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "a", "a/b"));
}

TEST_F(Mailboxes, RefuseNamesThatAreNone) {
  const std::string deep = [] {
    std::string name = "x";
    for (int i = 0; i < 40; ++i) name += "/x";
    return name;
  }();
  for (const std::string& name :
       {std::string(), std::string("/a"), std::string("a/"), std::string("a//b"), std::string("a\0b", 3),
        std::string("a\nb"), std::string("\xff\xfe"), std::string(2'000, 'x'), deep, std::string("a\x7f")}) {
    EXPECT_EQ(vault->create_mailbox(name, SpecialUse::none).error(), Errc::bad_mailbox_name) << base::printable(name);
  }
}

TEST_F(Mailboxes, NamesNeverBecomePaths) {
  for (const auto* name : {"..", "../../etc/passwd", "a/../b", "."})
    vault->create_mailbox(name, SpecialUse::none).value();
  for (const auto& path : house.disk->files()) {
    EXPECT_TRUE(path.starts_with("members/") || path.starts_with("/members/")) << path;
    EXPECT_EQ(path.find("passwd"), std::string::npos);
  }
}

TEST_F(Mailboxes, EqualAfterNormalisationAreTheSame) {
  vault->create_mailbox("caf\xc3\xa9", SpecialUse::none).value();
  EXPECT_EQ(vault->create_mailbox("cafe\xcc\x81", SpecialUse::none).error(), Errc::mailbox_exists);
  EXPECT_TRUE(vault->delete_mailbox("cafe\xcc\x81").has_value());
}

TEST_F(Mailboxes, InboxIsOneInEveryCase) {
  EXPECT_EQ(vault->create_mailbox("inbox", SpecialUse::none).error(), Errc::mailbox_exists);
  vault->create_mailbox("Inbox/child", SpecialUse::none).value();
  EXPECT_NE(vault->state()->find("INBOX/child"), nullptr);
  EXPECT_EQ(vault->delete_mailbox("iNBoX").error(), Errc::mailbox_not_deletable);
}

TEST_F(Mailboxes, DeletedOnesTakeTheirMessagesWithThem) {
  vault->create_mailbox("a", SpecialUse::none).value();
  house.append(*vault, mail("m"), "a");
  vault->delete_mailbox("a").value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX"));
  EXPECT_THAT(house.files_below("Maildir/cur"), IsEmpty());
  reopen();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX"));
  EXPECT_THAT(vault->check(), IsEmpty());
  EXPECT_EQ(vault->delete_mailbox("a").error(), Errc::no_such_mailbox);
}

TEST_F(Mailboxes, DeletedWithChildrenLeaveTheirName) {
  vault->create_mailbox("a", SpecialUse::none).value();
  vault->create_mailbox("a/b", SpecialUse::none).value();
  house.append(*vault, mail("m"), "a");
  vault->delete_mailbox("a").value();
  EXPECT_FALSE(vault->state()->find("a")->selectable);
  EXPECT_EQ(vault->state()->find("a")->count, 0U);
  EXPECT_EQ(vault->delete_mailbox("a").error(), Errc::mailbox_not_deletable);
  vault->delete_mailbox("a/b").value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX"));
}

TEST_F(Mailboxes, MadeAgainHaveAnotherUidValidity) {
  vault->create_mailbox("a", SpecialUse::none).value();
  const auto first = vault->state()->find("a")->uid_validity;
  vault->delete_mailbox("a").value();
  reopen();
  vault->create_mailbox("a", SpecialUse::none).value();
  EXPECT_GT(vault->state()->find("a")->uid_validity, first);
}

TEST_F(Mailboxes, AreRenamedWithTheirChildrenAndKeepTheirMessages) {
  vault->create_mailbox("a/b", SpecialUse::none).value();
  vault->create_mailbox("a/b/c", SpecialUse::none).value();
  house.append(*vault, mail("m"), "a/b");
  const auto before = vault->state()->find("a/b");
  vault->rename_mailbox("a/b", "x/y").value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "x", "x/y", "x/y/c"));
  EXPECT_EQ(vault->state()->find("x/y")->id, before->id);
  EXPECT_EQ(vault->state()->find("x/y")->uid_validity, before->uid_validity);
  reopen();
  EXPECT_THAT(house.read_all(*vault, "x/y"), ElementsAre(mail("m")));
}

TEST_F(Mailboxes, RefuseRenamesThatMakeNoSense) {
  vault->create_mailbox("a", SpecialUse::none).value();
  vault->create_mailbox("b", SpecialUse::none).value();
  EXPECT_EQ(vault->rename_mailbox("a", "b").error(), Errc::mailbox_exists);
  EXPECT_EQ(vault->rename_mailbox("a", "a/b").error(), Errc::bad_mailbox_name);
  EXPECT_EQ(vault->rename_mailbox("none", "c").error(), Errc::no_such_mailbox);
  EXPECT_EQ(vault->rename_mailbox("a", "inbox").error(), Errc::mailbox_exists);
}

TEST_F(Mailboxes, RenamedWithinTheirSuperiorKeepIt) {
  vault->create_mailbox("a/b", SpecialUse::none).value();
  vault->rename_mailbox("a/b", "a/c").value();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "a", "a/c"));
}

TEST_F(Mailboxes, RenamingInboxMovesItsMessagesOnly) {
  vault->create_mailbox("INBOX/child", SpecialUse::none).value();
  house.append(*vault, mail("m"), "INBOX", {FlagChange::How::add, Flags::seen, {"Work"}});
  house.append(*vault, mail("n"), "INBOX");
  vault->rename_mailbox("INBOX", "old mail").value();
  reopen();
  EXPECT_THAT(names(*vault), ElementsAre("INBOX", "INBOX/child", "old mail"));
  EXPECT_EQ(vault->state()->find("INBOX")->count, 0U);
  EXPECT_THAT(house.read_all(*vault, "old mail"), ElementsAre(mail("m"), mail("n")));
  EXPECT_THAT(vault->state()->find("old mail")->keywords, ElementsAre("Work"));
  EXPECT_EQ(house.append(*vault, mail("o")), Uid{3});
  EXPECT_THAT(vault->check(), IsEmpty());
}

TEST_F(Mailboxes, AreSubscribedAndUnsubscribed) {
  vault->create_mailbox("a", SpecialUse::none).value();
  EXPECT_FALSE(vault->state()->find("a")->subscribed);
  vault->subscribe_mailbox("a").value();
  vault->unsubscribe_mailbox("INBOX").value();
  EXPECT_EQ(vault->subscribe_mailbox("none").error(), Errc::no_such_mailbox);
  reopen();
  EXPECT_TRUE(vault->state()->find("a")->subscribed);
  EXPECT_FALSE(vault->state()->find("INBOX")->subscribed);
}

TEST_F(Mailboxes, AreNotMoreThanTheLimit) {
  house.settings.mailboxes = 4;
  reopen();
  vault->create_mailbox("a", SpecialUse::none).value();
  EXPECT_EQ(vault->create_mailbox("b/c/d", SpecialUse::none).error(), Errc::too_many_mailboxes);
  vault->create_mailbox("b/c", SpecialUse::none).value();
  EXPECT_EQ(vault->create_mailbox("e", SpecialUse::none).error(), Errc::too_many_mailboxes);
}

}  // namespace
}  // namespace mailpod::store::test
