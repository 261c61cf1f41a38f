#include <mailpod/message/scanner.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tree_text.hpp"

namespace mailpod::message {
namespace {

// RFC 2046 §5.1.1.
constexpr std::string_view simple_multipart =
    "From: Nathaniel Borenstein <nsb@bellcore.com>\r\n"
    "To: Ned Freed <ned@innosoft.com>\r\n"
    "Date: Sun, 21 Mar 1993 23:56:48 -0800 (PST)\r\n"
    "Subject: Sample message\r\n"
    "MIME-Version: 1.0\r\n"
    "Content-type: multipart/mixed; boundary=\"simple\r\n boundary\"\r\n"
    "\r\n"
    "This is the preamble.\r\n"
    "\r\n"
    "--simple boundary\r\n"
    "\r\n"
    "This is implicitly typed plain US-ASCII text.\r\n"
    "It does NOT end with a linebreak.\r\n"
    "--simple boundary\r\n"
    "Content-type: text/plain; charset=us-ascii\r\n"
    "\r\n"
    "This is explicitly typed plain US-ASCII text.\r\n"
    "It DOES end with a linebreak.\r\n"
    "\r\n"
    "--simple boundary--\r\n"
    "\r\n"
    "This is the epilogue.\r\n";

TEST(Scanner, ReadsTheExampleOfRfc2046) {
  const Structure structure = scan(simple_multipart);
  EXPECT_EQ(tree_text(structure.root), "multipart/mixed{text/plain, text/plain}");
  EXPECT_EQ(structure.size, simple_multipart.size());
  const Part& first = structure.root.children[0];
  const Part& second = structure.root.children[1];
  EXPECT_EQ(slice(simple_multipart, first.header), "\r\n");
  EXPECT_EQ(slice(simple_multipart, first.body),
            "This is implicitly typed plain US-ASCII text.\r\nIt does NOT end with a linebreak.");
  EXPECT_EQ(first.lines, 1U);
  EXPECT_EQ(slice(simple_multipart, second.header), "Content-type: text/plain; charset=us-ascii\r\n\r\n");
  EXPECT_EQ(slice(simple_multipart, second.body),
            "This is explicitly typed plain US-ASCII text.\r\nIt DOES end with a linebreak.\r\n");
  EXPECT_EQ(second.lines, 2U);
  EXPECT_EQ(second.parameters.at(0).value, "us-ascii");
  EXPECT_EQ(structure.root.body.end, simple_multipart.size());
  EXPECT_EQ(structure.root.lines, 15U);
  EXPECT_EQ(broken_promise(structure.root), "");
}

TEST(Scanner, FillsTheEnvelope) {
  const Structure structure = scan(
      "Date: Fri, 21 Nov 1997 09:55:06 -0600\r\n"
      "Subject: =?utf-8?Q?folded?=\r\n  and long \r\n"
      "From: a@b.test\r\nFrom: second@b.test\r\nReply-To:\r\n"
      "To: c@d.test\r\nTo: e@f.test\r\nCc: G: g@h.test;\r\nBcc: i@j.test\r\n"
      "In-Reply-To: <1@x>\r\nMessage-ID: <2@x>\r\nReferences: <0@x> <1@x>\r\n\r\nbody\r\n");
  const Envelope& envelope = structure.envelope;
  EXPECT_EQ(envelope.date, "Fri, 21 Nov 1997 09:55:06 -0600");
  EXPECT_EQ(envelope.subject, "=?utf-8?Q?folded?=  and long");
  ASSERT_EQ(envelope.from.size(), 1U);
  EXPECT_EQ(envelope.from[0].mailbox, "a");
  EXPECT_EQ(envelope.shown_sender(), envelope.from);
  EXPECT_EQ(envelope.shown_reply_to(), envelope.from);
  EXPECT_EQ(envelope.to.size(), 2U);
  EXPECT_EQ(envelope.cc.size(), 3U);
  EXPECT_EQ(envelope.bcc.size(), 1U);
  EXPECT_EQ(envelope.in_reply_to, "<1@x>");
  EXPECT_EQ(envelope.message_id, "<2@x>");
  EXPECT_EQ(structure.references, (std::vector<std::string>{"0@x", "1@x"}));
  ASSERT_TRUE(structure.sent);
  EXPECT_EQ(base::to_seconds(structure.sent->time), 880127706U);
}

TEST(Scanner, ReadsTheFieldsOfBodyStructure) {
  const Part part = scan(
                        "Content-Type: Image/JPEG; name=x.jpg\r\nContent-Transfer-Encoding: BASE64 (comment)\r\n"
                        "Content-ID: <id@x>\r\nContent-Description: a\r\n picture\r\nContent-MD5: Q2hlY2s=\r\n"
                        "Content-Disposition: ATTACHMENT; filename=\"y.jpg\"\r\nContent-Language: de, en-GB\r\n"
                        "Content-Location: http://a.test/\r\n b\r\n\r\n")
                        .root;
  EXPECT_EQ(tree_text(part), "image/jpeg");
  EXPECT_EQ(part.transfer_encoding, "base64");
  EXPECT_EQ(part.content_id, "<id@x>");
  EXPECT_EQ(part.description, "a picture");
  EXPECT_EQ(part.md5, "Q2hlY2s=");
  ASSERT_TRUE(part.disposition);
  EXPECT_EQ(part.disposition->type, "attachment");
  EXPECT_EQ(part.disposition->parameters.at(0).value, "y.jpg");
  EXPECT_EQ(part.language, (std::vector<std::string>{"de", "en-gb"}));
  EXPECT_EQ(part.location, "http://a.test/b");
}

TEST(Scanner, GoesIntoMessagesWithinMessages) {
  constexpr std::string_view message =
      "Subject: outer\r\nContent-Type: multipart/digest; boundary=b\r\n\r\n"
      "--b\r\n\r\nSubject: one\r\n\r\nbody one\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: two\r\nContent-Type: text/html\r\n\r\nbody two\r\n"
      "--b\r\nContent-Type: text/plain\r\n\r\nnot a message\r\n--b--\r\n";
  const Structure structure = scan(message);
  EXPECT_EQ(tree_text(structure.root),
            "multipart/digest{message/rfc822{text/plain}, message/rfc822{text/html}, text/plain}");
  const Part& one = structure.root.children[0];
  EXPECT_EQ(one.envelope->subject, "one");
  EXPECT_EQ(slice(message, one.body), "Subject: one\r\n\r\nbody one");
  EXPECT_EQ(slice(message, one.children[0].header), "Subject: one\r\n\r\n");
  EXPECT_EQ(slice(message, one.children[0].body), "body one");
  EXPECT_EQ(structure.root.children[1].envelope->subject, "two");
  EXPECT_EQ(structure.envelope.subject, "outer");
  EXPECT_EQ(broken_promise(structure.root), "");
}

TEST(Scanner, DoesNotLookIntoAnEncodedMessage) {
  const Structure structure =
      scan("Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nU3ViamVjdDogeA0KDQo=\r\n");
  EXPECT_EQ(tree_text(structure.root), "message/rfc822{text/plain}");
  EXPECT_EQ(structure.root.children[0].header.size(), 0U);
  EXPECT_EQ(structure.root.children[0].body, structure.root.body);
}

TEST(Scanner, EndsAPartByTheBoundaryAroundIt) {
  const Structure structure = scan(
      "Content-Type: multipart/mixed; boundary=outer\r\n\r\n"
      "--outer\r\nContent-Type: multipart/mixed; boundary=inner\r\n\r\n--inner\r\n\r\nunterminated\r\n"
      "--outer\r\nContent-Type: text/html\r\n\r\nx\r\n--outer--\r\n");
  EXPECT_EQ(tree_text(structure.root), "multipart/mixed{multipart/mixed{text/plain}, text/html}");
}

TEST(Scanner, MatchesTheLongestOfBoundariesThatBeginAlike) {
  const Structure structure = scan(
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n"
      "--b\r\nContent-Type: multipart/mixed; boundary=b-1\r\n\r\n--b-1\r\n\r\none\r\n--b-1\r\n\r\ntwo\r\n--b-1--\r\n"
      "--b-1 again: epilogue\r\n--b\r\nContent-Type: text/html\r\n\r\nx\r\n--b--\r\n");
  EXPECT_EQ(tree_text(structure.root), "multipart/mixed{multipart/mixed{text/plain, text/plain}, text/html}");
}

TEST(Scanner, GivesWhatItCannotReadAsPlainText) {
  EXPECT_EQ(tree_text(scan("Content-Type: nonsense\r\n\r\nx").root), "text/plain");
  EXPECT_EQ(tree_text(scan("Content-Type: /\r\n\r\nx").root), "text/plain");
  EXPECT_EQ(tree_text(scan("Content-Type: multipart/mixed\r\n\r\n--x\r\n").root), "text/plain");
  EXPECT_EQ(tree_text(scan("Content-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx").root), "text/plain");
  EXPECT_EQ(tree_text(scan("").root), "text/plain");
  EXPECT_EQ(tree_text(scan("\r\n").root), "text/plain");
}

TEST(Scanner, GivesAMultipartWithoutPartsItsBodyAsPart) {
  constexpr std::string_view message = "Content-Type: multipart/mixed; boundary=b\r\n\r\nno boundary here\r\n";
  const Structure structure = scan(message);
  EXPECT_EQ(tree_text(structure.root), "multipart/mixed{text/plain}");
  EXPECT_EQ(slice(message, structure.root.children[0].body), "no boundary here\r\n");
}

TEST(Scanner, EndsAHeaderAtABoundary) {
  constexpr std::string_view message =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html\r\n--b\r\n--b--\r\n";
  const Structure structure = scan(message);
  EXPECT_EQ(tree_text(structure.root), "multipart/mixed{text/html, text/plain}");
  EXPECT_EQ(slice(message, structure.root.children[0].header), "Content-Type: text/html\r\n");
  EXPECT_EQ(structure.root.children[0].body.size(), 0U);
  EXPECT_EQ(broken_promise(structure.root), "");
}

TEST(Scanner, KeepsABlankLineWithItsHeaderBeforeABoundaryOfTheParent) {
  constexpr std::string_view message =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: multipart/x; boundary=c\r\n\r\n"
      "--c\r\n\r\n--b\r\n\r\n--b--";
  const Structure structure = scan(message);
  EXPECT_EQ(broken_promise(structure.root), "");
  EXPECT_EQ(structure.root.children.at(0).children.at(0).body.size(), 0U);
}

TEST(Scanner, TellsTheFactsThatDeliveryAsksFor) {
  constexpr std::string_view message =
      "Received: one\r\n two\r\nreceived: three\r\nDelivered-To: a@b.test\r\nno field\r\n"
      "FROM : =?utf-8?Q?A?= <a@b.test>\r\nFrom: c@d.test\r\nBcc: x@y.test\r\nReturn-Path: <>\r\n\r\n"
      "From: body\r\n";
  Scanner scanner;
  scanner.feed(message);
  scanner.finish();
  const HeaderFacts& facts = scanner.facts();
  EXPECT_EQ(facts.received, 2U);
  EXPECT_EQ(facts.from, 2U);
  EXPECT_EQ(facts.bcc, 1U);
  EXPECT_EQ(facts.to_cc_bcc, 1U);
  EXPECT_EQ(facts.return_path, 1U);
  EXPECT_EQ(facts.date, 0U);
  EXPECT_EQ(facts.malformed_lines, 1U);
  EXPECT_FALSE(facts.has_nul);
  EXPECT_FALSE(facts.truncated);
  EXPECT_EQ(facts.delivered_to, std::vector<std::string>{"a@b.test"});
  ASSERT_EQ(facts.from_addresses.addresses.size(), 1U);
  EXPECT_EQ(facts.from_addresses.addresses[0], (Address{"A", "a", "b.test"}));
  ASSERT_EQ(facts.named("from").size(), 2U);
  EXPECT_EQ(facts.named("from")[0].name, "FROM");
  EXPECT_EQ(slice(message, facts.fields[0].whole()), "Received: one\r\n two\r\n");
  EXPECT_EQ(slice(message, facts.fields[0].value), " one\r\n two\r\n");
  EXPECT_EQ(slice(message, facts.named("From")[0].whole()), "FROM : =?utf-8?Q?A?= <a@b.test>\r\n");
}

TEST(Scanner, SeesNulsAndContinuationsOfNothing) {
  Scanner scanner;
  scanner.feed(std::string_view(" early: x\r\nFrom: a\0b@c.test\r\n\r\n", 31));
  const Structure structure = scanner.finish();
  EXPECT_TRUE(scanner.facts().has_nul);
  EXPECT_EQ(scanner.facts().malformed_lines, 1U);
  EXPECT_FALSE(scanner.facts().from_addresses.well_formed);
  for (const auto& address : structure.envelope.from) EXPECT_EQ(address.mailbox->find('\0'), std::string::npos);
}

TEST(Scanner, KeepsTheOldestAndTheNewestReferences) {
  std::string message = "References:";
  for (int i = 0; i < 500; ++i) message += " <" + std::to_string(i) + "@x>\r\n";
  const auto references = scan(message + "\r\n").references;
  ASSERT_EQ(references.size(), 100U);
  EXPECT_EQ(references[0], "0@x");
  EXPECT_EQ(references[1], "401@x");
  EXPECT_EQ(references[99], "499@x");
}

TEST(Scanner, GivesTheSameForEveryChunking) {
  const Structure whole = scan(simple_multipart);
  for (std::size_t size = 1; size < 40; ++size) {
    Scanner scanner;
    for (std::size_t at = 0; at < simple_multipart.size(); at += size) scanner.feed(simple_multipart.substr(at, size));
    EXPECT_EQ(scanner.finish(), whole) << size;
  }
}

TEST(Scanner, ReadsFromASource) {
  EXPECT_EQ(scan(base::MemorySource(simple_multipart)), scan(simple_multipart));
}

}  // namespace
}  // namespace mailpod::message
