#include <gtest/gtest.h>

#include <mailpod/queue/suppressions.hpp>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

class SuppressedSender : public testing::Test {
protected:
  SuppressedSender() { world.add_domain("far.example", far, "198.51.100.1"); }

  void suppress(const std::string& what, std::optional<std::chrono::microseconds> lasts = {}) {
    const auto now = world.clock.now();
    world.spool()
        .suppressions()
        .add({what, now, lasts ? std::optional(now + *lasts) : std::nullopt, "it is a secret why"})
        .value();
  }
  /// As `mailpod queue unsuppress` does.
  void unsuppress(const std::string& what) {
    const auto now = world.clock.now();
    world.spool().suppressions().remove(what, now).value();
    world.spool()
        .change(id, [&](Entry& entry) { entry.next_try = std::chrono::floor<std::chrono::seconds>(now); })
        .value();
    world.sender->look_at(id);
  }

  SendingWorld world;
  FarServer far;
  EntryId id;
};

TEST_F(SuppressedSender, ConnectsToNobodyUntilItMay) {
  suppress("far.example");
  id = world.put({"friend@FAR.example"});
  world.start();
  world.time.run_for(3h);
  EXPECT_TRUE(world.dialed().empty());
  const Entry waiting = world.show(id);
  EXPECT_GE(waiting.recipients[0].attempts, 5U) << "its timetable stands still";
  EXPECT_TRUE(waiting.recipients[0].last_reply.starts_with("451 4.7.0 ")) << waiting.recipients[0].last_reply;
  EXPECT_EQ(waiting.recipients[0].last_host, "");
  unsuppress("far.example");
  ASSERT_TRUE(world.until_empty(1min)) << "it is not due at once";
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SuppressedSender, KeepsWhatComesWhileItRuns) {
  world.start();
  suppress("far.example");
  id = world.put({"friend@far.example"});
  world.time.run_for(1h);
  EXPECT_TRUE(world.dialed().empty());
  EXPECT_EQ(world.spool().size(), 1U);
}

TEST_F(SuppressedSender, SendsToTheOtherRecipientsOfTheMessage) {
  FarServer other;
  world.add_domain("other.example", other, "198.51.100.2");
  suppress("friend@far.example");
  id = world.put({"friend@far.example", "colleague@far.example", "somebody@other.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return world.sender->figures().delivered == 2; }, 1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(far.mails[0].recipients, std::vector<std::string>{"colleague@far.example"});
  EXPECT_EQ(other.mails.size(), 1U);
  world.time.run_for(1h);
  EXPECT_EQ(world.show(id).recipients[0].state, RecipientState::pending);
  unsuppress("friend@far.example");
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 2U);
  EXPECT_EQ(far.mails[1].recipients, std::vector<std::string>{"friend@far.example"});
  EXPECT_EQ(other.mails.size(), 1U);
}

TEST_F(SuppressedSender, SendsAgainWithTheNextTryWhenTheTimeIsOver) {
  suppress("far.example", 2h);
  id = world.put({"friend@far.example"});
  const base::Time begin = world.clock.now();
  world.start();
  ASSERT_TRUE(world.until_empty(7h));
  EXPECT_EQ(far.mails.size(), 1U);
  EXPECT_GE(world.clock.now() - begin, 2h);
  EXPECT_LE(world.clock.now() - begin, 5h);
}

TEST_F(SuppressedSender, GivesBackWhatHasWaitedForTooLong) {
  suppress("far.example");
  world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until_empty(6 * 24h));
  EXPECT_TRUE(world.dialed().empty());
  ASSERT_EQ(world.returns.reports.size(), 2U) << "a warning, and the end";
  const std::string& report = world.returns.reports[1].octets;
  EXPECT_NE(report.find("Final-Recipient: rfc822; friend@far.example"), std::string::npos) << report;
  EXPECT_NE(report.find("4.7.0"), std::string::npos) << report;
  EXPECT_EQ(report.find("secret"), std::string::npos) << "the reason is for administrators";
}

TEST_F(SuppressedSender, KeepsWhatWaitsInLineForAConnection) {
  world.settings.connections_per_destination = 1;
  far.on_command = [&](const std::string& verb) {
    if (verb == "MAIL" && far.mails.empty()) suppress("second@far.example");
  };
  world.put({"first@far.example"});
  id = world.put({"second@far.example", "third@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return world.sender->figures().delivered == 2; }, 1min));
  world.time.run_for(1h);
  EXPECT_EQ(far.copies_for("second@far.example"), 0U);
  EXPECT_EQ(far.copies_for("third@far.example"), 1U);
  EXPECT_GE(world.show(id).recipients[0].attempts, 2U);
}

}  // namespace
}  // namespace mailpod::queue
