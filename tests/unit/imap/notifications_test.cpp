#include "notifications.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace mailpod::imap {
namespace {

using store::MailboxState;
using store::VaultState;
using Vault = Notifications::Vault;

const Settings settings;
const Dialect dialect{settings};

/// A vault, one version after the other.
class Versions {
public:
  void make(const std::string& name) {
    MailboxState mailbox;
    mailbox.id = {static_cast<std::uint32_t>(++ids_)};
    mailbox.name = name;
    mailboxes_.push_back(std::make_shared<const MailboxState>(std::move(mailbox)));
  }
  template <class Change>
  void change(const std::string& name, Change change) {
    auto& mailbox = *std::ranges::find(mailboxes_, name, [](const auto& one) { return one->name; });
    auto changed = std::make_shared<MailboxState>(*mailbox);
    change(*changed);
    mailbox = std::move(changed);
  }
  void deliver(const std::string& name) {
    change(name, [](MailboxState& mailbox) {
      ++mailbox.uid_next.value;
      ++mailbox.count;
    });
  }
  void remove(const std::string& name) {
    std::erase_if(mailboxes_, [&](const auto& mailbox) { return mailbox->name == name; });
  }
  Vault publish() const {
    auto vault = std::make_shared<VaultState>();
    vault->mailboxes = mailboxes_;
    std::ranges::sort(vault->mailboxes, {},
                      [](const auto& mailbox) { return std::pair(mailbox->name != "INBOX", mailbox->name); });
    return vault;
  }

private:
  int ids_ = 0;
  std::vector<std::shared_ptr<const MailboxState>> mailboxes_;
};

EventGroup personal(unsigned events) {
  EventGroup group;
  group.of = EventGroup::Of::personal;
  group.events = events;
  return group;
}

std::string told(Notifications& notifications, const Vault& vault) {
  std::string out;
  EXPECT_TRUE(notifications.tell(out, vault, std::nullopt, dialect));
  return out;
}

TEST(Notifications, TellsEachChangeOnce) {
  Versions vault;
  for (const auto* name : {"INBOX", "a", "b", "c"}) vault.make(name);
  Notifications notifications({personal(message_new | message_expunge)}, vault.publish());
  EXPECT_EQ(told(notifications, vault.publish()), "");
  vault.deliver("b");
  vault.deliver("INBOX");
  EXPECT_EQ(told(notifications, vault.publish()),
            "* STATUS INBOX (MESSAGES 1 UIDNEXT 2)\r\n* STATUS b (MESSAGES 1 UIDNEXT 2)\r\n");
  EXPECT_EQ(told(notifications, vault.publish()), "");
}

TEST(Notifications, PassesOverTheClientsOwnChangeAndNoOther) {
  Versions vault;
  for (const auto* name : {"INBOX", "a", "b"}) vault.make(name);
  Notifications notifications({personal(message_new | message_expunge | mailbox_name)}, vault.publish());
  vault.deliver("a");  // by somebody else, not told yet
  const auto before = vault.publish();
  vault.deliver("a");
  vault.deliver("b");
  vault.make("own");
  const auto after = vault.publish();
  notifications.pass_over(before, after);
  EXPECT_EQ(told(notifications, after), "* STATUS a (MESSAGES 2 UIDNEXT 3)\r\n");
}

TEST(Notifications, TellsAUidValidityThatIsAnother) {
  Versions vault;
  for (const auto* name : {"INBOX", "a"}) vault.make(name);
  Notifications notifications({personal(message_events)}, vault.publish());
  vault.remove("a");
  vault.make("a");
  EXPECT_EQ(told(notifications, vault.publish()), "* STATUS a (MESSAGES 0 UIDNEXT 1 UIDVALIDITY 0)\r\n");
}

TEST(Notifications, TellsARenamedTreeByItsTop) {
  Versions vault;
  for (const auto* name : {"INBOX", "a", "a/b", "a/b/c"}) vault.make(name);
  Notifications notifications({personal(mailbox_name)}, vault.publish());
  for (const auto* name : {"a", "a/b", "a/b/c"}) {
    vault.change(name, [](MailboxState& mailbox) { mailbox.name.replace(0, 1, "z"); });
  }
  EXPECT_EQ(told(notifications, vault.publish()), "* LIST (\\HasChildren) \"/\" z (\"OLDNAME\" (a))\r\n");
}

TEST(Notifications, SaysThatItIsTooMuch) {
  Versions vault;
  vault.make("INBOX");
  Notifications notifications({personal(message_new | message_expunge)}, vault.publish());
  for (std::size_t i = 0; i <= settings.notifications; ++i) vault.make("a" + std::to_string(i));
  std::string out;
  EXPECT_FALSE(notifications.tell(out, vault.publish(), std::nullopt, dialect));
  EXPECT_EQ(out, "");
}

}  // namespace
}  // namespace mailpod::imap
