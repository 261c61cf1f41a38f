#include <algorithm>

#include <gtest/gtest.h>

#include "pod_world.hpp"

/// A member's mail that goes on, from first octet to vaults and queue, and back.
namespace mailpod::delivery {
namespace {

using members::Forward;
using smtp::Mailbox;

const Mailbox outsider{"smith", "client.example"};
const Mailbox bob{"bob", "pod.lab"};

class Forwarded : public testing::Test {
protected:
  void start(Sends sends = Sends::yes) {
    world.found(disk, {"alice", "bob", "carol"});
    pod = std::make_unique<RunningPod>(world, disk, RunningPod::small_settings(), sends);
  }
  void forward(const std::string& name, const std::string& to, Forward::Copy copy) {
    members::Person person = *pod->directory->state()->find(world.id_of(name));
    person.forward = Forward{members::Address::parse(to).value(), copy};
    ASSERT_TRUE(pod->directory->put({&person, 1}));
  }
  Answer from_outside(const std::vector<Mailbox>& to, std::string_view more = "", const Mailbox& from = outsider) {
    return pod->send(RunningPod::outside(), from, to,
                     "From: smith@client.example\r\n" + std::string(more) + "\r\nhello\r\n");
  }
  static Mailbox mailbox(const std::string& address) {
    const auto at = address.rfind('@');
    return {address.substr(0, at), address.substr(at + 1)};
  }
  std::vector<std::string> inbox(const std::string& name) {
    const auto copy = disk.clean_copy();
    return world.inbox(*copy, name);
  }
  std::vector<PodWorld::Queued> queued() { return world.queued(*disk.clean_copy()); }

  simulation::Disk disk;
  PodWorld world;
  std::unique_ptr<RunningPod> pod;
};

TEST_F(Forwarded, MailGoesOnUnderAPathOfOursAndACopyStays) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::kept);
  ASSERT_TRUE(from_outside({bob, {"alice", "pod.lab"}}).ok());
  EXPECT_EQ(inbox("alice").size(), 1U);
  ASSERT_EQ(inbox("bob").size(), 1U);
  EXPECT_TRUE(inbox("bob")[0].starts_with("Return-Path: <smith@client.example>\r\n"));
  const auto entries = queued();
  ASSERT_EQ(entries.size(), 1U);
  const auto& [entry, octets] = entries[0];
  EXPECT_TRUE(entry.reverse_path.starts_with("SRS0=")) << entry.reverse_path;
  EXPECT_TRUE(entry.reverse_path.ends_with("=client.example=smith@pod.lab")) << entry.reverse_path;
  ASSERT_EQ(entry.recipients.size(), 1U);
  EXPECT_EQ(entry.recipients[0].address, "bob@elsewhere.example");
  EXPECT_EQ(entry.submitter, world.id_of("bob")) << "they hear that it did not arrive";
  EXPECT_TRUE(entry.passed_on) << "and nobody signs it";
  EXPECT_NE(octets.find("Delivered-To: bob@pod.lab\r\n"), std::string::npos) << octets;
  EXPECT_NE(octets.find("From: smith@client.example\r\n"), std::string::npos);
  EXPECT_EQ(octets.find("alice"), std::string::npos) << octets;
  EXPECT_EQ(pod->looked_at.size(), 1U);
}

TEST_F(Forwarded, NoCopyStaysIfNoneIsWanted) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  ASSERT_TRUE(from_outside({bob}).ok());
  EXPECT_TRUE(inbox("bob").empty());
  EXPECT_EQ(queued().size(), 1U);
  EXPECT_TRUE(pod->vaults.told.empty());
}

TEST_F(Forwarded, MailThatComesBackFindsItsAuthor) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  ASSERT_TRUE(from_outside({bob}).ok());
  const Mailbox path = mailbox(queued().at(0).entry.reverse_path);
  ASSERT_TRUE(from_outside({path}, "Subject: undeliverable\r\n", {}).ok());
  const auto entries = queued();
  ASSERT_EQ(entries.size(), 2U);
  const auto& back = entries[0].entry.reverse_path.empty() ? entries[0] : entries[1];
  EXPECT_EQ(back.entry.reverse_path, "");
  ASSERT_EQ(back.entry.recipients.size(), 1U);
  EXPECT_EQ(back.entry.recipients[0].address, "smith@client.example");
  EXPECT_FALSE(back.entry.submitter);
  EXPECT_TRUE(back.entry.passed_on);
}

TEST_F(Forwarded, NothingElseIsRelayedThatWay) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  ASSERT_TRUE(from_outside({bob}).ok());
  const Mailbox path = mailbox(queued().at(0).entry.reverse_path);
  EXPECT_EQ(from_outside({path}).refused, smtp::Errc::no_such_mailbox) << "with a reverse path it is no report";
  Mailbox forged = path;
  forged.local_part.back() = 'x';
  EXPECT_EQ(from_outside({forged}, "", {}).refused, smtp::Errc::no_such_mailbox);
  EXPECT_EQ(from_outside({{"SRS0=aaaaaa=aa=client.example=smith", "pod.lab"}}, "", {}).refused,
            smtp::Errc::no_such_mailbox);
  EXPECT_EQ(pod->send(pod->member("bob"), {}, {path}, "From: bob@pod.lab\r\n\r\n.\r\n").refused,
            smtp::Errc::no_such_mailbox)
      << "a member has no reports to send there";
  world.community.clock.advance(std::chrono::days(22));
  EXPECT_EQ(from_outside({path}, "", {}).refused, smtp::Errc::no_such_mailbox) << "too old";
  EXPECT_EQ(queued().size(), 1U);
}

TEST_F(Forwarded, PathsOfThePodAndNoPathStayAsTheyAre) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  ASSERT_TRUE(pod->send(pod->member("alice"), {"alice", "pod.lab"}, {bob}, "From: alice@pod.lab\r\n\r\n.\r\n").ok());
  EXPECT_EQ(queued().at(0).entry.reverse_path, "alice@pod.lab");
  EXPECT_FALSE(queued().at(0).entry.passed_on) << "its author has logged in";
  ASSERT_TRUE(from_outside({bob}, "", {}).ok());
  const auto entries = queued();
  EXPECT_TRUE(entries.at(0).entry.reverse_path.empty() || entries.at(1).entry.reverse_path.empty());
}

TEST_F(Forwarded, APathThatDoesNotFitBecomesTheMembers) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  ASSERT_TRUE(from_outside({bob}, "", {std::string(60, 'x'), "client.example"}).ok());
  EXPECT_EQ(queued().at(0).entry.reverse_path, "bob@pod.lab");
}

TEST_F(Forwarded, AMessageThatComesRoundIsALoop) {
  start();
  for (const auto copy : {Forward::Copy::none, Forward::Copy::kept}) {
    forward("bob", "bob@elsewhere.example", copy);
    EXPECT_EQ(from_outside({bob}, "Delivered-To: bob@elsewhere.example\r\nDelivered-To: BOB@pod.lab\r\n").refused,
              smtp::Errc::too_many_hops);
  }
  EXPECT_TRUE(queued().empty());
}

TEST_F(Forwarded, WithoutSendingACopyStaysOrTheMailWaitsElsewhere) {
  start(Sends::no);
  forward("bob", "bob@elsewhere.example", Forward::Copy::kept);
  ASSERT_TRUE(from_outside({bob}).ok());
  EXPECT_EQ(inbox("bob").size(), 1U);
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  EXPECT_EQ(from_outside({bob}).refused, smtp::Errc::remote_not_served);
}

TEST_F(Forwarded, AGroupsMailGoesOnUnderTheGroupsPath) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  members::Group group;
  group.address = members::Address::parse("choir@pod.lab").value();
  group.posting = members::Group::Posting::anyone;
  group.members = {world.id_of("alice"), world.id_of("bob")};
  std::ranges::sort(group.members);
  ASSERT_TRUE(pod->directory->propose_group(group));
  ASSERT_TRUE(pod->directory->enact_group(group.id));
  ASSERT_TRUE(from_outside({{"choir", "pod.lab"}}).ok());
  EXPECT_EQ(inbox("alice").size(), 1U);
  EXPECT_TRUE(inbox("bob").empty());
  ASSERT_EQ(queued().size(), 1U);
  EXPECT_EQ(queued()[0].entry.reverse_path, "choir-bounces@pod.lab");
  EXPECT_TRUE(queued()[0].entry.passed_on) << "its From is as it came";
  EXPECT_NE(queued()[0].octets.find("List-Id: <choir.pod.lab>"), std::string::npos);
}

TEST_F(Forwarded, ASuspendedMembersMailGoesNowhere) {
  start();
  forward("bob", "bob@elsewhere.example", Forward::Copy::none);
  world.suspend(*pod->registry, "bob");
  EXPECT_EQ(from_outside({bob}).refused, smtp::Errc::mailbox_suspended);
}

}  // namespace
}  // namespace mailpod::delivery
