#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using Breaks = FarServer::Breaks;

/// A domain with two hosts, the second only for when the first cannot.
class TwoHosts : public testing::Test {
protected:
  TwoHosts() {
    world.add_domain("far.example", first, "198.51.100.1");
    world.add_mx("far.example", "mx2.far.example", 20);
    world.add_address("mx2.far.example", "198.51.100.2");
    second.listen(world.network, "198.51.100.2");
  }
  bool until_attempts(std::uint32_t attempts) {
    return world.until([&] { return world.show(id).recipients[0].attempts >= attempts; }, 48h);
  }
  void expect_next_host() {
    id = world.put({"friend@far.example"});
    world.start();
    ASSERT_TRUE(world.until_empty(5min));
    EXPECT_EQ(second.mails.size(), 1U);
    EXPECT_TRUE(first.mails.empty());
  }
  void expect_first_host_only() {
    id = world.put({"friend@far.example"});
    world.start();
    ASSERT_TRUE(until_attempts(1));
    EXPECT_EQ(second.sessions, 0U);
    EXPECT_EQ(world.show(id).recipients[0].last_host, "mx.far.example");
  }

  SendingWorld world;
  FarServer first, second;
  EntryId id;
};

TEST_F(TwoHosts, TheNextTakesOverFromOneThatIsAway) {
  world.network.take_away("198.51.100.1");
  expect_next_host();
}
TEST_F(TwoHosts, TheNextTakesOverFromOneThatRefusesConnections) {
  world.network.stop_listening({"198.51.100.1", 25});
  expect_next_host();
}
TEST_F(TwoHosts, TheNextTakesOverFromOneThatGreetsWithARefusal) {
  first.greeting = "554 5.3.2 no mail today";
  expect_next_host();
}
TEST_F(TwoHosts, TheNextTakesOverFromOneThatBreaksOffAtTheGreeting) {
  first.breaks = Breaks::on_connect;
  expect_next_host();
}
TEST_F(TwoHosts, TheNextTakesOverFromOneThatClosesAtMail) {
  first.mail_reply = "421 4.3.2 shutting down";
  expect_next_host();
}
TEST_F(TwoHosts, TheNextTakesOverFromOneThatBreaksBeforeItAnswersMail) {
  first.breaks = Breaks::at_mail;
  expect_next_host();
}

TEST_F(TwoHosts, TheNextIsNotAskedAfterAnAnswerToMail) {
  first.mail_reply = "451 4.7.1 greylisted";
  expect_first_host_only();
}
TEST_F(TwoHosts, TheNextIsNotAskedAfterARecipientWasRefused) {
  first.rcpt_replies["friend@far.example"] = "452 4.2.2 mailbox full";
  expect_first_host_only();
}
TEST_F(TwoHosts, TheNextIsNotAskedAfterTheMessageWasRefused) {
  first.last_reply = "451 4.3.0 no";
  expect_first_host_only();
}
TEST_F(TwoHosts, TheNextIsNotAskedWhileTheFirstMayHaveTheMessage) {
  first.breaks = Breaks::before_last_answer;
  expect_first_host_only();
  EXPECT_EQ(world.show(id).recipients[0].last_reply.substr(0, 24), "no answer to the message");
}

TEST_F(TwoHosts, ThatAreBothAwayLeaveTheLastTroubleBehind) {
  world.network.take_away("198.51.100.1");
  second.greeting = "421 4.3.2 down";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(1));
  const Recipient known = world.show(id).recipients[0];
  EXPECT_EQ(known.last_host, "mx2.far.example");
  EXPECT_EQ(known.last_reply, "421 4.3.2 down");
  EXPECT_EQ(known.state, RecipientState::pending);
}

TEST_F(TwoHosts, ThatDoNotKeepToSmtpAreToldHow) {
  first.greeting = "SSH-2.0-OpenSSH_9.2p1";
  second.rcpt_replies["friend@far.example"] = "150 wait";
  id = world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(until_attempts(1));
  EXPECT_TRUE(
      world.show(id).recipients[0].last_reply.starts_with("the connection broke: a reply with an unknown code"));
  second.greeting = "250_here";
  ASSERT_TRUE(until_attempts(2));
  EXPECT_TRUE(
      world.show(id).recipients[0].last_reply.starts_with("a reply whose code is followed by neither SP nor '-'"));
}

class OneHost : public testing::Test {
protected:
  OneHost() { world.add_domain("far.example", far, "198.51.100.1"); }
  void put_many(std::size_t count, const std::string& domain = "far.example") {
    for (std::size_t i = 0; i < count; ++i) world.put({"r" + std::to_string(i) + "@" + domain});
  }
  SendingWorld world;
  FarServer far;
};

TEST_F(OneHost, GetsAMessageOnceThoughItsConnectionBreaksBeforeTheMessageEnds) {
  for (const Breaks where : {Breaks::at_rcpt, Breaks::at_data, Breaks::within_message}) {
    far.breaks = where;
    far.mails.clear();
    const EntryId id = world.put({"friend@far.example"});
    if (!world.sender) world.start();
    ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 1min));
    EXPECT_TRUE(world.show(id).recipients[0].last_reply.starts_with("the connection broke"));
    far.breaks = Breaks::nowhere;
    ASSERT_TRUE(world.until_empty(1h));
    EXPECT_EQ(far.copies_for("friend@far.example"), 1U);
  }
}

TEST_F(OneHost, IsNotAskedAgainForARecipientItRefusedBeforeTheConnectionBroke) {
  far.rcpt_replies = {{"gone@far.example", "550 5.1.1 no such mailbox"}};
  far.breaks = Breaks::within_message;
  const EntryId id = world.put({"gone@far.example", "friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].told; }, 1min));
  EXPECT_EQ(world.show(id).recipients[0].last_reply, "550 5.1.1 no such mailbox");
  far.breaks = Breaks::nowhere;
  far.rcpt_replies.clear();
  ASSERT_TRUE(world.until_empty(1h));
  EXPECT_EQ(far.copies_for("gone@far.example"), 0U);
  EXPECT_EQ(far.copies_for("friend@far.example"), 1U);
}

TEST_F(OneHost, GetsAllThatWaitsOverOneConnection) {
  world.settings.connections_per_destination = 1;
  put_many(30);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.size(), 30U);
  EXPECT_EQ(far.sessions, 1U);
}

TEST_F(OneHost, GetsAMessageThatComesSoonOverTheConnectionThatRests) {
  put_many(1);
  world.start();
  ASSERT_TRUE(world.until_empty(10s));
  world.time.run_for(1s);
  put_many(1);
  ASSERT_TRUE(world.until_empty(10s));
  EXPECT_EQ(far.sessions, 1U);
  world.time.run_for(10s);
  EXPECT_EQ(far.open_sessions(), 0U) << "it does not rest for ever";
  EXPECT_EQ(far.verbs.back(), "QUIT");
}

TEST_F(OneHost, GetsNoMoreMessagesOverAConnectionThanIsPolite) {
  world.settings.connections_per_destination = 1;
  world.settings.messages_per_connection = 10;
  put_many(25);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.sessions, 3U);
}

TEST_F(OneHost, ThatTakesOneMessageAConnectionGetsThemAll) {
  far.mails_per_session = 1;
  put_many(12);
  world.start();
  ASSERT_TRUE(world.until_empty(1min)) << "none of them waits for the timetable";
  EXPECT_EQ(far.mails.size(), 12U);
}

TEST_F(OneHost, SeesNoMoreConnectionsThanItsShare) {
  put_many(60);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.size(), 60U);
  EXPECT_EQ(far.peak_sessions, world.settings.connections_per_destination);
}

TEST_F(OneHost, ThatBearsTwoConnectionsGetsAllOverTwo) {
  far.most_sessions = 2;
  put_many(60);
  world.start();
  ASSERT_TRUE(world.until_empty(1min)) << "none of them waits for the timetable";
  EXPECT_EQ(far.mails.size(), 60U);
  EXPECT_LE(far.sessions, 20U) << "and is not pestered";
}

TEST_F(OneHost, GetsAMessageForManyRecipientsInSeveral) {
  std::vector<std::string> recipients;
  for (int i = 0; i < 250; ++i) recipients.push_back("r" + std::to_string(i) + "@far.example");
  far.rcpt_replies["r7@far.example"] = "450 4.2.1 not now";
  world.put(recipients);
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 3; }, 1min));
  EXPECT_EQ(far.mails[0].recipients.size(), 99U);
  world.time.run_for(1min);
  EXPECT_EQ(far.mails.size(), 3U) << "the one that was deferred waits";
  far.rcpt_replies.clear();
  ASSERT_TRUE(world.until_empty(10min));
  for (const auto& recipient : recipients) EXPECT_EQ(far.copies_for(recipient), 1U) << recipient;
}

TEST_F(OneHost, ThatTakesFewRecipientsAMessageGetsTheOthersAtOnce) {
  far.most_recipients = 10;
  std::vector<std::string> recipients;
  for (int i = 0; i < 35; ++i) recipients.push_back("r" + std::to_string(i) + "@far.example");
  world.put(recipients);
  world.start();
  ASSERT_TRUE(world.until_empty(1min)) << "none of them waits for the timetable";
  EXPECT_EQ(far.mails.size(), 4U);
}

TEST_F(OneHost, ThatIsAwayIsDialedOnceForAllThatWaits) {
  world.network.take_away("198.51.100.1");
  put_many(50);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.deferred") == 50; }, 4min));
  EXPECT_LE(world.network.attempts().size(), 2U);
}

TEST_F(OneHost, GetsItsMailInClearWhereTheHandshakeFails) {
  far.offers.emplace_back("STARTTLS");
  world.network.weather.tls_fails = 100;
  put_many(1);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_FALSE(far.mails[0].secure);
  EXPECT_EQ(far.sessions, 2U) << "a fresh connection";
}

TEST_F(OneHost, GetsItsMailUnderTlsWhereItOffersIt) {
  far.offers.emplace_back("STARTTLS");
  put_many(1);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_TRUE(far.mails[0].secure);
}

TEST_F(OneHost, ThatIsSlowKeepsNobodyElseWaiting) {
  FarServer quick;
  world.add_domain("quick.example", quick, "198.51.100.2");
  far.silent_at = "DOT";
  world.settings.connections = 5;
  put_many(200);
  world.start();
  ASSERT_TRUE(world.until([&] { return far.open_sessions() == 4; }, 1min));
  put_many(20, "quick.example");
  ASSERT_TRUE(world.until([&] { return quick.mails.size() == 20; }, 1min));
}

TEST_F(OneHost, IsNotBotheredWithAnEntryThatIsHeldWhileItWaitsInLine) {
  world.settings.connections = 1;
  far.silent_at = "DOT";
  put_many(1);
  Entry entry = world.entry_to({"friend@far.example"});
  entry.next_try += 1s;
  const EntryId id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 1; }, 1min));
  world.time.run_for(5s);
  ASSERT_TRUE(world.spool().change(id, [](Entry& known) { known.held = true; }));
  world.sender->look_at(id);
  far.silent_at.clear();
  world.network.sever_all();
  ASSERT_TRUE(world.until([&] { return world.sender->figures().held == 1; }, 1min));
  EXPECT_EQ(far.copies_for("friend@far.example"), 0U);
  EXPECT_EQ(world.show(id).next_try, entry.next_try) << "it was not tried";
  ASSERT_TRUE(world.spool().change(id, [](Entry& known) { known.held = false; }));
  world.sender->look_at(id);
  ASSERT_TRUE(world.until([&] { return far.copies_for("friend@far.example") == 1; }, 1min));
}

TEST_F(OneHost, IsNotBlamedForAMessageThatWeCannotRead) {
  world.settings.connections = 1;
  Entry entry = world.entry_to({"friend@far.example"});
  entry.next_try -= 1s;
  const EntryId id = world.put_entry(entry);
  world.disk->open("/queue/" + id.str() + ".mail", base::Disk::Open::read_write)->write_at(3, "damage");
  put_many(3);
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 3; }, 1min)) << "the others need not wait";
}

TEST_F(OneHost, GivesUpItsRestingPlaceToWhomeverNeedsIt) {
  FarServer other;
  world.add_domain("other.example", other, "198.51.100.2");
  world.settings.connections = 1;
  world.settings.idle_connection = 1h;
  put_many(1);
  world.start();
  ASSERT_TRUE(world.until_empty(10s));
  put_many(1, "other.example");
  ASSERT_TRUE(world.until_empty(10s));
  EXPECT_EQ(other.mails.size(), 1U);
}

TEST_F(OneHost, GetsManyDomainsWithinTheTotalOfConnections) {
  world.settings.connections = 7;
  std::size_t peak = 0;
  far.on_command = [&](const std::string&) { peak = std::max(peak, far.open_sessions()); };
  for (int i = 0; i < 100; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    world.add_mx(domain, "mx.far.example");
    put_many(2, domain);
  }
  world.start();
  ASSERT_TRUE(world.until_empty(5min));
  EXPECT_EQ(far.mails.size(), 200U);
  EXPECT_LE(peak, 7U);
  EXPECT_GE(peak, 5U);
}

// ---- stopping

TEST_F(OneHost, IsLeftAtOnceWhenWeStop) {
  put_many(3);
  far.silent_at = "DATA";
  world.start();
  ASSERT_TRUE(world.until([&] { return std::ranges::count(far.verbs, "DATA") == 3; }, 1min));
  EXPECT_TRUE(world.stop(1s)) << "nobody waits for the server";
  EXPECT_EQ(world.spool().list().size(), 3U);
  for (const Summary& summary : world.spool().list()) {
    EXPECT_EQ(world.show(summary.id).recipients[0].attempts, 0U) << "that was no attempt";
  }
}

TEST_F(OneHost, IsGivenTimeToAnswerAMessageItHasGotWhenWeStop) {
  put_many(2);
  world.settings.connections_per_destination = 1;
  far.on_command = [&](const std::string& verb) {
    if (verb == "DOT") world.sender->stop();
  };
  world.start();
  ASSERT_TRUE(world.until([&] { return world.ended; }, 1min));
  EXPECT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(world.spool().list().size(), 1U) << "the answer is recorded, and no further message was begun";
}

TEST_F(OneHost, IsAbandonedWhenWeAbort) {
  put_many(1);
  far.silent_at = "DOT";
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 1; }, 1min));
  world.sender->stop();
  world.time.run_for(5min);
  EXPECT_FALSE(world.ended) << "it may still answer";
  world.sender->abort();
  EXPECT_TRUE(world.until([&] { return world.ended; }, 1s));
  EXPECT_EQ(world.spool().list().size(), 1U);
}

TEST_F(OneHost, IsNotDialedAnyMoreWhenWeStopWhileConnecting) {
  world.network.weather.silent = 100;
  put_many(1);
  world.start();
  ASSERT_TRUE(world.until(
      [&] { return world.network.attempts().size() == 1 || world.sender->figures().connections == 1; }, 1s));
  EXPECT_TRUE(world.stop(1s));
}

}  // namespace
}  // namespace mailpod::queue
