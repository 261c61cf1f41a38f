#include <mailpod/delivery/federation.hpp>

#include <gtest/gtest.h>

#include <mailpod/mailauth/dkim_key.hpp>
#include <mailpod/mailauth/dkim_signature.hpp>

#include "pod_world.hpp"
#include "simulation/resolver.hpp"

namespace mailpod::delivery {
namespace {

using governance::Act;
using smtp::Mailbox;

const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

std::string from(const std::string& author) {
  return "From: " + author + "\r\nSubject: hello\r\n\r\ncanary-body\r\n";
}

/// RunningPod::outside() comes from 192.0.2.1.
class DeliveryFederationTest : public testing::Test {
protected:
  void begin() {
    world.found(disk, {"alice", "bob"});
    pod = std::make_unique<RunningPod>(world, disk);
    pod->ask(inquiry);
    federation.emplace(
        Federation::Ports{pod->registry->gate(), *pod->directory, world.community.clock, base::silent_log()});
  }
  Answer send(const Mailbox& reverse_path, const std::string& author) {
    return pod->send(RunningPod::outside(), reverse_path, {bob}, from(author));
  }
  void act(Act::Kind kind, const std::string& domain) {
    auto wanted = world.community.act(kind, {});
    wanted.domain = domain;
    wanted.reason = "spam";
    pod->registry->record(std::vector{world.community.sign(wanted)}, world.community.clock.now()).value();
  }
  queue::EntryId queued(const std::string& to, bool held = false) {
    queue::Entry entry;
    entry.arrival = world.community.clock.now();
    entry.next_try = entry.arrival + std::chrono::hours(3);
    entry.held = held;
    entry.recipients.emplace_back().address = to;
    return pod->queue->put(entry, base::MemorySource("x\r\n"));
  }
  std::size_t stop() {
    return federation->stop_what_waits(*pod->queue, [&](const queue::EntryId& id) { looked_at.push_back(id); });
  }

  simulation::Disk disk;
  PodWorld world;
  simulation::Resolver dns;
  mailauth::DnsInquiry inquiry{{dns, {}, net::system_alarms(), world.community.clock}, {}};
  std::unique_ptr<RunningPod> pod;
  std::optional<Federation> federation;
  std::vector<queue::EntryId> looked_at;
};

TEST_F(DeliveryFederationTest, WhoseServerIsOfADeniedDomainIsRefusedWhateverFromSays) {
  world.community.charter.federation.deny = {"bad.example"};
  begin();
  dns.txt_records["friend.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
  EXPECT_TRUE(send({"smith", "friend.example"}, "smith@friend.example").ok());
  dns.ptr_records["192.0.2.1"].records = {"mx7.bad.example"};
  dns.address_records[{"mx7.bad.example", net::Family::ipv4}].records = {"192.0.2.1"};
  EXPECT_EQ(send({"smith", "friend.example"}, "smith@friend.example").refused, smtp::Errc::not_federated)
      << "its server is theirs";
}

TEST_F(DeliveryFederationTest, WhoSignsForADeniedDomainIsRefusedWhateverFromSays) {
  world.community.charter.federation.deny = {"bad.example"};
  begin();
  const auto key =
      mailauth::DkimKey::generate(mailauth::Algorithm::ed25519_sha256, world.community.arena, world.community.entropy);
  dns.txt_records["s._domainkey.bad.example"].records = {key.record()};
  dns.txt_records["s._domainkey.good.example"].records = {key.record()};
  const auto signed_by = [&](const std::string& domain) {
    const std::string octets = from("smith@friend.example");
    const base::MemorySource source(octets);
    const auto readable = mailauth::SignableMessage::read(source);
    return readable->signatures({{domain, "s", key}}, world.community.clock.now()) + octets;
  };
  EXPECT_TRUE(pod->send(RunningPod::outside(), {"smith", "friend.example"}, {bob}, signed_by("good.example")).ok());
  EXPECT_EQ(pod->send(RunningPod::outside(), {"smith", "friend.example"}, {bob}, signed_by("bad.example")).refused,
            smtp::Errc::not_federated);
}

TEST_F(DeliveryFederationTest, SeveralAuthorsOrNoneAreNoneThatTheCharterAllows) {
  world.community.charter.federation.policy = governance::Charter::Federate::allow;
  world.community.charter.federation.allow = {"good.example"};
  begin();
  auto handed_in = RunningPod::outside();
  handed_in.role = smtp::Role::lmtp;
  const auto hand_in = [&](const std::string& octets) {
    return pod->send(handed_in, {"smith", "good.example"}, {bob}, octets).refused;
  };
  EXPECT_EQ(hand_in(from("a@good.example, b@other.example")), smtp::Errc::not_federated);
  EXPECT_EQ(hand_in(from("a@good.example, b@good.example")), smtp::Errc::not_federated);
  EXPECT_EQ(hand_in("Subject: hello\r\n\r\nbody\r\n"), smtp::Errc::not_federated);
  EXPECT_FALSE(hand_in(from("a@good.example")));
}

TEST_F(DeliveryFederationTest, EachOfSeveralAuthorsIsAskedAbout) {
  world.community.charter.federation.deny = {"bad.example"};
  begin();
  auto handed_in = RunningPod::outside();
  handed_in.role = smtp::Role::lmtp;
  const auto hand_in = [&](const std::string& authors) {
    return pod->send(handed_in, {"smith", "good.example"}, {bob}, from(authors)).refused;
  };
  EXPECT_EQ(hand_in("a@good.example, b@bad.example"), smtp::Errc::not_federated);
  EXPECT_FALSE(hand_in("a@good.example, b@good.example"));
  EXPECT_EQ(hand_in("a@\xe2\x98\x83\xff.example"), smtp::Errc::not_federated) << "no name that a rule can speak of";
}

TEST_F(DeliveryFederationTest, ASiblingProvesNothingForWhomTheCharterAllows) {
  world.community.charter.federation.policy = governance::Charter::Federate::allow;
  world.community.charter.federation.allow = {"club.bad.example"};
  begin();
  dns.txt_records["_dmarc.bad.example"].records = {"v=DMARC1; p=none"};
  dns.txt_records["evil.bad.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
  dns.txt_records["mx.club.bad.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
  EXPECT_EQ(send({"x", "evil.bad.example"}, "smith@club.bad.example").refused, smtp::Errc::not_federated)
      << "DMARC passes for it";
  EXPECT_TRUE(send({"x", "mx.club.bad.example"}, "smith@club.bad.example").ok());
}

TEST_F(DeliveryFederationTest, DeniedMailIsRefusedToMembersAndFromThem) {
  world.community.charter.federation.deny = {"bad.example"};
  begin();
  const auto out = [&](const Mailbox& to) {
    return pod->send(pod->member("alice"), alice, {to}, from("alice@pod.lab"));
  };
  EXPECT_EQ(out({"friend", "bad.example"}).refused, smtp::Errc::not_federated);
  EXPECT_EQ(out({"friend", "sub.bad.example"}).refused, smtp::Errc::not_federated);
  EXPECT_TRUE(out({"friend", "good.example"}).ok());
  EXPECT_TRUE(out({"Abuse", "bad.example"}).ok()) << "somebody has to be told";
  EXPECT_TRUE(out(bob).ok());
  EXPECT_EQ(pod->office->explain_recipient(pod->member("alice"), alice, {"friend", "bad.example"}),
            "pod.lab does not exchange mail with bad.example (charter 1, [federation] deny)");
}

TEST_F(DeliveryFederationTest, WithFewOnlyThoseAreWrittenTo) {
  world.community.charter.federation.policy = governance::Charter::Federate::allow;
  world.community.charter.federation.allow = {"good.example"};
  begin();
  const auto out = [&](const Mailbox& to) {
    return pod->send(pod->member("alice"), alice, {to}, from("alice@pod.lab"));
  };
  EXPECT_TRUE(out({"friend", "good.example"}).ok());
  EXPECT_EQ(out({"friend", "other.example"}).refused, smtp::Errc::not_federated);
  EXPECT_TRUE(out(bob).ok()) << "our own domain is no other pod";
}

TEST_F(DeliveryFederationTest, WhereNothingIsExaminedNobodyIsBelievedToBeAllowed) {
  world.community.charter.federation.policy = governance::Charter::Federate::allow;
  world.community.charter.federation.allow = {"good.example"};
  begin();
  pod = nullptr;
  pod = std::make_unique<RunningPod>(world, disk);
  EXPECT_EQ(send({"smith", "good.example"}, "smith@good.example").refused, smtp::Errc::federation_undecided);
  auto handed_in = RunningPod::outside();
  handed_in.role = smtp::Role::lmtp;
  EXPECT_TRUE(pod->send(handed_in, {"smith", "good.example"}, {bob}, from("smith@good.example")).ok())
      << "another server of this machine has looked";
  EXPECT_EQ(pod->send(handed_in, {"x", "other.example"}, {bob}, from("x@other.example")).refused,
            smtp::Errc::not_federated);
}

TEST_F(DeliveryFederationTest, WhatAMemberForwardsThereStaysHere) {
  begin();
  const auto forward = [](members::Person& person) {
    person.forward = members::Forward{members::Address::parse("bob@bad.example").value(), members::Forward::Copy::none};
  };
  const std::vector<MemberId> ids{world.id_of("bob")};
  pod->directory->change(ids, forward).value();
  EXPECT_TRUE(send({"smith", "friend.example"}, "smith@friend.example").ok());
  EXPECT_EQ(world.queued(*disk.clean_copy()).size(), 1U);
  act(Act::Kind::defederate, "bad.example");
  EXPECT_TRUE(send({"smith", "friend.example"}, "smith@friend.example").ok());
  EXPECT_EQ(world.queued(*disk.clean_copy()).size(), 1U) << "and no more";
  EXPECT_EQ(world.inbox(*disk.clean_copy(), "bob").size(), 1U);
}

TEST_F(DeliveryFederationTest, WhatWaitsForHoursIsDueOnceItMayNotGo) {
  begin();
  const auto bad = queued("friend@sub.bad.example");
  const auto good = queued("friend@good.example");
  const auto held = queued("friend@bad.example", true);
  const auto before = federation->version();
  EXPECT_EQ(stop(), 0U);
  act(Act::Kind::defederate, "bad.example");
  EXPECT_NE(federation->version(), before);
  EXPECT_EQ(stop(), 1U);
  EXPECT_EQ(looked_at, std::vector{bad});
  EXPECT_LE(pod->queue->show(bad)->next_try, world.community.clock.now());
  EXPECT_GT(pod->queue->show(good)->next_try, world.community.clock.now());
  EXPECT_GT(pod->queue->show(held)->next_try, world.community.clock.now()) << "an administrator holds it";
  EXPECT_TRUE(federation->refusal("x@BAD.example")->starts_with("550 5.7.1 pod.lab does not exchange mail"));
  EXPECT_FALSE(federation->refusal("postmaster@bad.example"));
  act(Act::Kind::federate, "bad.example");
  EXPECT_FALSE(federation->refusal("x@bad.example"));
}

}  // namespace
}  // namespace mailpod::delivery
