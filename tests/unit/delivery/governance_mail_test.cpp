#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/delivery/chancery.hpp>
#include <mailpod/delivery/governance_answer.hpp>
#include <mailpod/text/base64.hpp>

#include "pod_world.hpp"
#include "simulation/resolver.hpp"

/// Mail to the governance address: what of it is judged, what is mail, and whom nobody answers.
namespace mailpod::delivery {
namespace {

using smtp::Mailbox;
using testing::HasSubstr;

const Mailbox governance{"Governance", "pod.lab"}, alice{"alice", "pod.lab"}, stranger{"stranger", "other.example"};

/// Remembers what it was asked.
class ListeningChancery final : public Chancery {
public:
  bool open = true;
  std::vector<std::string> clients;
  std::vector<SignedMail> taken;
  std::vector<std::optional<Correspondent>> from;

  std::vector<std::optional<MemberId>> members;
  int failure = 0;
  bool admits(std::string_view client, const std::optional<MemberId>& member) override {
    clients.emplace_back(client);
    members.push_back(member);
    return open;
  }
  void take(const SignedMail& mail, const std::optional<Correspondent>& sender) override {
    if (failure != 0) throw std::system_error(failure, std::generic_category());
    taken.push_back(mail);
    from.push_back(sender);
  }
};

class GovernanceMailTest : public testing::Test {
protected:
  GovernanceMailTest() {
    world.name_maintainer("bob");
    world.found(disk, {"alice", "bob"});
    pod = std::make_unique<RunningPod>(world, disk);
    pod->bring_to(chancery);
  }
  std::string message(const std::string& fields = "From: stranger@other.example\r\n") {
    const auto act = world.community.suspension(world.id_of("alice"), std::chrono::hours(5));
    const auto file = world.community.sign(act);
    const auto part = [](std::string_view octets) {
      return "--b\r\nContent-Transfer-Encoding: base64\r\n\r\n" + text::write_base64(octets) + "\r\n";
    };
    return fields + "Message-ID: <1@other.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n" +
           part(file.octets) + part(file.minisigs.front()) + "--b--\r\n";
  }
  std::size_t copies(const std::string& name) { return world.inbox(disk, name).size(); }

  /// RunningPod::outside() sends what is from client.example, and nothing of other.example.
  void examine() {
    dns.txt_records["client.example"].records = {"v=spf1 ip4:192.0.2.1 -all"};
    dns.txt_records["_dmarc.client.example"].records = {"v=DMARC1; p=reject"};
    dns.txt_records["other.example"].records = {"v=spf1 -all"};
    dns.txt_records["_dmarc.other.example"].records = {"v=DMARC1; p=quarantine"};
    dns.txt_records["pod.lab"].records = {"v=spf1 ip4:192.0.2.1 -all"};
    dns.txt_records["_dmarc.pod.lab"].records = {"v=DMARC1; p=reject"};
    pod->ask(inquiry);
  }

  simulation::Disk disk;
  PodWorld world;
  ListeningChancery chancery;
  simulation::Resolver dns;
  mailauth::DnsInquiry inquiry{{dns, {}, net::system_alarms(), world.community.clock}, {}};
  std::unique_ptr<RunningPod> pod;
};

TEST_F(GovernanceMailTest, SignedFilesAreJudgedAndKeptNowhere) {
  const auto sent = pod->send(RunningPod::outside(), stranger, {governance}, message());
  EXPECT_TRUE(sent.ok()) << sent;
  ASSERT_EQ(chancery.taken.size(), 1U);
  EXPECT_EQ(chancery.taken[0].files.size(), 1U);
  EXPECT_EQ(chancery.taken[0].files[0].minisigs.size(), 1U);
  EXPECT_EQ(copies("alice") + copies("bob"), 0U);
  EXPECT_TRUE(world.queued(disk).empty());
}

TEST_F(GovernanceMailTest, WhoeverIsNamedBesideItGetsTheirCopy) {
  EXPECT_TRUE(pod->send(RunningPod::outside(), stranger, {governance, alice}, message()).ok());
  EXPECT_EQ(chancery.taken.size(), 1U);
  EXPECT_EQ(copies("alice"), 1U);
}

TEST_F(GovernanceMailTest, WhatBringsNoFileIsMailForTheMaintainers) {
  const auto sent = pod->send(RunningPod::outside(), stranger, {governance},
                              "From: stranger@other.example\r\n\r\nHow do I join?\r\n");
  EXPECT_TRUE(sent.ok()) << sent;
  EXPECT_TRUE(chancery.taken.empty());
  EXPECT_EQ(copies("bob"), 1U);
  EXPECT_EQ(copies("alice"), 0U);
}

TEST_F(GovernanceMailTest, TooMuchAtOnceIsPutOffBeforeItComes) {
  chancery.open = false;
  EXPECT_EQ(pod->send(RunningPod::outside(), stranger, {governance}, message()).refused, smtp::Errc::too_fast);
  EXPECT_EQ(chancery.clients, std::vector<std::string>{"192.0.2.1"}) << "asked once of each";
  EXPECT_TRUE(pod->send(RunningPod::outside(), stranger, {alice}, message()).ok()) << "other mail comes as ever";
}

TEST_F(GovernanceMailTest, WhoLoggedInIsCountedAsThemselves) {
  pod->send(pod->member("alice"), alice, {governance}, message("From: alice@pod.lab\r\n"));
  pod->send(RunningPod::outside(), stranger, {governance}, message());
  EXPECT_EQ(chancery.members, (std::vector<std::optional<MemberId>>{world.id_of("alice"), std::nullopt}));
}

TEST_F(GovernanceMailTest, WhoCouldBeAnybodyIsNotAnswered) {
  pod->send(RunningPod::outside(), stranger, {governance}, message());
  EXPECT_FALSE(chancery.from.at(0)) << "no domain vouches for the author";
}

TEST_F(GovernanceMailTest, WhoseDomainVouchesForThemIsAnswered) {
  examine();
  const Mailbox ada{"ada", "client.example"};
  EXPECT_TRUE(pod->send(RunningPod::outside(), ada, {governance}, message("From: Ada <ada@client.example>\r\n")).ok());
  ASSERT_TRUE(chancery.from.at(0));
  EXPECT_FALSE(chancery.from[0]->member);
  EXPECT_EQ(chancery.from[0]->address, "ada@client.example");
  EXPECT_TRUE(pod->send(RunningPod::outside(), stranger, {governance}, message()).ok());
  EXPECT_FALSE(chancery.from.at(1)) << "what would be junk is judged, and not answered";
  EXPECT_TRUE(pod->send(RunningPod::outside(), alice, {governance}, message("From: alice@pod.lab\r\n")).ok());
  EXPECT_FALSE(chancery.from.at(2)) << "who is one of us would have logged in";
}

TEST_F(GovernanceMailTest, AMemberWhoLoggedInIsAnsweredUnlessAMachineWroteForThem) {
  const std::string from = "From: alice@pod.lab\r\n";
  EXPECT_TRUE(pod->send(pod->member("alice"), alice, {governance}, message(from)).ok());
  ASSERT_TRUE(chancery.from.at(0));
  EXPECT_EQ(chancery.from[0]->member, world.id_of("alice"));
  EXPECT_EQ(chancery.from[0]->message_id, "<1@other.example>");
  for (const auto* field : {"Auto-Submitted: auto-replied\r\n", "Precedence: bulk\r\n", "List-Id: <x.pod.lab>\r\n"}) {
    pod->send(pod->member("alice"), alice, {governance}, message(from + field));
    EXPECT_FALSE(chancery.from.back()) << field;
  }
  pod->send(pod->member("alice"), alice, {governance}, message(from + "Auto-Submitted: no\r\n"));
  EXPECT_TRUE(chancery.from.back());
  pod->send(pod->member("alice"), {}, {governance}, message(from));
  EXPECT_FALSE(chancery.from.back()) << "a bounce";
  EXPECT_EQ(chancery.taken.size(), 6U) << "all are judged";
}

TEST(GovernanceAnswer, SaysOfEachFileWhatBecameOfIt) {
  const auto notice = governance_answer({{"act 12", HeardFile::As::recorded, "leaf 7 of the ledger"},
                                         {"file 2", HeardFile::As::refused, "is not signed; sign it"}},
                                        "<1@other.example>");
  EXPECT_THAT(notice.text, HasSubstr("RECORDED  act 12"));
  EXPECT_THAT(notice.text, HasSubstr("REFUSED   file 2"));
  EXPECT_THAT(notice.subject, HasSubstr("not all"));
  simulation::Entropy entropy;
  const auto mail = write_governance_answer(notice, {"pod.lab", "a@other.example", {}}, entropy);
  EXPECT_THAT(mail, HasSubstr("Auto-Submitted: auto-replied"));
  EXPECT_THAT(mail, HasSubstr("In-Reply-To: <1@other.example>"));
  auto hostile = notice;
  hostile.in_reply_to = "<1@x>\r\nBcc: all@other.example";
  EXPECT_EQ(write_governance_answer(hostile, {"pod.lab", "a@other.example", {}}, entropy).find("Bcc"),
            std::string::npos);
}

}  // namespace
}  // namespace mailpod::delivery
