#include <gtest/gtest.h>

#include <mailpod/delivery/acquaintances.hpp>

#include "pod_world.hpp"
#include "simulation/resolver.hpp"

namespace mailpod::delivery {
namespace {

using namespace std::chrono_literals;
using governance::Act;
using smtp::Errc;
using smtp::Mailbox;

const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

std::string from(const std::string& author) {
  return "From: " + author + "\r\nSubject: hello\r\n\r\ncanary-body\r\n";
}

/// RunningPod::outside() comes from 192.0.2.1.
class StrangersTest : public testing::Test {
protected:
  void begin(const StrangerRules& rules) {
    world.name_maintainer("alice");
    world.found(disk, {"alice", "bob"});
    known.emplace(
        Acquaintances::Ports{disk, world.community.clock, world.community.entropy, base::silent_log(),
                             [this] { return crypto::Key::random(world.community.arena, world.community.entropy); }},
        "/pod/strangers");
    auto settings = RunningPod::small_settings();
    settings.strangers = rules;
    pod = std::make_unique<RunningPod>(world, disk, settings);
    pod->ask(inquiry);
    pod->introduce(*known);
    dns.txt_records["proved.example"].records = {"v=spf1 ip4:192.0.2.0/24 -all"};
  }
  static StrangerRules greylisting(StrangerRules::Greylisting whom) {
    StrangerRules rules;
    rules.greylisting = whom;
    return rules;
  }
  Answer send(const std::string& domain, const Mailbox& to = bob) {
    return pod->send(RunningPod::outside(), {"smith", domain}, {to}, from("smith@" + domain));
  }
  std::string newest(const std::string& mailbox) {
    const auto messages = world.inbox(*disk.clean_copy(), "bob", mailbox);
    return messages.empty() ? std::string() : messages.back();
  }
  void list(const std::string& zone, const std::string& code = "127.0.0.2") {
    dns.address_records[{"1.2.0.192." + zone, net::Family::ipv4}].records = {code};
  }

  simulation::Disk disk;
  PodWorld world;
  simulation::Resolver dns;
  mailauth::DnsInquiry inquiry{{dns, {}, net::system_alarms(), world.community.clock}, {}};
  std::optional<Acquaintances> known;
  std::unique_ptr<RunningPod> pod;
};

TEST_F(StrangersTest, NobodyIsPutOffUnlessTheConfigurationSaysSo) {
  begin({});
  EXPECT_TRUE(send("unproved.example").ok());
}

TEST_F(StrangersTest, WhoProvesNothingComesAgain) {
  begin(greylisting(StrangerRules::Greylisting::unproved));
  EXPECT_EQ(send("unproved.example").refused, Errc::stranger_waits);
  EXPECT_TRUE(send("proved.example").ok());
  EXPECT_TRUE(send("unproved.example", {"postmaster", "pod.lab"}).ok()) << "whom everybody reaches";
  world.community.clock.advance(301s);
  EXPECT_TRUE(send("unproved.example").ok());
  EXPECT_EQ(world.inbox(*disk.clean_copy(), "bob").size(), 2U);
}

TEST_F(StrangersTest, AProvedDomainIsKnownOnceGoodMailCameFromThere) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  EXPECT_EQ(send("proved.example").refused, Errc::stranger_waits);
  world.community.clock.advance(301s);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send("proved.example").ok());
  EXPECT_TRUE(send("proved.example", alice).ok()) << "whoever it is for";
  EXPECT_EQ(send("unproved.example").refused, Errc::stranger_waits) << "of the same network";
}

TEST_F(StrangersTest, WhomAMemberWroteToIsSparedIfTheyShowWhoTheyAre) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  EXPECT_TRUE(pod->send(pod->member("bob"), bob, {{"smith", "proved.example"}, {"smith", "unproved.example"}},
                        from("bob@pod.lab"))
                  .ok());
  EXPECT_TRUE(send("proved.example").ok());
  EXPECT_EQ(send("proved.example", alice).refused, Errc::stranger_waits) << "alice did not";
  EXPECT_EQ(send("unproved.example").refused, Errc::stranger_waits) << "anybody can write that name into From";
}

TEST_F(StrangersTest, PodsThatTheCharterNamesAreSpared) {
  world.community.charter.federation.witnesses = {"proved.example"};
  begin(greylisting(StrangerRules::Greylisting::unknown));
  EXPECT_TRUE(send("proved.example").ok());
}

TEST_F(StrangersTest, ListsSendToJunkOrRefuseWithTheirName) {
  StrangerRules rules;
  rules.lists = {*parse_block_list("bad.test 5"), *parse_block_list("worse.test 5"), *parse_block_list("good.test -9")};
  begin(rules);
  list("bad.test");
  EXPECT_TRUE(send("unproved.example").ok());
  EXPECT_NE(newest("Junk").find("Mailpod-Reason: The server that sent this message (192.0.2.1) is on the list"),
            std::string::npos)
      << newest("Junk");
  list("worse.test");
  EXPECT_EQ(send("unproved.example").refused, Errc::stranger_listed);
  EXPECT_TRUE(send("unproved.example", {"abuse", "pod.lab"}).ok()) << "somebody must be told of a mistake";
  list("good.test");
  EXPECT_TRUE(send("unproved.example").ok());
  EXPECT_NE(newest("INBOX"), "");
}

TEST_F(StrangersTest, AListThatDoesNotAnswerSaysNothing) {
  StrangerRules rules;
  rules.lists = {*parse_block_list("bad.test 10")};
  begin(rules);
  dns.failures["1.2.0.192.bad.test"] = net::Errc::lookup_failed;
  EXPECT_TRUE(send("unproved.example").ok());
  EXPECT_NE(newest("INBOX"), "");
}

TEST_F(StrangersTest, ANetworkThatTriesNamesIsNotTrusted) {
  begin({});
  for (int i = 0; i < 30; ++i)
    EXPECT_EQ(send("unproved.example", {"nobody" + std::to_string(i), "pod.lab"}).refused, Errc::no_such_mailbox);
  EXPECT_TRUE(send("unproved.example").ok()) << "nothing is lost";
  EXPECT_NE(newest("Junk").find("Nearly all that came from the network"), std::string::npos);
  EXPECT_TRUE(send("proved.example").ok());
  EXPECT_NE(newest("INBOX"), "") << "a domain that is shown answers for itself";
}

}  // namespace
}  // namespace mailpod::delivery
