#include <algorithm>
#include <cerrno>

#include <gtest/gtest.h>

#include <mailpod/delivery/post_office.hpp>

#include "pod_world.hpp"

/// Members' mail to other servers: what the queue gets, and that it is part of all or nothing.
namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"}, carol{"carol", "pod.lab"};
const Mailbox friend_there{"friend", "other.example"}, colleague{"colleague", "third.example"};

constexpr std::string_view from_alice =
    "From: Alice <alice@pod.lab>\r\nTo: friend@other.example\r\nBcc: colleague@third.example\r\nSubject: hello\r\n"
    "\r\ncanary-body\r\n";

class Outgoing : public testing::Test {
protected:
  Outgoing() { world.found(disk, {"alice", "bob", "carol"}); }
  Answer send(RunningPod& pod, const std::vector<Mailbox>& to, std::string_view octets = from_alice) {
    return pod.send(pod.member("alice"), alice, to, octets);
  }
  std::vector<PodWorld::Queued> queued() { return world.queued(*disk.clean_copy()); }
  std::vector<std::string> inbox(const std::string& name) { return world.inbox(*disk.clean_copy(), name); }

  simulation::Disk disk;
  PodWorld world;
};

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

TEST_F(Outgoing, MailIsOneEntryForAllItsRemoteRecipients) {
  RunningPod pod(world, disk);
  const auto answer = send(pod, {friend_there, colleague, {"friend", "other.example"}});
  const auto all = queued();
  ASSERT_EQ(all.size(), 1U);
  const auto& entry = all[0].entry;
  EXPECT_EQ(answer.accepted, "queued as " + entry.id.str());
  EXPECT_EQ(pod.looked_at, std::vector{entry.id});
  EXPECT_EQ(entry.reverse_path, "alice@pod.lab");
  EXPECT_EQ(entry.submitter, world.id_of("alice"));
  EXPECT_EQ(entry.arrival, world.community.clock.now());
  EXPECT_LE(entry.next_try, entry.arrival);
  EXPECT_EQ(entry.expires, entry.arrival + std::chrono::days(5));
  ASSERT_EQ(entry.recipients.size(), 2U);
  EXPECT_EQ(entry.recipients[0].address, "friend@other.example");
  EXPECT_EQ(entry.recipients[1].address, "colleague@third.example");
  for (const auto* name : {"alice", "bob", "carol"}) EXPECT_TRUE(inbox(name).empty());
}

// RFC 8689 §5.
TEST_F(Outgoing, MailThatNoPolicyOfTlsIsToKeepIsMarked) {
  RunningPod pod(world, disk);
  send(pod, {friend_there});
  send(pod, {friend_there}, "From: Alice <alice@pod.lab>\r\nTLS-Required: No\r\nSubject: hello\r\n\r\nbody\r\n");
  const auto all = queued();
  ASSERT_EQ(all.size(), 2U);
  EXPECT_EQ(std::ranges::count(all, true, [](const auto& one) { return one.entry.tls_optional; }), 1);
}

TEST_F(Outgoing, MailSaysWhoWeAreAndNothingOfItsSendersMachine) {
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {friend_there, colleague}).ok());
  const std::string message = queued().at(0).octets;
  EXPECT_TRUE(message.starts_with("Received: (TLS1.3 TLS_AES_256_GCM_SHA384)")) << message;
  EXPECT_EQ(count(message, "by mail.pod.lab with ESMTPSA"), 1U) << message;
  EXPECT_EQ(count(message, "Received: "), 1U);
  EXPECT_EQ(count(message, "Return-Path"), 0U);
  EXPECT_EQ(count(message, "Delivered-To"), 0U);
  EXPECT_EQ(count(message, "cc:"), 0U) << message;
  EXPECT_EQ(count(message, "third.example"), 0U) << "who got it as well is not said: " << message;
  EXPECT_EQ(count(message, "192.0.2.1"), 0U);
  EXPECT_EQ(count(message, "client.example"), 0U);
  EXPECT_EQ(count(message, "\r\nDate: "), 1U);
  EXPECT_EQ(count(message, "\r\nMessage-ID: <"), 1U);
  EXPECT_TRUE(message.ends_with("\r\n\r\ncanary-body\r\n")) << message;
}

TEST_F(Outgoing, MailForBothKindsOfRecipientsGoesBothWays) {
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {friend_there, bob, carol}).ok());
  const auto all = queued();
  ASSERT_EQ(all.size(), 1U);
  ASSERT_EQ(all[0].entry.recipients.size(), 1U);
  EXPECT_EQ(all[0].entry.recipients[0].address, "friend@other.example");
  ASSERT_EQ(inbox("bob").size(), 1U);
  ASSERT_EQ(inbox("carol").size(), 1U);
  EXPECT_EQ(pod.vaults.told.size(), 2U);
  // It is one message: what names it is the same everywhere.
  const auto id = [](const std::string& octets) {
    const auto at = octets.find("Message-ID: ");
    return octets.substr(at, octets.find("\r\n", at) - at);
  };
  EXPECT_EQ(id(all[0].octets), id(inbox("bob")[0]));
}

TEST_F(Outgoing, MailForMembersAloneNeverSeesTheQueue) {
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {bob, {"bob.second", "second.lab"}}).ok());
  EXPECT_TRUE(queued().empty());
  EXPECT_TRUE(pod.looked_at.empty());
}

TEST_F(Outgoing, MailIsEightBitIfDeclaredOrFound) {
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {friend_there}).ok());
  ASSERT_TRUE(send(pod, {colleague}, "From: alice@pod.lab\r\n\r\n\xc3\xa4\r\n").ok());
  smtp::MailParameters declared;
  declared.eight_bit = true;
  const std::vector<smtp::Addressee> third{smtp::Mailbox{"third", "other.example"}};
  auto letter = run(pod.office->begin(pod.member("alice"), alice, third, declared)).value();
  ASSERT_TRUE(run(letter->write(from_alice)));
  ASSERT_TRUE(run(letter->accept()));
  for (const auto& one : queued()) {
    const bool plain = one.entry.recipients[0].address == "friend@other.example";
    EXPECT_EQ(one.entry.body, plain ? queue::Body::seven_bit : queue::Body::eight_bit);
  }
}

TEST_F(Outgoing, MailThatIsLargeKeepsItsOctets) {
  RunningPod pod(world, disk);
  std::string body;
  while (body.size() < 300'000) body += "line " + std::to_string(body.size()) + "\r\n";
  ASSERT_TRUE(send(pod, {friend_there}, "From: alice@pod.lab\r\n\r\n" + body).ok());
  EXPECT_TRUE(queued().at(0).octets.ends_with("\r\n\r\n" + body));
}

TEST_F(Outgoing, MailWithTheNullReversePathKeepsIt) {
  RunningPod pod(world, disk);
  ASSERT_TRUE(pod.send(pod.member("alice"), {}, {friend_there}, from_alice).ok());
  EXPECT_EQ(queued().at(0).entry.reverse_path, "");
}

TEST_F(Outgoing, MailFromOutsideIsNeverRelayedAlsoIfRcptWasNotAsked) {
  RunningPod pod(world, disk);
  const auto begun = run(pod.office->begin(RunningPod::outside(), alice, {bob, friend_there}, {}));
  EXPECT_EQ(begun.error(), smtp::Errc::not_local);
  EXPECT_TRUE(queued().empty());
}

TEST_F(Outgoing, MailIsNotTakenWhereSendingIsOff) {
  RunningPod pod(world, disk, RunningPod::small_settings(), Sends::no);
  EXPECT_EQ(send(pod, {bob, friend_there}).refused, smtp::Errc::remote_not_served);
  EXPECT_TRUE(queued().empty());
  EXPECT_TRUE(inbox("bob").empty());
}

/// To so many members beside a friend elsewhere.
class OutgoingFailures : public Outgoing, public testing::WithParamInterface<std::size_t> {
protected:
  OutgoingFailures() {
    const std::vector<Mailbox> members{bob, carol};
    recipients.assign(members.begin(), members.begin() + static_cast<std::ptrdiff_t>(GetParam()));
    recipients.push_back(friend_there);
    octets = std::string(from_alice) + std::string(70'000, 'x') + "\r\n";
  }
  std::size_t copies(base::Disk& on) { return world.inbox(on, "bob").size() + world.inbox(on, "carol").size(); }
  std::size_t entries(base::Disk& on) {
    const auto all = world.queued(on);
    for (const auto& one : all) EXPECT_TRUE(one.octets.ends_with(octets.substr(octets.size() - 70'000)));
    return all.size();
  }

  std::vector<Mailbox> recipients;
  std::string octets;
};

TEST_P(OutgoingFailures, OfAnyOneCallTakeItForAllOrForNone) {
  for (const int error : {EIO, ENOSPC}) {
    std::size_t refusals = 0;
    for (std::uint64_t call = 1;; ++call) {
      const auto machine = disk.clean_copy();
      RunningPod pod(world, *machine);
      const std::uint64_t before = machine->calls();
      machine->fail_call(before + call, error);
      const Answer answer = send(pod, recipients, octets);
      const bool reached = machine->calls() >= before + call;
      machine->heal();
      if (!answer.ok()) {
        ++refusals;
        EXPECT_EQ(answer.failed, error) << "call " << call;
        EXPECT_TRUE(pod.vaults.told.empty());
        EXPECT_TRUE(pod.looked_at.empty());
      }
      EXPECT_EQ(pod.queue->list().size(), answer.ok() ? 1U : 0U) << "call " << call;
      EXPECT_EQ(copies(*machine->clean_copy()), answer.ok() ? GetParam() : 0U) << "call " << call;
      EXPECT_EQ(entries(*machine->clean_copy()), answer.ok() ? 1U : 0U) << "call " << call;
      EXPECT_TRUE(send(pod, recipients, octets).ok()) << "call " << call;
      if (!reached) break;
    }
    EXPECT_GE(refusals, 3U);
  }
}

TEST_P(OutgoingFailures, OfPowerLoseNothingAcknowledgedAndDeliverNothingThatIsNotQueued) {
  std::size_t states = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    RunningPod pod(world, *machine);
    machine->crash_at_call(machine->calls() + call);
    Answer answer;
    bool lost = false;
    try {
      answer = send(pod, recipients, octets);
    } catch (const simulation::PowerLoss&) {
      lost = true;
    }
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const auto after = machine->crash(seed);
      const auto found = copies(*after);
      const auto waiting = entries(*after);
      ++states;
      EXPECT_LE(waiting, 1U);
      if (answer.ok()) {
        EXPECT_EQ(found, GetParam()) << "call " << call << " seed " << seed;
        EXPECT_EQ(waiting, 1U) << "call " << call << " seed " << seed;
      } else {
        EXPECT_TRUE(found == 0 || (found == GetParam() && waiting == 1))
            << found << " copies, " << waiting << " entries, call " << call;
      }
    }
    if (!lost) break;
  }
  EXPECT_GT(states, 50U);
}

INSTANTIATE_TEST_SUITE_P(Members, OutgoingFailures, testing::Values(0, 1, 2));

}  // namespace
}  // namespace mailpod::delivery
