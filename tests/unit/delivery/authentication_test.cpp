#include <mailpod/delivery/authentication.hpp>

#include <gtest/gtest.h>

#include <mailpod/mailauth/dkim_key.hpp>
#include <mailpod/mailauth/dkim_signature.hpp>

#include "pod_world.hpp"
#include "simulation/resolver.hpp"

namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

const Mailbox outsider{"smith", "client.example"};
const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

std::string from(const std::string& author) {
  return "From: " + author + "\r\nSubject: hello\r\n\r\ncanary-body\r\n";
}

/// A pod that asks a DNS of the test's. RunningPod::outside() comes from 192.0.2.1.
class AuthenticationTest : public testing::Test {
protected:
  AuthenticationTest() {
    world.found(disk, {"alice", "bob"});
    dns.txt_records["client.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
    dns.txt_records["other.example"].records = {"v=spf1 -all"};
    set_policy("client.example", "v=DMARC1; p=reject");
    pod = std::make_unique<RunningPod>(world, disk);
    pod->ask(inquiry);
  }
  void set_policy(const std::string& domain, const std::string& record) {
    dns.txt_records["_dmarc." + domain].records = {record};
  }
  Answer send(const Mailbox& reverse_path, const std::string& octets, const Mailbox& to = bob) {
    return pod->send(RunningPod::outside(), reverse_path, {to}, octets);
  }
  Answer send_from(const std::string& author) { return send({"smith", "other.example"}, from(author)); }

  /// The newest message in a member's mailbox; empty if there is none.
  std::string newest(const std::string& mailbox, const std::string& member = "bob") {
    const auto copy = disk.clean_copy();
    const auto messages = world.inbox(*copy, member, mailbox);
    return messages.empty() ? std::string() : messages.back();
  }

  std::size_t junk_of(const std::string& member) { return world.inbox(*disk.clean_copy(), member, "Junk").size(); }

  simulation::Disk disk;
  PodWorld world;
  simulation::Resolver dns;
  mailauth::DnsInquiry inquiry{{dns, {}, net::system_alarms(), world.community.clock}, {}};
  std::unique_ptr<RunningPod> pod;
};

bool has(const std::string& text, std::string_view words) {
  return text.find(words) != std::string::npos;
}

TEST_F(AuthenticationTest, WhatWasFoundStandsInTheHeaderBelowOurReceived) {
  dns.ptr_records["192.0.2.1"].records = {"mail.client.example"};
  dns.address_records[{"mail.client.example", net::Family::ipv4}].records = {"192.0.2.1"};
  ASSERT_TRUE(send(outsider, from("Smith <smith@client.example>")).ok());
  const auto message = newest("INBOX");
  EXPECT_TRUE(has(message,
                  "Authentication-Results: mail.pod.lab;\r\n\tspf=pass smtp.mailfrom=client.example;\r\n"
                  "\tdkim=none;\r\n\tarc=none;\r\n\tdmarc=pass header.from=client.example policy.dmarc=reject;\r\n"
                  "\tiprev=pass policy.iprev=192.0.2.1\r\nFrom: Smith"))
      << message;
  EXPECT_TRUE(has(message, "Received: from client.example (mail.client.example [192.0.2.1])")) << message;
  EXPECT_FALSE(has(message, "Mailpod-Reason"));
}

TEST_F(AuthenticationTest, WhatADomainWantsRefusedIsRefused) {
  const auto answer = send_from("smith@client.example");
  EXPECT_EQ(answer.refused, smtp::Errc::sender_not_shown) << answer;
  EXPECT_EQ(newest("INBOX"), "");
}

TEST_F(AuthenticationTest, WhatADomainWantsSetAsideGoesToJunkAndSaysWhy) {
  set_policy("client.example", "v=DMARC1; p=quarantine");
  ASSERT_TRUE(send_from("smith@client.example").ok());
  EXPECT_EQ(newest("INBOX"), "");
  const auto message = newest("Junk");
  EXPECT_TRUE(has(message, "dmarc=fail header.from=client.example policy.dmarc=quarantine")) << message;
  EXPECT_TRUE(has(message, "Mailpod-Reason: This message says that it is from client.example,")) << message;
}

TEST_F(AuthenticationTest, WhatADomainOnlyWatchesArrivesAndSaysWhatIsWrong) {
  set_policy("client.example", "v=DMARC1; p=none; rua=mailto:r@client.example");
  ASSERT_TRUE(send_from("smith@client.example").ok());
  EXPECT_TRUE(has(newest("INBOX"), "Mailpod-Reason: This message says"));
}

TEST_F(AuthenticationTest, TheConfigurationHasTheLastWord) {
  auto settings = RunningPod::small_settings();
  settings.authentication.on_reject = Treatment::junk;
  settings.authentication.on_spf_fail = Treatment::refuse;
  pod = nullptr;
  pod = std::make_unique<RunningPod>(world, disk, settings);
  pod->ask(inquiry);
  ASSERT_TRUE(send_from("smith@client.example").ok());
  EXPECT_TRUE(has(newest("Junk"), "dmarc=fail"));
  EXPECT_EQ(send_from("smith@unsaid.example").refused, smtp::Errc::server_not_allowed);
}

TEST_F(AuthenticationTest, TheCharterOutranksTheConfiguration) {
  simulation::Disk other_disk;
  PodWorld other;
  other.community.charter.authentication.dmarc_reject = governance::Charter::Unshown::junk;
  other.found(other_disk, {"bob"});
  RunningPod ruled(other, other_disk);
  ruled.ask(inquiry);
  EXPECT_TRUE(ruled.send(RunningPod::outside(), {"smith", "other.example"}, {bob}, from("smith@client.example")).ok());
  EXPECT_EQ(other.inbox(*other_disk.clean_copy(), "bob", "Junk").size(), 1U);
}

TEST_F(AuthenticationTest, AMemberMayAskToHaveSetAsideWhatProvesNothing) {
  const std::vector<MemberId> ids{world.id_of("bob")};
  pod->directory->change(ids, [](members::Person& person) { person.caution = members::Caution::unproved; }).value();
  ASSERT_TRUE(
      pod->send(RunningPod::outside(), {"smith", "other.example"}, {bob, alice}, from("x@unsaid.example")).ok());
  EXPECT_EQ(newest("INBOX"), "");
  EXPECT_TRUE(has(newest("Junk"), "Mailpod-Reason: Nothing shows that this message comes from unsaid.example,"))
      << newest("Junk");
  EXPECT_TRUE(has(newest("INBOX", "alice"), "canary-body")) << "she did not ask";
  EXPECT_FALSE(has(newest("INBOX", "alice"), "Nothing shows"));
  ASSERT_TRUE(send(outsider, from("smith@client.example")).ok());
  EXPECT_TRUE(has(newest("INBOX"), "canary-body")) << "it is proved";
}

TEST_F(AuthenticationTest, ACautiousMembersMailIsNotSetAsideBecauseDnsIsSilent) {
  const std::vector<MemberId> ids{world.id_of("bob")};
  pod->directory->change(ids, [](members::Person& person) { person.caution = members::Caution::unproved; }).value();
  dns.failures["other.example"] = net::Errc::lookup_failed;
  ASSERT_TRUE(send({"smith", "other.example"}, from("x@unsaid.example")).ok());
  EXPECT_TRUE(has(newest("INBOX"), "canary-body"));
}

TEST_F(AuthenticationTest, WhileDnsDoesNotSayNothingIsLost) {
  dns.failures["other.example"] = net::Errc::lookup_failed;
  EXPECT_TRUE(send_from("smith@client.example").refused == smtp::Errc::sender_not_shown) << "it would not have helped";
  dns.failures["client.example"] = net::Errc::lookup_failed;
  EXPECT_EQ(send(outsider, from("smith@client.example")).refused, smtp::Errc::sender_undecided) << "tried again later";
  dns.failures["_dmarc.client.example"] = net::Errc::bogus_answer;
  ASSERT_TRUE(send(outsider, from("smith@client.example")).ok()) << "nobody asked to refuse it";
  EXPECT_TRUE(has(newest("INBOX"), "dmarc=temperror header.from=client.example"));
  EXPECT_TRUE(has(newest("INBOX"), "DNS did not answer"));
}

TEST_F(AuthenticationTest, WhileAParentDoesNotAnswerASubdomainsMailComesAgain) {
  set_policy("news.client.example", "v=DMARC1; p=reject");
  dns.failures["_dmarc.client.example"] = net::Errc::lookup_failed;
  EXPECT_EQ(send(outsider, from("smith@news.client.example")).refused, smtp::Errc::sender_undecided);
}

TEST_F(AuthenticationTest, ASignatureHoldsWhoeverBringsTheMessage) {
  const auto key =
      mailauth::DkimKey::generate(mailauth::Algorithm::ed25519_sha256, world.community.arena, world.community.entropy);
  dns.txt_records["s._domainkey.client.example"].records = {key.record()};
  const std::string message = from("Smith <smith@client.example>") + std::string(200'000, 'x') + "\r\n";
  const base::MemorySource source(message);
  const auto fields =
      mailauth::SignableMessage::read(source)->signatures({{"client.example", "s", key}}, world.community.clock.now());
  ASSERT_TRUE(send({"smith", "other.example"}, fields + message).ok());
  EXPECT_TRUE(has(newest("INBOX"), "spf=fail smtp.mailfrom=other.example"));
  EXPECT_TRUE(has(newest("INBOX"), "dkim=pass header.d=client.example header.s=s header.a=ed25519-sha256"));
  EXPECT_TRUE(has(newest("INBOX"), "dmarc=pass"));
  EXPECT_EQ(send({"smith", "other.example"}, fields + message + "more\r\n").refused, smtp::Errc::sender_not_shown);
}

TEST_F(AuthenticationTest, FieldsThatOnlyWeMayWriteAreRemoved) {
  const std::string forged =
      "Authentication-Results: mail.pod.lab; dmarc=pass\r\nauthentication-results : MAIL.pod.lab 1; spf=pass\r\n"
      "Mailpod-Reason: all is well\r\nAuthentication-Results: far.example; dkim=pass\r\n";
  ASSERT_TRUE(send(outsider, forged + from("smith@client.example")).ok());
  const auto message = newest("INBOX");
  EXPECT_FALSE(has(message, "Mailpod-Reason"));
  EXPECT_TRUE(has(message, "far.example"));
  EXPECT_EQ(message.find("mail.pod.lab;"), message.rfind("mail.pod.lab;")) << message;
  EXPECT_FALSE(has(message, "MAIL.pod.lab"));
}

TEST_F(AuthenticationTest, ExactlyOneFromWithExactlyOneAddressIsDemanded) {
  for (const char* header : {"Subject: none\r\n", "From: a@client.example\r\nFrom: b@client.example\r\n", "From:\r\n",
                             "From: a@client.example, b@client.example\r\n", "From: g: a@client.example;\r\n",
                             "From: nobody\r\n", "From: a@client.example <b@client.example>\r\n",
                             // What is shown as client.example, or nearly, and cannot be asked for.
                             "From: a@client.example\xE2\x80\x8E\r\n", "From: a@=?utf-8?Q?client.example?=\r\n",
                             "From: a@[192.0.2.1]\r\n", "From: a@client.example'\r\n"}) {
    const auto answer = send(outsider, std::string(header) + "\r\nbody\r\n");
    EXPECT_EQ(answer.refused, smtp::Errc::from_malformed) << header;
  }
  EXPECT_TRUE(send(outsider, "From :\r\n Smith (x) <smith@client.example>\r\n\r\nbody\r\n").ok());
}

TEST_F(AuthenticationTest, MembersAndExemptPeersAreNotAsked) {
  auto peer = RunningPod::outside();
  peer.address = "127.0.0.1";
  ASSERT_TRUE(pod->send(peer, {"smith", "other.example"}, {bob}, from("smith@client.example")).ok());
  EXPECT_FALSE(has(newest("INBOX"), "Authentication-Results"));
  ASSERT_TRUE(pod->send(pod->member("alice"), alice, {bob}, from("alice@pod.lab")).ok());
  auto lmtp = RunningPod::outside();
  lmtp.role = smtp::Role::lmtp;
  ASSERT_TRUE(pod->send(lmtp, {"smith", "other.example"}, {bob}, from("smith@client.example")).ok());
  EXPECT_TRUE(dns.asked.empty());
}

TEST_F(AuthenticationTest, TheNullPathIsAskedOfHelo) {
  dns.txt_records["client.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
  ASSERT_TRUE(send({}, from("postmaster@client.example")).ok());
  EXPECT_TRUE(has(newest("INBOX"), "spf=pass smtp.helo=client.example"));
}

TEST_F(AuthenticationTest, WhatMayBeForgedStaysWithWhoeverForwardsTheirMail) {
  for (const auto copy : {members::Forward::Copy::none, members::Forward::Copy::kept}) {
    members::Person person = *pod->directory->state()->find(world.id_of("bob"));
    person.forward = members::Forward{members::Address::parse("bob@elsewhere.example").value(), copy};
    ASSERT_TRUE(pod->directory->put({&person, 1}));
    const auto before = world.queued(*disk.clean_copy()).size();
    set_policy("client.example", "v=DMARC1; p=reject");
    ASSERT_TRUE(send(outsider, from("smith@client.example")).ok());
    EXPECT_EQ(world.queued(*disk.clean_copy()).size(), before + 1) << "what is in order goes on";
    set_policy("client.example", "v=DMARC1; p=quarantine");
    const auto junk = junk_of("bob");
    ASSERT_TRUE(send_from("smith@client.example").ok());
    EXPECT_EQ(world.queued(*disk.clean_copy()).size(), before + 1);
    EXPECT_EQ(junk_of("bob"), junk + 1) << "one copy, not two";
  }
}

TEST_F(AuthenticationTest, WhatMayBeForgedLeavesByNoGroup) {
  members::Group group;
  group.id = {7};
  group.address = members::Address::parse("choir@pod.lab").value();
  group.name = "Choir";
  group.posting = members::Group::Posting::anyone;
  group.members = {world.id_of("bob")};
  group.outside = {"singer@elsewhere.example"};
  const Mailbox choir{"choir", "pod.lab"};
  ASSERT_TRUE(pod->directory->propose_group(group));
  ASSERT_TRUE(pod->directory->enact_group(group.id));
  ASSERT_TRUE(send(outsider, from("smith@client.example"), choir).ok());
  EXPECT_EQ(world.queued(*disk.clean_copy()).size(), 1U) << "what is in order goes on";
  set_policy("client.example", "v=DMARC1; p=quarantine");
  ASSERT_TRUE(send({"smith", "other.example"}, from("smith@client.example"), choir).ok());
  EXPECT_EQ(world.queued(*disk.clean_copy()).size(), 1U);
  EXPECT_EQ(junk_of("bob"), 1U);

  group.members.clear();
  ASSERT_TRUE(pod->directory->propose_group(group));
  ASSERT_TRUE(pod->directory->enact_group(group.id));
  EXPECT_EQ(send({"smith", "other.example"}, from("smith@client.example"), choir).refused, smtp::Errc::sender_not_shown)
      << "nobody here would find it";
  EXPECT_EQ(world.queued(*disk.clean_copy()).size(), 1U);
}

TEST_F(AuthenticationTest, HostileDnsWritesNoHeader) {
  set_policy("client.example", "v=DMARC1; p=none");
  dns.ptr_records["192.0.2.1"].records = {"evil.example\r\nX-Injected: yes"};
  dns.address_records[{"evil.example\r\nX-Injected: yes", net::Family::ipv4}].records = {"192.0.2.1"};
  dns.txt_records["client.example"].records = {"v=spf1 exp=a.example\r\nX-Injected: yes -all"};
  ASSERT_TRUE(send(outsider, from("smith@client.example")).ok());
  const auto message = newest("INBOX");
  EXPECT_FALSE(has(message, "\nX-Injected")) << message;
  EXPECT_TRUE(has(message, "spf=permerror"));
}

}  // namespace
}  // namespace mailpod::delivery
