#include <mailpod/queue/sender.hpp>

#include <algorithm>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using Breaks = FarServer::Breaks;

class SenderTest : public testing::Test {
protected:
  SenderTest() { world.add_domain("far.example", far, "198.51.100.1"); }

  const Recipient& recipient(std::size_t place = 0) { return (shown = world.show(id)).recipients.at(place); }
  bool until_attempts(std::uint32_t attempts) {
    return world.until([&] { return world.show(id).recipients[0].attempts >= attempts; }, 48h);
  }

  SendingWorld world;
  FarServer far;
  EntryId id;
  Entry shown;
};

TEST_F(SenderTest, HandsAMessageOverAndForgetsIt) {
  world.put({"friend@far.example"}, "Subject: hello\r\n\r\n.a dot\r\n");
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(far.mails[0].reverse_path, "alice@pod.example");
  EXPECT_EQ(far.mails[0].recipients, std::vector<std::string>{"friend@far.example"});
  EXPECT_EQ(far.mails[0].octets, "Subject: hello\r\n\r\n.a dot\r\n");
  EXPECT_TRUE(world.returns.reports.empty());
  EXPECT_TRUE(world.disk->files().empty());
  EXPECT_EQ(world.sender->figures().delivered, 1U);
  EXPECT_EQ(world.log.count("queue.sent id="), 1U);
  EXPECT_EQ(world.log.count("@"), 0U) << "an address in the log";
}

TEST_F(SenderTest, TakesWhatComesWhileItRuns) {
  world.start();
  world.time.run_for(3h);
  world.put({"friend@far.example"});
  EXPECT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderTest, SendsOneCopyToAllRecipientsOfADomain) {
  world.put({"a@far.example", "b@FAR.example", "c@far.example"});
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(far.mails[0].recipients.size(), 3U);
}

TEST_F(SenderTest, SendsToDifferentDomainsInParallel) {
  FarServer slow;
  slow.silent_at = "DOT";
  world.add_domain("slow.example", slow, "198.51.100.2");
  id = world.put({"a@slow.example", "b@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return !far.mails.empty(); }, 10s));
  EXPECT_TRUE(world.until([&] { return recipient(1).state == RecipientState::delivered; }, 10s))
      << "what is known is written before the other ends";
  EXPECT_EQ(recipient(0).state, RecipientState::pending);
}

TEST_F(SenderTest, ReportsARecipientRefusedForGoodAndStillTriesTheOthers) {
  far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"}, {"later@far.example", "450 4.2.1 not now"}};
  id = world.put({"gone@far.example", "later@far.example", "friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return world.returns.reports.size() == 1; }, 1min));
  EXPECT_EQ(far.copies_for("friend@far.example"), 1U);
  const std::string& report = world.returns.reports[0].octets;
  EXPECT_EQ(world.returns.reports[0].member, SendingWorld::member);
  EXPECT_NE(report.find("Final-Recipient: rfc822; gone@far.example"), std::string::npos) << report;
  EXPECT_EQ(report.find("later@far.example"), std::string::npos) << report;
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].told; }, 1min));
  EXPECT_EQ(recipient(0).last_reply, "550 5.1.1 no such mailbox");
  EXPECT_EQ(recipient(0).last_host, "mx.far.example");
  EXPECT_EQ(recipient(1).last_reply, "450 4.2.1 not now");

  far.rcpt_replies.clear();
  ASSERT_TRUE(world.until_empty(10min));
  EXPECT_EQ(far.copies_for("later@far.example"), 1U);
  EXPECT_EQ(far.copies_for("friend@far.example"), 1U) << "a second copy";
  EXPECT_EQ(far.copies_for("gone@far.example"), 0U);
  EXPECT_EQ(world.returns.reports.size(), 1U) << "nobody is told twice";
}

TEST_F(SenderTest, FollowsTheTimetableWhileAServerRefusesForNow) {
  far.mail_reply = "451 4.7.1 greylisted";
  id = world.put({"friend@far.example"});
  const base::Time begin = world.clock.now();
  world.start();
  std::vector<std::chrono::seconds> at;
  for (std::uint32_t attempts = 1; attempts <= 9; ++attempts) {
    ASSERT_TRUE(until_attempts(attempts));
    at.push_back(std::chrono::duration_cast<std::chrono::seconds>(world.clock.now() - begin));
  }
  const std::vector<std::chrono::seconds> steps{5min, 10min, 20min, 40min, 1h, 2h, 4h, 4h};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const auto waited = at[i + 1] - at[i];
    EXPECT_GE(waited, steps[i] * 9 / 10 - 1s) << i;
    EXPECT_LE(waited, steps[i] * 11 / 10 + 1s) << i;
  }
  far.mail_reply = "250 ok";
  EXPECT_TRUE(world.until_empty());
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderTest, WarnsOnceAfterFourHoursAndGivesUpAfterFiveDays) {
  far.mail_reply = "451 4.7.1 never";
  id = world.put({"friend@far.example"});
  const base::Time begin = world.clock.now();
  world.start();
  ASSERT_TRUE(world.until([&] { return !world.returns.reports.empty(); }));
  EXPECT_GE(world.clock.now() - begin, 4h);
  EXPECT_LE(world.clock.now() - begin, 9h);
  EXPECT_NE(world.returns.reports[0].octets.find("Action: delayed"), std::string::npos);
  EXPECT_TRUE(world.show(id).delay_told);

  ASSERT_TRUE(world.until_empty(6 * 24h));
  EXPECT_GE(world.clock.now() - begin, 5 * 24h);
  EXPECT_LE(world.clock.now() - begin, 5 * 24h + 5h);
  ASSERT_EQ(world.returns.reports.size(), 2U);
  EXPECT_NE(world.returns.reports[1].octets.find("Action: failed"), std::string::npos);
  EXPECT_EQ(world.sender->figures().failed, 1U);
}

TEST_F(SenderTest, ReportsToNobodyWhereNobodyMayBeTold) {
  far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"}};
  Entry of_null = world.entry_to({"gone@far.example"});
  Entry from_outside = of_null;
  Entry quiet = of_null;
  of_null.reverse_path.clear();
  from_outside.submitter.reset();
  quiet.recipients[0].notify = Notify::never;
  for (const Entry& entry : {of_null, from_outside, quiet}) world.put_entry(entry);
  world.start();
  EXPECT_TRUE(world.until_empty(1min));
  EXPECT_TRUE(world.returns.reports.empty());
  EXPECT_EQ(world.log.count("queue.unreported"), 2U) << "the quiet one wanted it so";
  EXPECT_EQ(world.sender->figures().failed, 3U);
}

TEST_F(SenderTest, SendsTheNullReversePathAsSuch) {
  Entry entry = world.entry_to({"friend@far.example"});
  entry.reverse_path.clear();
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.at(0).reverse_path, "");
}

TEST_F(SenderTest, TellsOfSuccessWhoAskedForIt) {
  Entry entry = world.entry_to({"friend@far.example"});
  entry.recipients[0].notify = Notify::success;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(world.returns.reports.size(), 1U);
  EXPECT_NE(world.returns.reports[0].octets.find("Action: relayed"), std::string::npos);
}

TEST_F(SenderTest, LeavesItToAHostThatPromisesToTell) {
  far.offers.emplace_back("DSN");
  far.rcpt_replies["gone@far.example"] = "550 5.1.1 no";
  Entry entry = world.entry_to({"friend@far.example", "gone@far.example", "quiet@far.example"});
  entry.envelope_id = "QQ314159";
  entry.return_content = Return::headers;
  entry.recipients[0].notify = entry.recipients[1].notify = Notify::success | Notify::failure;
  entry.recipients[0].original_recipient = "rfc822;Friend@far.example";
  entry.recipients[2].notify = Notify::never;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_THAT(far.commands, testing::IsSupersetOf({"MAIL FROM:<alice@pod.example> RET=HDRS ENVID=QQ314159",
                                                   "RCPT TO:<friend@far.example> NOTIFY=SUCCESS,FAILURE "
                                                   "ORCPT=rfc822;Friend@far.example",
                                                   "RCPT TO:<quiet@far.example> NOTIFY=NEVER"}));
  ASSERT_EQ(world.returns.reports.size(), 1U) << "what it has not taken is ours to tell";
  EXPECT_EQ(world.returns.reports[0].octets.find("relayed"), std::string::npos);
  EXPECT_NE(world.returns.reports[0].octets.find("Action: failed"), std::string::npos);
}

TEST_F(SenderTest, SaysNothingOfARecipientOfWhomNobodyWantsToHear) {
  far.rcpt_replies["gone@far.example"] = "550 5.1.1 no";
  Entry entry = world.entry_to({"friend@far.example", "gone@far.example"});
  for (Recipient& recipient : entry.recipients) recipient.notify = Notify::never;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_TRUE(world.returns.reports.empty());
}

TEST_F(SenderTest, TellsOfWhatWasDoneBeforeItCameIntoTheQueue) {
  Entry entry = world.entry_to({"bob@pod.example", "all@pod.example", "dave@pod.example"});
  entry.recipients[0].state = entry.recipients[2].state = RecipientState::delivered;
  entry.recipients[1].state = RecipientState::expanded;
  entry.recipients[0].notify = entry.recipients[1].notify = Notify::success;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.sessions, 0U);
  ASSERT_EQ(world.returns.reports.size(), 1U);
  const std::string& report = world.returns.reports[0].octets;
  EXPECT_NE(report.find("bob@pod.example\r\nAction: delivered\r\nStatus: 2.0.0"), std::string::npos) << report;
  EXPECT_NE(report.find("all@pod.example\r\nAction: expanded\r\nStatus: 2.0.0"), std::string::npos) << report;
  EXPECT_EQ(report.find("dave"), std::string::npos);
}

TEST_F(SenderTest, DropsAFailureThatItsMemberCannotReceiveAnyMore) {
  world.returns.gone = true;
  far.last_reply = "554 5.6.0 no";
  world.put({"friend@far.example"});
  world.start();
  EXPECT_TRUE(world.until_empty(1min));
  EXPECT_EQ(world.log.count("queue.untold"), 1U);
}

TEST_F(SenderTest, TellsLaterWhatItCannotTellNow) {
  world.returns.fails = true;
  far.last_reply = "554 5.6.0 no";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.untold") == 3; }, 1h));
  EXPECT_EQ(recipient().state, RecipientState::failed);
  world.returns.fails = false;
  EXPECT_TRUE(world.until_empty(10min));
  EXPECT_EQ(world.returns.reports.size(), 1U);
  EXPECT_EQ(std::ranges::count(far.verbs, "MAIL"), 1) << "the message is not sent again";
}

TEST_F(SenderTest, DoesNotTouchAHeldEntryUntilItIsReleased) {
  Entry entry = world.entry_to({"friend@far.example"});
  entry.held = true;
  id = world.put_entry(entry);
  world.start();
  world.time.run_for(30 * 24h);
  EXPECT_EQ(far.sessions, 0U);
  EXPECT_EQ(world.sender->figures().held, 1U);
  EXPECT_EQ(world.sender->figures().waiting, 0U);
  ASSERT_TRUE(world.spool().change(id, [](Entry& known) { known.held = false; }));
  world.sender->look_at(id);
  EXPECT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderTest, StopsTryingAnEntryThatIsHeldDuringAnAttempt) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  far.on_command = [&](const std::string& verb) {
    if (verb != "MAIL") return;
    world.spool().change(id, [](Entry& entry) { entry.held = true; }).value();
    world.sender->look_at(id);
  };
  world.start();
  ASSERT_TRUE(until_attempts(1));
  world.time.run_for(24h);
  EXPECT_TRUE(world.show(id).held);
  EXPECT_EQ(recipient().attempts, 1U);
  EXPECT_EQ(recipient().last_reply, "451 4.3.0 later") << "both changes are there";
}

TEST_F(SenderTest, TriesAtOnceWhenAnAdministratorSaysSo) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(6));
  far.mail_reply = "250 ok";
  ASSERT_TRUE(world.spool().change(id, [&](Entry& entry) { entry.next_try = world.clock.now(); }));
  world.sender->look_at(id);
  EXPECT_TRUE(world.until_empty(10s));
}

TEST_F(SenderTest, TriesOnceMoreWhenAnAdministratorSaysSoDuringAnAttempt) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  bool asked = false;
  far.on_command = [&](const std::string& verb) {
    if (verb != "MAIL" || std::exchange(asked, true)) return;
    world.spool().change(id, [&](Entry& entry) { try_at_once(entry, world.clock.now()); }).value();
    world.sender->look_at(id);
  };
  world.start();
  EXPECT_TRUE(world.until([&] { return world.show(id).recipients.front().attempts == 2; }, 10s));
  world.time.run_for(20s);
  EXPECT_EQ(recipient().attempts, 2U) << "once, and then by the timetable";
}

TEST_F(SenderTest, HearsWhatAnAdministratorSaysWhileItReports) {
  far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"}, {"later@far.example", "450 4.2.1 not now"}};
  id = world.put({"gone@far.example", "later@far.example"});
  world.returns.fails = true;
  world.returns.on_give_back = [&] {
    world.returns.on_give_back = nullptr;
    far.rcpt_replies.erase("later@far.example");
    world.spool().change(id, [&](Entry& entry) { entry.next_try = world.clock.now(); }).value();
    world.sender->look_at(id);
  };
  world.start();
  EXPECT_TRUE(world.until([&] { return far.copies_for("later@far.example") == 1; }, 1min));
}

TEST_F(SenderTest, WaitsWithAnEntryWhoseTimeHasNotCome) {
  Entry entry = world.entry_to({"friend@far.example"});
  entry.next_try += 2h;
  world.start();
  world.put_entry(entry);
  world.time.run_for(2h - 1s);
  EXPECT_EQ(far.sessions, 0U);
  EXPECT_TRUE(world.until_empty(10s));
}

TEST_F(SenderTest, GoesByThePinnedRouteInsteadOfMx) {
  FarServer relay;
  relay.listen(world.network, "203.0.113.1", 2525);
  Entry entry = world.entry_to({"a@far.example", "b@elsewhere.example"});
  entry.pinned_route = "[203.0.113.1]:2525";
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.sessions, 0U);
  ASSERT_EQ(relay.mails.size(), 1U);
  EXPECT_EQ(relay.mails[0].recipients.size(), 2U);
}

TEST_F(SenderTest, TakesARouteThatIsSetWhileTheEntryWaits) {
  world.network.take_away("198.51.100.1");
  FarServer relay;
  relay.listen(world.network, "203.0.113.1");
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(2));
  ASSERT_TRUE(world.spool().change(id, [&](Entry& entry) {
    entry.pinned_route = "[203.0.113.1]";
    entry.next_try = world.clock.now();
  }));
  world.sender->look_at(id);
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(relay.mails.size(), 1U);
}

TEST_F(SenderTest, ForgetsAnEntryThatIsDroppedMeanwhile) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  far.on_command = [&](const std::string& verb) {
    if (verb == "MAIL") world.spool().drop(id).value();
  };
  world.start();
  ASSERT_TRUE(world.until([&] { return world.sender->figures().waiting == 0 && far.sessions > 0; }, 1min));
  world.time.run_for(24h);
  EXPECT_EQ(far.sessions, 1U);
  EXPECT_TRUE(world.returns.reports.empty());
}

TEST_F(SenderTest, LeavesADamagedEntryAloneAndSendsTheOthers) {
  id = world.put({"friend@far.example"});
  const EntryId good = world.put({"other@far.example"});
  const auto file = world.disk->open("/queue/" + id.str() + ".entry", base::Disk::Open::read_write);
  file->write_at(60, "damage");
  world.start();
  ASSERT_TRUE(world.until([&] { return !far.mails.empty(); }, 1min));
  world.time.run_for(10 * 24h);
  EXPECT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(world.spool().list().size(), 1U);
  EXPECT_EQ(world.spool().show(good).error(), Errc::no_such_entry);
  EXPECT_GE(world.log.count("queue.damaged id=" + id.str()), 1U);
}

TEST_F(SenderTest, BlamesItselfForAMessageThatItCannotReadAndSendsTheOthers) {
  id = world.put({"friend@far.example"});
  world.put({"other@far.example"});
  const auto file = world.disk->open("/queue/" + id.str() + ".mail", base::Disk::Open::read_write);
  file->write_at(3, "damage");
  world.start();
  ASSERT_TRUE(until_attempts(1));
  EXPECT_EQ(recipient().last_host, "");
  EXPECT_TRUE(recipient().last_reply.starts_with("451 4.3.0")) << recipient().last_reply;
  EXPECT_TRUE(world.until([&] { return far.copies_for("other@far.example") == 1; }, 1min));
  ASSERT_TRUE(world.until([&] { return world.spool().list().empty(); }, 6 * 24h)) << "given up like any other";
  EXPECT_EQ(world.returns.reports.size(), 2U) << "and reported, with what there is";
}

TEST_F(SenderTest, KeepsTryingThoughTheWallClockJumpsBack) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(3));
  world.clock.set(world.clock.now() - 10 * 365 * 24h);
  far.mail_reply = "250 ok";
  EXPECT_TRUE(world.until_empty(30min));
}

TEST_F(SenderTest, KeepsTryingAfterARestartWithAClockThatWasYearsAhead) {
  Entry entry = world.entry_to({"friend@far.example"});
  entry.next_try += 10 * 365 * 24h;
  world.put_entry(entry);
  world.start();
  EXPECT_TRUE(world.until_empty(5h));
}

TEST_F(SenderTest, GivesNothingUpBecauseTheWallClockJumpedForward) {
  far.mail_reply = "451 4.3.0 later";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(2));
  world.clock.set(world.clock.now() + 10 * 365 * 24h);
  ASSERT_TRUE(until_attempts(4));
  for (const auto& report : world.returns.reports) {
    EXPECT_EQ(report.octets.find("Action: failed"), std::string::npos);
  }
  far.mail_reply = "250 ok";
  EXPECT_TRUE(world.until_empty());
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderTest, RepeatsNoMessageThoughTheDiskIsFull) {
  id = world.put({"friend@far.example", "other@nowhere.example"});
  far.on_command = [&](const std::string& verb) {
    if (verb == "DOT") world.disk->fail_from_call(world.disk->calls() + 1, ENOSPC);
  };
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.unwritten") >= 3; }, 1h));
  EXPECT_EQ(far.mails.size(), 1U);
  world.disk->heal();
  ASSERT_TRUE(world.until_empty(1h));
  world.time.run_for(24h);
  EXPECT_EQ(far.mails.size(), 1U) << "a second copy";
}

}  // namespace
}  // namespace mailpod::queue
