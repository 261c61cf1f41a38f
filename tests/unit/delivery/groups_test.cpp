#include "groups.hpp"

#include <algorithm>

#include <gtest/gtest.h>

#include "pod_world.hpp"

/// Mail to a group, from first octet to vaults and queue.
namespace mailpod::delivery {
namespace {

using members::Group;
using smtp::Mailbox;

const Mailbox outsider{"smith", "client.example"};
const Mailbox eve{"eve", "other.example"};
const Mailbox choir{"choir", "pod.lab"};

class Groups : public testing::Test {
protected:
  void start(Sends sends = Sends::yes) {
    world.name_maintainer("carol");
    world.found(disk, {"alice", "bob", "carol"});
    pod = std::make_unique<RunningPod>(world, disk, RunningPod::small_settings(), sends);
  }
  void set(Group::Posting posting, const std::vector<std::string>& names, std::vector<std::string> outside = {}) {
    Group group;
    group.id = {7};
    group.address = members::Address::parse("Choir@pod.lab").value();
    group.name = "The \"best\" choir";
    group.posting = posting;
    for (const auto& name : names) group.members.push_back(world.id_of(name));
    std::ranges::sort(group.members);
    group.outside = std::move(outside);
    ASSERT_TRUE(pod->directory->propose_group(group));
    ASSERT_TRUE(pod->directory->enact_group(group.id));
  }
  Answer from_alice(const std::vector<Mailbox>& to, std::string_view more = "") {
    return pod->send(pod->member("alice"), {"alice", "pod.lab"}, to,
                     "From: Alice <alice@pod.lab>\r\nSubject: notes\r\n" + std::string(more) + "\r\nla la\r\n");
  }
  Answer from_outside(const Mailbox& from, const std::vector<Mailbox>& to, std::string_view header) {
    return pod->send(RunningPod::outside(), from, to, std::string(header) + "\r\nla la\r\n");
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

bool has(std::string_view text, std::string_view what) {
  return text.find(what) != std::string_view::npos;
}

TEST_F(Groups, EveryMemberGetsACopyItsAuthorToo) {
  start();
  set(Group::Posting::group, {"alice", "bob"});
  ASSERT_TRUE(from_alice({choir}).ok());
  for (const auto* name : {"alice", "bob"}) {
    ASSERT_EQ(inbox(name).size(), 1U) << name;
    const auto message = inbox(name)[0];
    EXPECT_TRUE(message.starts_with("Return-Path: <Choir-bounces@pod.lab>\r\nDelivered-To: Choir@pod.lab\r\n"))
        << message;
    EXPECT_TRUE(has(message, "\r\nList-Id: \"The \\\"best\\\" choir\" <Choir.pod.lab>\r\n")) << message;
    EXPECT_TRUE(has(message, "\r\nList-Post: <mailto:Choir@pod.lab>\r\n"));
    EXPECT_TRUE(has(message, "\r\nList-Unsubscribe: <mailto:Choir-request@pod.lab?subject=unsubscribe>\r\n"));
    EXPECT_TRUE(has(message, "\r\nPrecedence: list\r\n"));
    EXPECT_TRUE(has(message, "\r\nFrom: Alice <alice@pod.lab>\r\n"));
    EXPECT_TRUE(message.ends_with("\r\n\r\nla la\r\n"));
    for (const auto* other : {"bob", "carol"}) EXPECT_FALSE(has(message, other)) << message;
  }
  EXPECT_TRUE(inbox("carol").empty());
  EXPECT_TRUE(queued().empty());
  EXPECT_EQ(pod->vaults.told.size(), 2U);
}

TEST_F(Groups, WhoIsNamedBesideTheGroupGetsOneCopy) {
  start();
  set(Group::Posting::pod, {"alice", "bob"});
  ASSERT_TRUE(from_alice({choir, {"bob", "pod.lab"}, {"CHOIR", "pod.lab"}}).ok());
  ASSERT_EQ(inbox("bob").size(), 1U);
  EXPECT_TRUE(has(inbox("bob")[0], "Delivered-To: bob@pod.lab")) << "as it was sent to them";
  EXPECT_FALSE(has(inbox("bob")[0], "List-Id"));
  EXPECT_EQ(inbox("alice").size(), 1U);
}

TEST_F(Groups, MembersElsewhereAreOneEntryThatComesBackToThePod) {
  start();
  set(Group::Posting::group, {"alice", "bob"}, {"eve@other.example", "zoe@third.example"});
  ASSERT_TRUE(from_alice({choir, {"friend", "fourth.example"}}).ok());
  auto entries = queued();
  ASSERT_EQ(entries.size(), 2U);
  if (entries[0].entry.recipients.size() != 2) std::swap(entries[0], entries[1]);
  const auto& [entry, octets] = entries[0];
  ASSERT_EQ(entry.recipients.size(), 2U);
  EXPECT_EQ(entry.reverse_path, "Choir-bounces@pod.lab");
  EXPECT_EQ(entry.submitter, world.id_of("carol")) << "the maintainer hears what came back";
  EXPECT_FALSE(entry.passed_on);
  EXPECT_TRUE(has(octets, "List-Id: "));
  EXPECT_TRUE(has(octets, "From: Alice <alice@pod.lab>")) << "an author of the pod needs no other name";
  EXPECT_FALSE(has(octets, "eve@")) << octets;
  EXPECT_FALSE(has(octets, "bob")) << octets;
  EXPECT_EQ(entries[1].entry.reverse_path, "alice@pod.lab");
  EXPECT_FALSE(has(entries[1].octets, "List-Id"));
  EXPECT_EQ(pod->looked_at.size(), 2U);
}

TEST_F(Groups, AForeignAuthorKeepsTheirNameHereAndWritesViaTheGroupElsewhere) {
  start();
  set(Group::Posting::group, {"bob"}, {"eve@other.example", "zoe@third.example"});
  ASSERT_TRUE(from_outside(eve, {choir}, "From: Eve \"X\" <eve@other.example>\r\nSender: s@other.example\r\n").ok());
  ASSERT_EQ(inbox("bob").size(), 1U);
  EXPECT_TRUE(has(inbox("bob")[0], "From: Eve \"X\" <eve@other.example>\r\n")) << inbox("bob")[0];
  const auto entries = queued();
  ASSERT_EQ(entries.size(), 1U);
  EXPECT_FALSE(entries[0].entry.passed_on) << "its From is ours";
  const auto& octets = entries[0].octets;
  EXPECT_TRUE(has(octets, "From: \"Eve X via The \\\"best\\\" choir\" <Choir@pod.lab>\r\n")) << octets;
  EXPECT_TRUE(has(octets, "Reply-To: \"Eve X\" <eve@other.example>\r\n")) << octets;
  EXPECT_FALSE(has(octets, "Sender:"));
}

TEST_F(Groups, WhoClaimsFromOutsideToBeOneOfUsIsNotBelieved) {
  start();
  set(Group::Posting::anyone, {"bob"}, {"zoe@third.example"});
  ASSERT_TRUE(from_outside(outsider, {choir}, "From: alice@pod.lab\r\nReply-To: x@client.example\r\n").ok());
  const auto octets = queued().at(0).octets;
  EXPECT_TRUE(has(octets, "From: \"alice via The \\\"best\\\" choir\" <Choir@pod.lab>\r\n")) << octets;
  EXPECT_TRUE(has(octets, "Reply-To: x@client.example\r\n"));
  EXPECT_FALSE(has(octets, "alice@pod.lab")) << octets;
}

TEST_F(Groups, OnlyWhoMayWritesToIt) {
  start();
  using P = Group::Posting;
  struct Row {
    P posting;
    bool member, pod, outside_member, outsider;
  };
  const Row rows[] = {
      {P::group, true, false, true, false}, {P::pod, true, true, true, false}, {P::anyone, true, true, true, true}};
  for (const auto& row : rows) {
    set(row.posting, {"alice"}, {"Eve@other.example"});
    const auto by = [&](const smtp::Peer& peer, const Mailbox& from) {
      const auto answer =
          pod->send(peer, from, {choir}, "From: " + from.local_part + "@" + from.domain + "\r\n\r\n.\r\n");
      EXPECT_TRUE(answer.ok() || answer.refused == smtp::Errc::posting_refused) << answer;
      return answer.ok();
    };
    EXPECT_EQ(by(pod->member("alice"), {"alice", "pod.lab"}), row.member);
    EXPECT_EQ(by(pod->member("bob"), {"bob", "pod.lab"}), row.pod);
    EXPECT_EQ(by(RunningPod::outside(), eve), row.outside_member);
    EXPECT_EQ(by(RunningPod::outside(), outsider), row.outsider);
    EXPECT_EQ(by(RunningPod::outside(), {"alice", "pod.lab"}), row.outsider) << "anybody can say that from outside";
    EXPECT_FALSE(by(RunningPod::outside(), {})) << "no report goes round";
  }
}

TEST_F(Groups, AMessageNeverComesRoundAgain) {
  start();
  set(Group::Posting::anyone, {"bob"});
  const std::string from = "From: smith@client.example\r\n";
  EXPECT_EQ(from_outside(outsider, {choir}, from + "List-Id: x\r\n <CHOIR.pod.lab>\r\n").refused,
            smtp::Errc::too_many_hops);
  EXPECT_EQ(from_outside(outsider, {choir}, from + "Auto-Submitted: auto-replied (vacation)\r\n").refused,
            smtp::Errc::posting_refused);
  EXPECT_TRUE(inbox("bob").empty());
  EXPECT_TRUE(from_outside(outsider, {choir},
                           from + "List-Id: <band.pod.lab>\r\nAuto-Submitted: auto-generated\r\n"
                                  "Disposition-Notification-To: spy@client.example\r\n")
                  .ok());
  ASSERT_EQ(inbox("bob").size(), 1U);
  EXPECT_FALSE(has(inbox("bob")[0], "band.pod.lab")) << "one list at a time";
  EXPECT_FALSE(has(inbox("bob")[0], "spy"));
}

TEST_F(Groups, WhatStandsBesideItReachesTheMaintainers) {
  start();
  set(Group::Posting::group, {"bob"});
  for (const auto* name : {"choir-request", "Choir-OWNER", "choir-bounces"})
    EXPECT_TRUE(from_outside({}, {{name, "pod.lab"}}, "From: x@client.example\r\n").ok()) << name;
  EXPECT_EQ(inbox("carol").size(), 3U);
  EXPECT_TRUE(inbox("bob").empty());
  EXPECT_EQ(from_outside({}, {{"band-request", "pod.lab"}}, "").refused, smtp::Errc::no_such_mailbox);
  EXPECT_EQ(from_outside({}, {{"choir-x", "pod.lab"}}, "").refused, smtp::Errc::no_such_mailbox);
  EXPECT_EQ(from_outside({}, {{"-request", "pod.lab"}}, "").refused, smtp::Errc::no_such_mailbox);
}

TEST_F(Groups, NobodyWritesAsAGroup) {
  start();
  set(Group::Posting::group, {"alice"});
  EXPECT_EQ(pod->send(pod->member("alice"), choir, {{"bob", "pod.lab"}}, "From: choir@pod.lab\r\n\r\n.\r\n").refused,
            smtp::Errc::sender_not_yours);
}

TEST_F(Groups, ASuspendedMemberMissesWhatIsWritten) {
  start();
  set(Group::Posting::pod, {"bob", "carol"});
  world.suspend(*pod->registry, "bob");
  ASSERT_TRUE(from_alice({choir}).ok());
  EXPECT_TRUE(inbox("bob").empty());
  EXPECT_EQ(inbox("carol").size(), 1U);
  world.suspend(*pod->registry, "carol");
  EXPECT_EQ(from_alice({choir}).refused, smtp::Errc::mailbox_unavailable);
}

TEST_F(Groups, WithMembersElsewhereNeedSending) {
  start(Sends::no);
  set(Group::Posting::pod, {"bob"}, {"eve@other.example"});
  EXPECT_EQ(from_alice({choir}).refused, smtp::Errc::remote_not_served);
}

TEST_F(Groups, AFailureAnywhereLeavesNothingAnywhere) {
  start();
  set(Group::Posting::pod, {"alice", "bob"}, {"eve@other.example"});
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    disk.fail_call(disk.calls() + call, ENOSPC);
    const auto answer = from_alice({choir, {"carol", "pod.lab"}, {"friend", "fourth.example"}});
    disk.heal();
    finished = answer.ok();
    const std::size_t each = finished ? 1 : 0;
    for (const auto* name : {"alice", "bob", "carol"}) ASSERT_EQ(inbox(name).size(), each) << "call " << call;
    ASSERT_EQ(queued().size(), 2 * each) << "call " << call;
  }
}

TEST(ListFields, EncodeWhatAUriAndAHeaderCannotHold) {
  Group group;
  group.address = members::Address::parse("a+b%c@pod.lab").value();
  group.name = "Chor \xc3\xbc";
  const auto fields = list_fields(group);
  EXPECT_TRUE(has(fields, "List-Post: <mailto:a%2Bb%25c@pod.lab>\r\n")) << fields;
  EXPECT_TRUE(has(fields, "List-Id: =?utf-8?")) << fields;
  group.name.clear();
  EXPECT_TRUE(has(list_fields(group), "List-Id: <a+b%c.pod.lab>\r\n"));
}

}  // namespace
}  // namespace mailpod::delivery
