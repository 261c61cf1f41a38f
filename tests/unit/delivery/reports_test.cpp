#include <mailpod/delivery/reports.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pod_world.hpp"

/// Members who tell the maintainers.
namespace mailpod::delivery {
namespace {

using testing::HasSubstr;
using testing::Not;

class ReportsTest : public testing::Test {
protected:
  void begin(const std::string& maintainer = "bob") {
    if (!maintainer.empty()) world.name_maintainer(maintainer);
    world.found(disk, {"alice", "bob"});
    registry = world.open_registry(disk);
    directory = world.open_directory(disk);
    reports = std::make_unique<Reports>(members::Household{disk,
                                                           world.community.clock,
                                                           world.community.entropy,
                                                           base::silent_log(),
                                                           world.community.arena,
                                                           "/pod/members",
                                                           world.pod_key,
                                                           *directory,
                                                           *registry,
                                                           {}});
  }
  Report from_alice() { return {world.id_of("alice"), "Bob's guest insults me.\n", std::nullopt, {}}; }

  simulation::Disk disk;
  PodWorld world;
  std::unique_ptr<governance::Registry> registry;
  std::unique_ptr<members::Directory> directory;
  std::unique_ptr<Reports> reports;
};

TEST_F(ReportsTest, TheMaintainersGetTheChosenMessagesAndTheReporterIsTold) {
  begin();
  const std::string evil = "From: x@other.example\r\nSubject: insult\r\n\r\nYou!\r\n";
  const base::MemorySource message(evil);
  auto report = from_alice();
  report.messages = {&message};
  const auto taken = reports->take(report);
  ASSERT_TRUE(taken);
  EXPECT_EQ(taken->maintainers, 1U);
  const auto read = world.inbox(disk, "bob");
  ASSERT_EQ(read.size(), 1U);
  EXPECT_THAT(read[0], HasSubstr("From: <alice@pod.lab>"));
  EXPECT_THAT(read[0], HasSubstr("message/rfc822"));
  EXPECT_THAT(read[0], HasSubstr(evil)) << "octet for octet";
  const auto told = world.inbox(disk, "alice");
  ASSERT_EQ(told.size(), 1U);
  EXPECT_THAT(told[0], HasSubstr("went to 1 of the pod's maintainers"));
  EXPECT_THAT(told[0], Not(HasSubstr("bob")));
}

TEST_F(ReportsTest, AMaintainerItIsAboutDoesNotGetIt) {
  begin();
  auto report = from_alice();
  report.about = world.id_of("bob");
  EXPECT_EQ(reports->take(report).error(), smtp::Errc::mailbox_unavailable);
  EXPECT_TRUE(world.inbox(disk, "bob").empty());
  EXPECT_TRUE(world.inbox(disk, "alice").empty()) << "nobody is told of what did not happen";
  report.about = world.id_of("alice");
  EXPECT_TRUE(reports->take(report));
}

TEST_F(ReportsTest, WhereNoMaintainerReadsMailItIsRefused) {
  begin("");
  EXPECT_EQ(reports->take(from_alice()).error(), smtp::Errc::mailbox_unavailable);
}

TEST_F(ReportsTest, ASuspendedMaintainerDoesNotRead) {
  begin();
  world.suspend(*registry, "bob");
  EXPECT_EQ(reports->take(from_alice()).error(), smtp::Errc::mailbox_unavailable);
}

TEST_F(ReportsTest, FiveAtOnceAndTenAnHour) {
  begin();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(reports->take(from_alice()));
  EXPECT_EQ(reports->take(from_alice()).error(), smtp::Errc::too_fast);
  world.community.clock.advance(std::chrono::minutes(6));
  EXPECT_TRUE(reports->take(from_alice()));
  EXPECT_EQ(reports->take(from_alice()).error(), smtp::Errc::too_fast);
}

TEST_F(ReportsTest, WhatIsTooMuchIsRefused) {
  begin();
  auto report = from_alice();
  report.words = std::string(Reports::longest_words + 1, 'x');
  EXPECT_EQ(reports->take(report).error(), smtp::Errc::too_big);
  report = from_alice();
  const std::string small = "Subject: x\r\n\r\n";
  const base::MemorySource message(small);
  report.messages.assign(Reports::most_messages + 1, &message);
  EXPECT_EQ(reports->take(report).error(), smtp::Errc::too_big);
}

TEST_F(ReportsTest, AFullDiskLeavesNothingAnywhere) {
  begin();
  disk.fail_from_call(disk.calls() + 3, ENOSPC);
  EXPECT_THROW(reports->take(from_alice()), std::system_error);
  disk.heal();
  EXPECT_TRUE(world.inbox(disk, "alice").empty());
  EXPECT_TRUE(world.inbox(disk, "bob").empty());
}

}  // namespace
}  // namespace mailpod::delivery
