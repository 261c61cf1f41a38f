#include <gtest/gtest.h>

#include <mailpod/delivery/post_office.hpp>

#include "pod_world.hpp"

/// Members who ask to be told that their mail has arrived. RFC 3461 §5.2.3.
namespace mailpod::delivery {
namespace {

using smtp::Addressee;
using smtp::Mailbox;

const std::string octets = "From: alice@pod.lab\r\nSubject: hi\r\n\r\nbody\r\n";

Addressee reported(const std::string& name) {
  smtp::RecipientParameters parameters;
  parameters.notify.success = true;
  return {Mailbox{name, "pod.lab"}, parameters};
}

class Reported : public testing::Test {
protected:
  Answer send(RunningPod& pod, const std::vector<Addressee>& to) {
    return pod.send_to(pod.member("alice"), {"alice", "pod.lab"}, to, octets);
  }

  simulation::Disk disk;
  PodWorld world;
};

TEST_F(Reported, OneReportNamesAllWhoWereAskedFor) {
  world.found(disk, {"alice", "bob", "carol"});
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {reported("bob"), Mailbox{"carol", "pod.lab"}, reported("alice")}).ok());
  EXPECT_EQ(pod.vaults.told,
            (std::vector{world.id_of("bob"), world.id_of("carol"), world.id_of("alice"), world.id_of("alice")}));
  const auto inbox = world.inbox(*disk.clean_copy(), "alice");
  ASSERT_EQ(inbox.size(), 2U) << "her copy and the report";
  const bool copy_first = inbox[0].ends_with("body\r\n");
  const std::string& report = inbox[copy_first ? 1 : 0];
  EXPECT_NE(report.find("Final-Recipient: rfc822; bob@pod.lab\r\nAction: delivered"), std::string::npos) << report;
  EXPECT_NE(report.find("Final-Recipient: rfc822; alice@pod.lab\r\nAction: delivered"), std::string::npos);
  EXPECT_EQ(report.find("carol"), std::string::npos);
}

TEST_F(Reported, WhoStandsBehindARoleIsNotTold) {
  world.name_maintainer("bob");
  world.found(disk, {"alice", "bob"});
  RunningPod pod(world, disk);
  ASSERT_TRUE(send(pod, {reported("postmaster")}).ok());
  const auto inbox = world.inbox(*disk.clean_copy(), "alice");
  ASSERT_EQ(inbox.size(), 1U);
  EXPECT_NE(inbox[0].find("Final-Recipient: rfc822; postmaster@pod.lab\r\n"), std::string::npos);
  EXPECT_EQ(inbox[0].find("bob"), std::string::npos);
}

TEST_F(Reported, MailFromOutsideIsNot) {
  world.found(disk, {"alice", "bob"});
  RunningPod pod(world, disk);
  ASSERT_TRUE(pod.send_to(RunningPod::outside(), {"alice", "pod.lab"}, {reported("bob")}, octets).ok());
  EXPECT_TRUE(world.inbox(*disk.clean_copy(), "alice").empty());
}

TEST_F(Reported, AMachineThatFailsDeliversBothOrNeither) {
  world.found(disk, {"alice", "bob"});
  std::size_t refusals = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    RunningPod pod(world, *machine);
    const std::uint64_t before = machine->calls();
    machine->fail_call(before + call, EIO);
    const Answer answer = send(pod, {reported("bob")});
    const bool reached = machine->calls() >= before + call;
    machine->heal();
    refusals += answer.ok() ? 0 : 1;
    const auto after = machine->clean_copy();
    EXPECT_EQ(world.inbox(*after, "bob").size(), answer.ok() ? 1U : 0U) << "call " << call;
    EXPECT_EQ(world.inbox(*after, "alice").size(), answer.ok() ? 1U : 0U) << "call " << call;
    if (!reached) break;
  }
  EXPECT_GE(refusals, 3U);
}

TEST_F(Reported, PowerThatFailsLeavesBothOrNeither) {
  world.found(disk, {"alice", "bob"});
  std::size_t delivered = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    RunningPod pod(world, *machine);
    machine->crash_at_call(machine->calls() + call);
    bool lost = false;
    Answer answer;
    try {
      answer = send(pod, {reported("bob")});
    } catch (const simulation::PowerLoss&) {
      lost = true;
    }
    for (std::uint64_t seed = 0; seed < 6; ++seed) {
      const auto after = machine->crash(seed);
      const std::size_t copies = world.inbox(*after, "bob").size();
      EXPECT_EQ(world.inbox(*after, "alice").size(), copies) << "call " << call << " seed " << seed;
      if (answer.ok()) EXPECT_EQ(copies, 1U) << "call " << call << " seed " << seed;
      delivered += copies;
    }
    if (!lost) break;
  }
  EXPECT_GT(delivered, 0U);
}

}  // namespace
}  // namespace mailpod::delivery
