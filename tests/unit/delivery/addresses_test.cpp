#include <gtest/gtest.h>

#include "pod_world.hpp"

/// Whom an address reaches, beyond its member's own: aliases, offices, what nobody has.
namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

class Addressing : public testing::Test {
protected:
  void start() {
    world.found(disk, {"alice", "bob", "carol"});
    pod = std::make_unique<RunningPod>(world, disk);
  }
  void give_alias(const std::string& name, const std::string& address, members::Alias::Progress progress) {
    members::Person person = *pod->directory->state()->find(world.id_of(name));
    person.aliases.push_back({members::Address::parse(address).value(), {}, progress});
    ASSERT_TRUE(pod->directory->put({&person, 1}));
  }
  Answer send_to(const Mailbox& to) {
    return pod->send(RunningPod::outside(), {"smith", "client.example"}, {to},
                     "From: smith@client.example\r\n\r\n.\r\n");
  }
  std::vector<std::string> inbox(const std::string& name) {
    const auto copy = disk.clean_copy();
    return world.inbox(*copy, name);
  }

  simulation::Disk disk;
  PodWorld world;
  std::unique_ptr<RunningPod> pod;
};

TEST_F(Addressing, AnAliasReachesItsMemberWhoMayWriteFromIt) {
  start();
  give_alias("alice", "ally@second.lab", members::Alias::Progress::in_force);
  ASSERT_TRUE(send_to({"Ally+x", "second.lab"}).ok());
  ASSERT_EQ(inbox("alice").size(), 1U);
  EXPECT_NE(inbox("alice")[0].find("Delivered-To: Ally+x@second.lab"), std::string::npos);

  const Mailbox from{"ally", "second.lab"};
  EXPECT_TRUE(pod->send(pod->member("alice"), from, {{"bob", "pod.lab"}}, "From: ally@second.lab\r\n\r\n.\r\n").ok());
  EXPECT_EQ(pod->send(pod->member("bob"), from, {{"bob", "pod.lab"}}, "From: ally@second.lab\r\n\r\n.\r\n").refused,
            smtp::Errc::sender_not_yours);
}

TEST_F(Addressing, AnAliasThatNoActStandsBehindReachesNobody) {
  start();
  give_alias("alice", "ally@pod.lab", members::Alias::Progress::pending);
  EXPECT_EQ(send_to({"ally", "pod.lab"}).refused, smtp::Errc::no_such_mailbox);
}

TEST_F(Addressing, ARoleReachesWhomTheCharterNamesAtEveryDomain) {
  world.name_maintainer("alice");
  world.community.charter.addresses.roles = {{"abuse", false, {world.id_of("bob")}},
                                             {"info", true, {world.id_of("carol"), world.id_of("alice")}}};
  start();
  ASSERT_TRUE(send_to({"Info", "second.lab"}).ok());
  ASSERT_TRUE(send_to({"abuse", "pod.lab"}).ok());
  ASSERT_TRUE(send_to({"postmaster", "second.lab"}).ok());
  EXPECT_EQ(inbox("alice").size(), 2U) << "info, and as postmaster";
  EXPECT_EQ(inbox("bob").size(), 1U);
  EXPECT_EQ(inbox("carol").size(), 1U);
  EXPECT_EQ(
      pod->send(pod->member("carol"), {"info", "pod.lab"}, {{"bob", "pod.lab"}}, "From: info@pod.lab\r\n\r\n.\r\n")
          .refused,
      smtp::Errc::sender_not_yours)
      << "an office is not one's own address";
}

TEST_F(Addressing, WhatNobodyHasReachesWhomTheCharterNamesForIt) {
  world.community.charter.addresses.fallback = world.id_of("carol");
  start();
  ASSERT_TRUE(send_to({"nobody", "pod.lab"}).ok());
  ASSERT_TRUE(send_to({"alice+x", "pod.lab"}).ok());
  ASSERT_EQ(inbox("carol").size(), 1U);
  EXPECT_NE(inbox("carol")[0].find("Delivered-To: nobody@pod.lab"), std::string::npos);
  EXPECT_EQ(inbox("alice").size(), 1U);
  EXPECT_EQ(send_to({"nobody", "other.example"}).refused, smtp::Errc::not_local);
  EXPECT_EQ(send_to({"postmaster", "pod.lab"}).refused, smtp::Errc::mailbox_unavailable);
  EXPECT_EQ(
      pod->send(pod->member("carol"), {"nobody", "pod.lab"}, {{"bob", "pod.lab"}}, "From: nobody@pod.lab\r\n\r\n.\r\n")
          .refused,
      smtp::Errc::sender_not_yours);
  world.suspend(*pod->registry, "carol");
  EXPECT_EQ(send_to({"nobody", "pod.lab"}).refused, smtp::Errc::mailbox_suspended);
}

TEST_F(Addressing, MailBetweenTwoDomainsOfThePodStaysHere) {
  start();
  ASSERT_TRUE(pod->send(pod->member("alice"), {"alice.second", "second.lab"}, {{"bob", "pod.lab"}},
                        "From: alice.second@second.lab\r\n\r\n.\r\n")
                  .ok());
  EXPECT_EQ(inbox("bob").size(), 1U);
  EXPECT_TRUE(world.queued(*disk.clean_copy()).empty());
}

}  // namespace
}  // namespace mailpod::delivery
