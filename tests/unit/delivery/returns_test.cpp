#include <mailpod/delivery/returns.hpp>

#include <cerrno>

#include <gtest/gtest.h>

#include "pod_world.hpp"

namespace mailpod::delivery {
namespace {

constexpr std::string_view report =
    "From: Mail delivery <postmaster@pod.lab>\r\nTo: alice@pod.lab\r\nSubject: not delivered\r\n\r\nAlas.\r\n";

class ReturnsTest : public testing::Test {
protected:
  ReturnsTest() {
    world.found(disk, {"alice", "bob"});
    pod = std::make_unique<RunningPod>(world, disk);
  }
  Status give_back(RunningPod& to, MemberId member) {
    return run(to.returns.give_back(member, base::MemorySource(report)));
  }
  std::vector<std::string> inbox(const std::string& name) { return world.inbox(*disk.clean_copy(), name); }

  simulation::Disk disk;
  PodWorld world;
  std::unique_ptr<RunningPod> pod;
};

TEST_F(ReturnsTest, PutsAReportIntoTheVaultAsMailWithTheNullReversePath) {
  ASSERT_TRUE(give_back(*pod, world.id_of("alice")));
  const auto messages = inbox("alice");
  ASSERT_EQ(messages.size(), 1U);
  EXPECT_TRUE(
      messages[0].starts_with("Return-Path: <>\r\nDelivered-To: alice@pod.lab\r\nReceived: by mail.pod.lab id "))
      << messages[0];
  EXPECT_TRUE(messages[0].ends_with(report)) << messages[0];
  EXPECT_EQ(pod->vaults.told, std::vector{world.id_of("alice")});
  EXPECT_TRUE(inbox("bob").empty());
}

TEST_F(ReturnsTest, ReachesAMemberWhoIsSuspended) {
  world.suspend(*pod->registry, "alice");
  ASSERT_TRUE(give_back(*pod, world.id_of("alice")));
  EXPECT_EQ(inbox("alice").size(), 1U);
}

TEST_F(ReturnsTest, CannotReachWhoIsNotThereOrHasNoKeyYet) {
  EXPECT_EQ(give_back(*pod, MemberId{}).error(), smtp::Errc::no_such_mailbox);
  members::Person person;
  person.id = world.id_of("newcomer");
  person.progress = members::Person::Progress::admitted;
  person.addresses = {members::Address::parse("newcomer@pod.lab").value()};
  ASSERT_TRUE(pod->directory->put({&person, 1}));
  EXPECT_EQ(give_back(*pod, person.id).error(), smtp::Errc::mailbox_unavailable);
}

TEST_F(ReturnsTest, AnswersOnlyWhatIsDurableAndLeavesNothingOfWhatFailed) {
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    RunningPod there(world, *machine);
    const auto before = machine->calls();
    machine->fail_call(before + call, EIO);
    bool failed = false;
    try {
      ASSERT_TRUE(give_back(there, world.id_of("alice")));
    } catch (const std::system_error&) {
      failed = true;
    }
    const bool reached = machine->calls() >= before + call;
    machine->heal();
    const auto after = machine->crash(call);
    EXPECT_EQ(world.inbox(*after, "alice").size(), failed ? 0U : 1U) << "call " << call;
    EXPECT_EQ(there.vaults.told.size(), failed ? 0U : 1U);
    if (!reached) break;
    EXPECT_TRUE(failed) << "call " << call;
  }
}

}  // namespace
}  // namespace mailpod::delivery
