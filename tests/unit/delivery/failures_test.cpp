#include <cerrno>

#include <gtest/gtest.h>

#include <mailpod/delivery/post_office.hpp>

#include "pod_world.hpp"

/// Machines that fail: nothing acknowledged is lost, nothing refused is seen.
namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

const std::vector<std::string> everyone = {"alice", "bob", "carol"};

std::vector<Mailbox> to(const std::vector<std::string>& names) {
  std::vector<Mailbox> recipients;
  for (const auto& name : names) recipients.push_back({name, "pod.lab"});
  return recipients;
}

class Failures : public testing::TestWithParam<std::size_t> {
protected:
  Failures() {
    world.found(disk, everyone);
    recipients.assign(everyone.begin(), everyone.begin() + static_cast<std::ptrdiff_t>(GetParam()));
    // More than a letter keeps in memory, so that the sealed spool is part of it.
    octets = "From: a@b.example\r\n\r\n" + std::string(70'000, 'x') + "\r\n";
  }
  Answer send(RunningPod& pod) { return pod.send(RunningPod::outside(), {"a", "b.example"}, to(recipients), octets); }

  /// How many copies there are of a message that all recipients were sent; every one of them must be whole.
  std::size_t copies(base::Disk& on) {
    std::size_t found = 0;
    for (const auto& name : everyone) {
      for (const auto& message : world.inbox(on, name)) {
        EXPECT_TRUE(message.ends_with(octets)) << "a damaged copy for " << name;
        ++found;
      }
    }
    return found;
  }

  simulation::Disk disk;
  PodWorld world;
  std::vector<std::string> recipients;
  std::string octets;
};

TEST_P(Failures, OfAnyOneCallRefuseForAllOrDeliverToAll) {
  for (const int error : {EIO, ENOSPC}) {
    std::size_t refusals = 0;
    for (std::uint64_t call = 1;; ++call) {
      const auto machine = disk.clean_copy();
      RunningPod pod(world, *machine);
      const std::uint64_t before = machine->calls();
      machine->fail_call(before + call, error);
      const Answer answer = send(pod);
      const bool reached = machine->calls() >= before + call;
      machine->heal();
      if (!answer.ok()) {
        ++refusals;
        EXPECT_EQ(answer.failed, error) << "call " << call;
        EXPECT_TRUE(pod.vaults.told.empty());
      }
      EXPECT_EQ(copies(*machine->clean_copy()), answer.ok() ? recipients.size() : 0)
          << "call " << call << ' ' << answer;
      // It delivers again in the same process.
      EXPECT_TRUE(send(pod).ok()) << "call " << call;
      if (!reached) break;
    }
    EXPECT_GE(refusals, 3U);
  }
}

TEST_P(Failures, OfPowerLoseNothingAcknowledged) {
  std::size_t states = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    RunningPod pod(world, *machine);
    machine->crash_at_call(machine->calls() + call);
    Answer answer;
    bool lost = false;
    try {
      answer = send(pod);
    } catch (const simulation::PowerLoss&) {
      lost = true;
    }
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto after = machine->crash(seed);
      const std::size_t found = copies(*after);
      ++states;
      if (answer.ok()) {
        EXPECT_EQ(found, recipients.size()) << "call " << call << " seed " << seed;
      } else {
        EXPECT_TRUE(found == 0 || found == recipients.size()) << found << " copies, call " << call << " seed " << seed;
      }
    }
    if (!lost) break;
  }
  EXPECT_GT(states, 50U);
}

TEST_P(Failures, OfAFullDiskEndWhenThereIsSpaceAgain) {
  RunningPod pod(world, disk);
  disk.set_capacity(disk.used() + 40'000);
  const Answer refused = send(pod);
  EXPECT_FALSE(refused.ok());
  EXPECT_EQ(refused.failed, ENOSPC);
  disk.heal();
  EXPECT_TRUE(send(pod).ok());
  EXPECT_EQ(copies(*disk.clean_copy()), recipients.size());
}

INSTANTIATE_TEST_SUITE_P(Recipients, Failures, testing::Values(1, 3));

}  // namespace
}  // namespace mailpod::delivery
