#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sending_world.hpp"

/// What a message asks of the servers on its way, and what becomes of it where they do not offer it.
namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;

class SenderExtensions : public testing::Test {
protected:
  SenderExtensions() {
    world.add_domain("far.example", far, "198.51.100.1");
    entry = world.entry_to({"friend@far.example"});
  }

  /// Puts the entry and waits for its end.
  void send(const std::string& message = "Subject: hello\r\n\r\nworld\r\n") {
    world.put_entry(entry, message);
    world.start();
    ASSERT_TRUE(world.until_empty(5min));
  }
  std::string report() const { return world.returns.reports.empty() ? "" : world.returns.reports[0].octets; }

  SendingWorld world;
  FarServer far;
  Entry entry;
};

// ---- 8BITMIME, BINARYMIME

const std::string wide_message =
    "Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    "Content-Transfer-Encoding: 8bit\r\n\r\nna\xc3\xafve\r\n";

TEST_F(SenderExtensions, EightBitPartsAreEncodedForAServerThatTakesNone) {
  far.offers = {"PIPELINING"};
  entry.body = Body::eight_bit;
  send(wide_message);
  ASSERT_EQ(far.mails.size(), 1U) << report();
  EXPECT_EQ(far.mails[0].octets,
            "Subject: hello\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
            "Content-Transfer-Encoding: quoted-printable\r\n\r\nna=C3=AFve\r\n");
  EXPECT_THAT(far.commands, Contains("MAIL FROM:<alice@pod.example>"));
}

TEST_F(SenderExtensions, EightBitPartsAreLeftAsTheyAreWhereTheyAreTaken) {
  entry.body = Body::eight_bit;
  send(wide_message);
  ASSERT_EQ(far.mails.size(), 1U);
  EXPECT_EQ(far.mails[0].octets, wide_message);
}

TEST_F(SenderExtensions, WhatIsSignedAndCannotBeEncodedGoesBack) {
  far.offers.clear();
  send("MIME-Version: 1.0\r\nContent-Type: multipart/signed; boundary=b\r\n\r\n--b\r\n\r\nna\xc3\xafve\r\n--b--\r\n");
  EXPECT_TRUE(far.mails.empty());
  EXPECT_THAT(report(), HasSubstr("Status: 5.6.3"));
}

TEST_F(SenderExtensions, BinaryPartsBecomeLines) {
  entry.body = Body::binary;
  send("MIME-Version: 1.0\r\nContent-Type: image/x\r\nContent-Transfer-Encoding: binary\r\n\r\n" +
       std::string("\0\n", 2));
  ASSERT_EQ(far.mails.size(), 1U) << report();
  EXPECT_THAT(far.mails[0].octets, HasSubstr("Content-Transfer-Encoding: base64\r\n\r\nAAo=\r\n"));
}

// ---- SMTPUTF8

TEST_F(SenderExtensions, InternationalMailGoesAsItIsWhereItIsTaken) {
  far.offers.emplace_back("SMTPUTF8");
  world.add_domain("xn--bcher-kva.example", far, "198.51.100.1");
  entry.smtp_utf8 = true;
  entry.recipients[0].address =
      "jos\xc3\xa9@b\xc3\xbc"
      "cher.example";
  send("Subject: \xc3\xaf\r\n\r\nx\r\n");
  EXPECT_THAT(far.commands, Contains("MAIL FROM:<alice@pod.example> BODY=8BITMIME SMTPUTF8"));
  EXPECT_THAT(far.commands, Contains("RCPT TO:<jos\xc3\xa9@b\xc3\xbc"
                                     "cher.example>"));
  EXPECT_THAT(world.resolver.asked, Contains("xn--bcher-kva.example")) << "DNS is asked in A-labels";
}

TEST_F(SenderExtensions, MailThatOnlyCouldHaveBeenInternationalGoesEverywhere) {
  world.add_domain("xn--bcher-kva.example", far, "198.51.100.1");
  entry.smtp_utf8 = true;
  entry.recipients[0].address =
      "jose@b\xc3\xbc"
      "cher.example";
  send("Subject: x\r\n\r\nna\xc3\xafve\r\n");
  EXPECT_THAT(far.commands, Contains("MAIL FROM:<alice@pod.example> BODY=8BITMIME"));
  EXPECT_THAT(far.commands, Contains("RCPT TO:<jose@xn--bcher-kva.example>"));
}

TEST_F(SenderExtensions, InternationalMailGoesBackWhereItIsNotTaken) {
  entry.smtp_utf8 = true;
  send("Subject: \xc3\xaf\r\n\r\nx\r\n");
  EXPECT_TRUE(far.mails.empty());
  EXPECT_THAT(report(), HasSubstr("Status: 5.6.9"));
  EXPECT_THAT(report(), HasSubstr("Content-Type: message/global\r\n"));
}

TEST_F(SenderExtensions, OnlyTheRecipientsWhoseAddressesAreNotTakenAreRefused) {
  entry.smtp_utf8 = true;
  entry.recipients.push_back(entry.recipients[0]);
  entry.recipients[1].address = "jos\xc3\xa9@far.example";
  send();
  EXPECT_EQ(far.copies_for("friend@far.example"), 1U);
  EXPECT_THAT(report(), HasSubstr("Status: 5.6.7"));
}

// ---- REQUIRETLS

class SenderDemandsTls : public SenderExtensions {
protected:
  SenderDemandsTls() {
    world.resolver.mx_records["far.example"].authentic = true;
    far.offers = {"STARTTLS", "REQUIRETLS"};
    entry.require_tls = true;
  }
  void expect_refusal(const std::string& status) {
    send();
    EXPECT_TRUE(far.mails.empty());
    EXPECT_EQ(std::ranges::count(far.verbs, "MAIL"), 0) << "not a word of it was said";
    EXPECT_THAT(report(), HasSubstr("Status: " + status));
    EXPECT_THAT(report(), HasSubstr("text/rfc822-headers"));
  }
};

TEST_F(SenderDemandsTls, AndGoesWhereAllIsThere) {
  send();
  ASSERT_EQ(far.mails.size(), 1U) << report();
  EXPECT_TRUE(far.mails[0].secure);
  EXPECT_THAT(far.commands, Contains("MAIL FROM:<alice@pod.example> REQUIRETLS"));
}

TEST_F(SenderDemandsTls, AndIsRefusedWhereItIsNotOffered) {
  far.offers = {"STARTTLS"};
  expect_refusal("5.7.30");
}

TEST_F(SenderDemandsTls, AndIsRefusedWhereThereIsNoTls) {
  far.offers = {"REQUIRETLS"};
  expect_refusal("5.7.10");
}

TEST_F(SenderDemandsTls, AndIsRefusedWhereTheHandshakeFails) {
  world.network.weather.tls_fails = 100;
  expect_refusal("5.7.10");
  EXPECT_EQ(far.sessions, 1U) << "it is not tried in clear";
}

TEST_F(SenderDemandsTls, AndIsRefusedWhereTheCertificateIsSomebodyElses) {
  world.network.impostors.insert("198.51.100.1");
  expect_refusal("5.7.10");
}

TEST_F(SenderDemandsTls, AndIsRefusedWhereAnybodyCouldHaveNamedTheHost) {
  world.resolver.mx_records["far.example"].authentic = false;
  expect_refusal("5.7.30");
  EXPECT_EQ(far.sessions, 0U);
}

TEST_F(SenderDemandsTls, AndTriesTheNextHost) {
  FarServer second;
  second.offers = {"STARTTLS", "REQUIRETLS"};
  far.offers = {"STARTTLS"};
  world.add_mx("far.example", "mx2.far.example", 20);
  world.add_address("mx2.far.example", "198.51.100.2");
  second.listen(world.network, "198.51.100.2");
  send();
  EXPECT_EQ(second.mails.size(), 1U);
  EXPECT_TRUE(far.mails.empty());
}

TEST_F(SenderDemandsTls, AndWaitsForAHostThatMayBeBack) {
  far.offers = {"STARTTLS"};
  world.add_mx("far.example", "mx2.far.example", 5);
  world.add_address("mx2.far.example", "198.51.100.2");
  world.network.take_away("198.51.100.2");
  const EntryId id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_EQ(world.show(id).recipients[0].state, RecipientState::pending);
  EXPECT_TRUE(world.returns.reports.empty());
}

TEST_F(SenderDemandsTls, ButWhatSaysThatMailDidNotArriveGoesInAnyCase) {
  far.offers.clear();
  entry.reverse_path.clear();
  send();
  EXPECT_EQ(far.mails.size(), 1U);
  EXPECT_THAT(far.commands, Contains("MAIL FROM:<>"));
}

TEST_F(SenderDemandsTls, AndHasConnectionsOfItsOwn) {
  far.offers = {"STARTTLS"};
  Entry other = world.entry_to({"friend@far.example"});
  world.put_entry(other);
  send();
  EXPECT_EQ(far.mails.size(), 1U) << "the one that demands nothing";
  EXPECT_THAT(report(), HasSubstr("Status: 5.7.30"));
}

// ---- LIMITS

TEST_F(SenderExtensions, NoMoreRecipientsAreSaidThanTheServerTakes) {
  far.offers.emplace_back("LIMITS RCPTMAX=10");
  far.most_recipients = 10;
  std::vector<std::string> recipients;
  for (int i = 0; i < 35; ++i) recipients.push_back("r" + std::to_string(i) + "@far.example");
  entry = world.entry_to(recipients);
  send();
  EXPECT_EQ(far.mails.size(), 4U);
  EXPECT_EQ(std::ranges::count(far.verbs, "RCPT"), 35) << "nobody was asked for in vain";
  for (const auto& recipient : recipients) EXPECT_EQ(far.copies_for(recipient), 1U) << recipient;
}

TEST_F(SenderExtensions, RecipientsBeyondALimitAreNotHeldUpByThoseBeforeThem) {
  far.offers.emplace_back("LIMITS RCPTDOMAINMAX=1");
  far.rcpt_replies["a@slow.example"] = "450 4.2.1 not now";
  entry = world.entry_to({"a@slow.example", "b@quick.example"});
  entry.pinned_route = "mx.far.example";
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 1; }, 1min));
  EXPECT_EQ(far.copies_for("b@quick.example"), 1U);
}

TEST_F(SenderExtensions, NoMoreMessagesAreSaidOverAConnectionThanTheServerTakes) {
  far.offers.emplace_back("LIMITS MAILMAX=2");
  far.mails_per_session = 2;
  world.settings.connections_per_destination = 1;
  for (int i = 0; i < 5; ++i) world.put_entry(entry);
  send();
  EXPECT_EQ(far.mails.size(), 6U);
  EXPECT_EQ(far.sessions, 3U);
  EXPECT_EQ(std::ranges::count(far.verbs, "MAIL"), 6);
}

// ---- priorities

TEST_F(SenderExtensions, AReportDoesNotWaitBehindBulkMail) {
  world.settings.connections_per_destination = 1;
  world.network.weather.max_pause = 1s;  // all of them stand in line before the host has greeted
  const auto put = [&](std::int8_t priority, const std::string& name) {
    Entry one = world.entry_to({name + "@far.example"});
    one.priority = priority;
    world.put_entry(one);
  };
  for (int i = 0; i < 20; ++i) put(Priority::bulk, "bulk");
  put(Priority::report, "report");
  put(Priority::list, "list");
  put(Priority::member, "member");
  world.start();
  ASSERT_TRUE(world.until_empty(5min));
  std::vector<std::string> order;
  for (const auto& mail : far.mails) order.push_back(mail.recipients.at(0));
  ASSERT_EQ(order.size(), 23U);
  const auto place = [&](const std::string& name) { return std::ranges::find(order, name + "@far.example"); };
  EXPECT_LT(place("member"), place("list"));
  EXPECT_LT(place("list"), place("report"));
  EXPECT_EQ(std::ranges::count(place("report"), order.end(), "bulk@far.example"), 20) << "all of it comes later";
}

}  // namespace
}  // namespace mailpod::queue
