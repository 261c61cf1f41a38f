#include "report.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/message/header_values.hpp>
#include <mailpod/message/scanner.hpp>

#include "queue_samples.hpp"
#include "report_shape.hpp"

namespace mailpod::queue {
namespace {

const Reporter reporter{"pod.example", base::from_seconds(1'767'312'000), base::from_seconds(1'767'657'600), "=_bound"};

Entry sample() {
  Entry entry;
  entry.id = EntryId::parse("00112233445566778899aabbccddeeff").value();
  entry.arrival = base::from_seconds(1'767'225'600);
  entry.submitter = MemberId{};
  entry.reverse_path = "alice@pod.example";
  Recipient recipient;
  recipient.address = "gone@far.example";
  recipient.state = RecipientState::failed;
  recipient.attempts = 1;
  recipient.last_attempt = base::from_seconds(1'767'226'000);
  recipient.last_reply = "550 5.1.1 no such mailbox";
  recipient.last_host = "mx.far.example";
  entry.recipients = {recipient};
  return entry;
}

const std::string original = "Subject: hello\r\nFrom: alice@pod.example\r\n\r\nworld\r\n";

std::string report_on(const Entry& entry, const News& news = {{0}, {}, {}}) {
  const Returned returned = read_returned(entry, news, base::MemorySource(original), 1000);
  return write_report(entry, news, returned, reporter);
}

TEST(Report, SaysEverythingThatAFailureNeeds) {
  EXPECT_EQ(report_on(sample()),
            "From: Mail delivery <postmaster@pod.example>\r\n"
            "To: <alice@pod.example>\r\n"
            "Subject: Your message could not be delivered\r\n"
            "Date: Fri, 2 Jan 2026 00:00:00 +0000\r\n"
            "Message-ID: <00112233445566778899aabbccddeeff.f0@pod.example>\r\n"
            "Auto-Submitted: auto-replied\r\n"
            "MIME-Version: 1.0\r\n"
            "Content-Type: multipart/report; report-type=delivery-status;\r\n"
            " boundary=\"=_bound\"\r\n"
            "\r\n"
            "--=_bound\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "\r\n"
            "This is your own mail server at pod.example. It is about the message that\r\n"
            "you sent on Thu, 1 Jan 2026 00:00:00 +0000.\r\n"
            "\r\n"
            "It could not be delivered to:\r\n"
            "\r\n"
            "  gone@far.example\r\n"
            "    There is no such address there. Please check how it is written.\r\n"
            "    > mx.far.example: 550 5.1.1 no such mailbox\r\n"
            "\r\n"
            "It will not be tried again. If you still want it to arrive, send it once\r\n"
            "more, after mending what is said above, or reach the person another way.\r\n"
            "\r\n"
            "What follows is a report for programs, and then your message.\r\n"
            "\r\n"
            "--=_bound\r\n"
            "Content-Type: message/delivery-status\r\n"
            "\r\n"
            "Reporting-MTA: dns; pod.example\r\n"
            "Arrival-Date: Thu, 1 Jan 2026 00:00:00 +0000\r\n"
            "\r\n"
            "Final-Recipient: rfc822; gone@far.example\r\n"
            "Action: failed\r\n"
            "Status: 5.1.1\r\n"
            "Remote-MTA: dns; mx.far.example\r\n"
            "Diagnostic-Code: smtp; 550 5.1.1 no such mailbox\r\n"
            "Last-Attempt-Date: Thu, 1 Jan 2026 00:06:40 +0000\r\n"
            "\r\n"
            "--=_bound\r\n"
            "Content-Type: message/rfc822\r\n"
            "\r\n" +
                original +
                "\r\n"
                "--=_bound--\r\n");
}

TEST(Report, OfADelaySaysThatNothingNeedsToBeDone) {
  Entry entry = sample();
  entry.recipients[0].state = RecipientState::pending;
  entry.recipients[0].last_reply = "Connection refused";
  const std::string report = report_on(entry, {{}, {0}, {}});
  EXPECT_NE(report.find("Subject: Your message has not been delivered yet\r\n"), std::string::npos);
  EXPECT_NE(report.find("You need not do anything."), std::string::npos);
  EXPECT_NE(report.find("Action: delayed\r\nStatus: 4.4.1\r\n"), std::string::npos) << report;
  EXPECT_NE(report.find("Diagnostic-Code: X-Mailpod; Connection refused\r\n"), std::string::npos);
  EXPECT_NE(report.find("Will-Retry-Until: Tue, 6 Jan 2026 00:00:00 +0000\r\n"), std::string::npos) << report;
  EXPECT_NE(report.find("text/rfc822-headers"), std::string::npos) << "a delay returns no body";
  EXPECT_EQ(report.find("world"), std::string::npos);
}

TEST(Report, SaysInPlainWordsHowFarAMessageHasCome) {
  Entry entry = sample();
  entry.recipients.resize(3, entry.recipients[0]);
  entry.recipients[0].state = entry.recipients[1].state = RecipientState::delivered;
  entry.recipients[1].last_host.clear();
  entry.recipients[1].last_reply.clear();
  entry.recipients[2].state = RecipientState::expanded;
  entry.recipients[2].last_host.clear();
  const std::string relayed = report_on(entry, {{}, {}, {0}});
  EXPECT_NE(relayed.find("Subject: Your message has been handed over\r\n"), std::string::npos);
  EXPECT_NE(relayed.find("    It was handed to the other server, which tells nothing further.\r\n"), std::string::npos);
  EXPECT_NE(relayed.find("Action: relayed\r\nStatus: 2.0.0\r\nRemote-MTA: dns; mx.far.example"), std::string::npos);
  const std::string delivered = report_on(entry, {{}, {}, {}, {1}, {}});
  EXPECT_NE(delivered.find("Subject: Your message has been delivered\r\n"), std::string::npos);
  EXPECT_NE(delivered.find("it is in the mailboxes of:\r\n\r\n  gone@far.example\r\n"), std::string::npos);
  EXPECT_EQ(delivered.find("Remote-MTA"), std::string::npos);
  const std::string expanded = report_on(entry, {{}, {}, {}, {}, {2}});
  EXPECT_NE(expanded.find("Subject: Your message has been passed on\r\n"), std::string::npos);
  EXPECT_NE(expanded.find("    This address stands for several."), std::string::npos) << expanded;
  EXPECT_EQ(fault_in(report_on(entry, {{}, {}, {0}, {1}, {2}}), reporter.boundary, 3), "");
}

TEST(Report, ReturnsAsMuchAsWasAskedForAndFits) {
  Entry entry = sample();
  const News news{{0}, {}, {}};
  EXPECT_TRUE(read_returned(entry, news, base::MemorySource(original), original.size()).whole);
  const Returned large = read_returned(entry, news, base::MemorySource(original), original.size() - 1);
  EXPECT_FALSE(large.whole);
  EXPECT_EQ(large.octets, "Subject: hello\r\nFrom: alice@pod.example\r\n\r\n");
  entry.return_content = Return::headers;
  EXPECT_FALSE(read_returned(entry, news, base::MemorySource(original), 1000).whole);
  entry.return_content = Return::full;
  EXPECT_TRUE(read_returned(entry, news, base::MemorySource(original), 1000).whole);
}

TEST(Report, RepeatsWhatTheSenderSaidOfTheEnvelope) {
  Entry entry = sample();
  entry.envelope_id = "QQ+2B314159";
  entry.recipients[0].original_recipient = "rfc822;gone+40far.example";
  const std::string report = report_on(entry);
  EXPECT_NE(report.find("\r\nOriginal-Envelope-Id: QQ+314159\r\n"), std::string::npos) << report;
  EXPECT_NE(report.find("\r\nOriginal-Recipient: rfc822; gone@far.example\r\nFinal-Recipient:"), std::string::npos);
}

TEST(Report, WritesAnInternationalAddressInAscii) {
  Entry entry = sample();
  entry.recipients[0].address = "jos\xc3\xa9@far.example";
  const std::string report = report_on(entry);
  EXPECT_NE(report.find("Final-Recipient: utf-8; jos\\x{E9}@far.example\r\n"), std::string::npos) << report;
  EXPECT_NE(report.find("  jos\xc3\xa9@far.example\r\n"), std::string::npos) << "and as it is for people";
  EXPECT_NE(report.find("Content-Transfer-Encoding: 8bit"), std::string::npos);
}

TEST(Report, OfInternationalMailIsInternational) {
  Entry entry = sample();
  entry.smtp_utf8 = true;
  entry.recipients[0].address = "jos\xc3\xa9@far.example";
  entry.recipients[0].original_recipient = "utf-8;Jos\\x{E9}\\x{110000}\\x{41@far.example";
  const std::string message = "Subject: \xc3\xaf\r\n\r\nworld\r\n";
  const News news{{0}, {}, {}};
  const auto report = [&](std::size_t limit) {
    return write_report(entry, news, read_returned(entry, news, base::MemorySource(message), limit), reporter);
  };
  const std::string whole = report(1000);
  EXPECT_NE(whole.find("Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit\r\n"),
            std::string::npos)
      << whole;
  EXPECT_NE(whole.find("Original-Recipient: utf-8; Jos\xc3\xa9\\x{110000}\\x{41@far.example\r\n"), std::string::npos);
  EXPECT_NE(whole.find("Final-Recipient: utf-8; jos\xc3\xa9@far.example\r\n"), std::string::npos);
  EXPECT_NE(whole.find("Content-Type: message/global\r\n"), std::string::npos);
  EXPECT_NE(report(20).find("Content-Type: message/global-headers\r\n"), std::string::npos);
  EXPECT_EQ(fault_in(whole, reporter.boundary, 1), "");
  entry.recipients[0].address = entry.recipients[0].original_recipient = "";
  EXPECT_EQ(report_on(entry).find("global"), std::string::npos) << "where all is ASCII everybody's types do";
}

TEST(Report, OfMailThatDemandsTlsReturnsItsHeaderAlone) {
  Entry entry = sample();
  entry.require_tls = true;
  entry.return_content = Return::full;
  EXPECT_FALSE(read_returned(entry, {{0}, {}, {}}, base::MemorySource(original), 1000).whole);
}

TEST(Report, DerivesTheStatusFromWhatWasSaid) {
  Recipient recipient;
  const auto status = [&](RecipientState state, const std::string& reply) {
    recipient.state = state;
    recipient.last_reply = reply;
    return status_of(recipient);
  };
  const auto failed = RecipientState::failed;
  const auto pending = RecipientState::pending;
  EXPECT_EQ(status(failed, "550 5.7.1 no"), "5.7.1");
  EXPECT_EQ(status(failed, "550 5.1.10"), "5.1.10");
  EXPECT_EQ(status(failed, "550 no"), "5.0.0");
  EXPECT_EQ(status(failed, "550 4.1.1 contradicts itself"), "5.0.0");
  EXPECT_EQ(status(failed, "550 5.1.1111 no"), "5.0.0");
  EXPECT_EQ(status(failed, "550 5..1 no"), "5.0.0");
  EXPECT_EQ(status(failed, "451 4.2.2 full for days"), "4.2.2");
  EXPECT_EQ(status(failed, "451 for days"), "4.4.7");
  EXPECT_EQ(status(failed, "Connection refused"), "4.4.7");
  EXPECT_EQ(status(pending, "Connection refused"), "4.4.1");
  EXPECT_EQ(status(pending, "451 later"), "4.0.0");
  EXPECT_EQ(status(failed, ""), "4.4.7");
  EXPECT_EQ(status(RecipientState::delivered, "250 2.0.0 ok"), "2.0.0");
}

TEST(Report, KeepsItsShapeWhateverOthersHaveSaid) {
  const std::vector<std::string> poisons = {
      "550 5.1.1 no\r\n\r\n--=_bound--\r\nSubject: injected\r\n\r\nhello",
      "550 5.1.1 " + std::string(5000, 'x'),
      std::string("550 \0 \x01\x7f\x80\xff", 10),
      "550 5.1.1 no\nAction: delivered\nStatus: 2.0.0",
      "\r\nFinal-Recipient: rfc822; somebody@else",
      std::string(3000, ' '),
      "550 5.1.1\t\t\tspaces   and\ttabs",
      std::string(900, '\xff'),
  };
  for (const std::string& poison : poisons) {
    for (int where = 0; where < 6; ++where) {
      Entry entry = sample();
      Recipient& recipient = entry.recipients[0];
      (where == 0   ? recipient.last_reply
       : where == 1 ? recipient.last_host
       : where == 2 ? recipient.address
       : where == 3 ? recipient.original_recipient
       : where == 4 ? entry.envelope_id
                    : entry.reverse_path) = poison;
      const std::string report = report_on(entry);
      EXPECT_EQ(fault_in(report, reporter.boundary, 1), "") << where << ": " << report;
    }
  }
}

TEST(Report, CannotBeEndedByTheMessageItReturns) {
  Entry entry = sample();
  const News news{{0}, {}, {}};
  const std::string message = "Subject: x\n\n--=_other--\rSubject: y\r\n" + std::string(3, '\0') + "\xff\r";
  const Returned returned = read_returned(entry, news, base::MemorySource(message), 1000);
  EXPECT_EQ(fault_in(write_report(entry, news, returned, reporter), reporter.boundary, 1), "");
}

TEST(Report, OfManyRecipientsNamesEachWithItsReason) {
  Entry entry = sample();
  entry.recipients.push_back(entry.recipients[0]);
  entry.recipients[1].address = "full@far.example";
  entry.recipients[1].last_reply = "552 5.2.2 over quota";
  const std::string report = report_on(entry, {{0, 1}, {}, {}});
  EXPECT_NE(report.find("  full@far.example\r\n    This mailbox is full."), std::string::npos) << report;
  EXPECT_EQ(fault_in(report, reporter.boundary, 2), "");
}

}  // namespace
}  // namespace mailpod::queue
