#include <utility>

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mailpod/delivery/acquaintances.hpp>
#include <mailpod/mailauth/dkim_key.hpp>
#include <mailpod/mailauth/dkim_signature.hpp>

#include "network_of.hpp"
#include "pod_world.hpp"
#include "simulation/resolver.hpp"

namespace mailpod::delivery {
namespace {

using namespace std::chrono_literals;
using smtp::Errc;
using smtp::Mailbox;

const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

std::string from(const std::string& author) {
  return "From: " + author + "\r\nSubject: hello\r\n\r\ncanary-body\r\n";
}

/// Rings when everybody has had their turn, and so much time is then over.
class PatientAlarm final : public net::Alarm {
public:
  explicit PatientAlarm(simulation::Clock& clock) : clock_(clock) {}
  net::awaitable<End> wait(std::chrono::milliseconds duration) override {
    for (int turn = 0; turn < 100; ++turn) {
      if (std::exchange(cancelled_, false)) co_return End::cancelled;
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
    clock_.advance(duration);
    co_return End::elapsed;
  }
  void cancel() override { cancelled_ = true; }

private:
  simulation::Clock& clock_;
  bool cancelled_ = false;
};

class PatientAlarms final : public net::Alarms {
public:
  explicit PatientAlarms(simulation::Clock& clock) : clock_(clock) {}
  std::unique_ptr<net::Alarm> make(const boost::asio::any_io_executor&) override {
    return std::make_unique<PatientAlarm>(clock_);
  }

private:
  simulation::Clock& clock_;
};

/// Knows all but what is below silent.test: that is answered when nobody waits any more.
class SilentResolver final : public net::Resolver {
public:
  explicit SilentResolver(simulation::Resolver& others) : others_(others) {}
  net::awaitable<Result<net::Answer<net::Mx>>> mx(std::string name) override { return others_.mx(std::move(name)); }
  net::awaitable<Result<net::Answer<std::string>>> addresses(std::string name, net::Family family) override {
    for (int turn = 0; name.ends_with(".silent.test") && turn < 1000; ++turn)
      co_await boost::asio::post(boost::asio::use_awaitable);
    auto asking = others_.addresses(std::move(name), family);
    co_return co_await std::move(asking);
  }
  net::awaitable<Result<net::Answer<std::string>>> txt(std::string name) override {
    return others_.txt(std::move(name));
  }
  net::awaitable<Result<net::Answer<net::Tlsa>>> tlsa(std::string name) override {
    return others_.tlsa(std::move(name));
  }
  net::awaitable<Result<net::Answer<std::string>>> cname(std::string name) override {
    return others_.cname(std::move(name));
  }
  net::awaitable<Result<net::Answer<std::string>>> ptr(std::string address) override {
    return others_.ptr(std::move(address));
  }
  void stop() override { others_.stop(); }

private:
  simulation::Resolver& others_;
};

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
    pod->ask(dns_is_asked_by == nullptr ? inquiry : *dns_is_asked_by);
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
  const mailauth::DnsInquiry* dns_is_asked_by = nullptr;  ///< nullptr: `inquiry`
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

TEST_F(StrangersTest, AListThatNeverAnswersHoldsUpNothingElse) {
  SilentResolver silent(dns);
  PatientAlarms alarms(world.community.clock);
  mailauth::DnsInquiry asking{{silent, {}, alarms, world.community.clock}, {}};
  dns_is_asked_by = &asking;
  StrangerRules rules;
  rules.lists = {*parse_block_list("silent.test 10")};
  begin(rules);
  dns.txt_records["proved.example"].records = {"v=spf1 a:mx.proved.example -all"};
  dns.address_records[{"mx.proved.example", net::Family::ipv4}].records = {"192.0.2.1"};
  const auto before = world.community.clock.monotonic();
  ASSERT_TRUE(send("proved.example").ok());
  EXPECT_NE(newest("INBOX").find("spf=pass"), std::string::npos) << newest("INBOX");
  EXPECT_EQ(world.community.clock.monotonic() - before, 4s);
}

TEST_F(StrangersTest, ReputationDoesNotConvictItself) {
  begin({});
  for (int i = 0; i < 30; ++i) send("unproved.example", {"nobody" + std::to_string(i), "pod.lab"});
  const auto network = network_of("192.0.2.1");
  const double before = known->repute(Memory::Kind::network, network).bad;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send("unproved.example").ok());
  EXPECT_NE(newest("Junk"), "");
  EXPECT_EQ(known->repute(Memory::Kind::network, network).bad, before);
}

TEST_F(StrangersTest, WhatIsNotDeliveredIsNotCounted) {
  begin({});
  disk.fail_from_call(disk.calls() + 1, EIO);
  EXPECT_FALSE(send("proved.example").ok());
  disk.heal();
  EXPECT_EQ(known->repute(Memory::Kind::domain, "proved.example").accepted, 0);
  EXPECT_TRUE(send("proved.example").ok());
  EXPECT_GT(known->repute(Memory::Kind::domain, "proved.example").accepted, 0.9);
}

TEST_F(StrangersTest, WhatAListSaysOfAClientIsNoWordAboutADomain) {
  StrangerRules rules;
  rules.lists = {*parse_block_list("bad.test 5")};
  begin(rules);
  list("bad.test");
  EXPECT_TRUE(send("proved.example").ok());
  EXPECT_NE(newest("Junk"), "");
  EXPECT_EQ(known->repute(Memory::Kind::domain, "proved.example").bad, 0);
  EXPECT_GT(known->repute(Memory::Kind::network, network_of("192.0.2.1")).bad, 0.9);
}

TEST_F(StrangersTest, GoodMailOfADomainSparesNoListItsSay) {
  StrangerRules rules = greylisting(StrangerRules::Greylisting::unknown);
  rules.lists = {*parse_block_list("bad.test 10")};
  rules.delay = 0s;
  begin(rules);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(send("proved.example").ok());
  list("bad.test");
  EXPECT_EQ(send("proved.example").refused, Errc::stranger_listed);
  pod->send(pod->member("bob"), bob, {{"smith", "proved.example"}}, from("bob@pod.lab"));
  EXPECT_TRUE(send("proved.example").ok()) << "a correspondent, and proved";
}

TEST_F(StrangersTest, ADomainThatWritesOnceAWeekIsKnown) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  send("proved.example");
  world.community.clock.advance(301s);
  for (int week = 0; week < 3; ++week) {
    EXPECT_TRUE(send("proved.example").ok());
    world.community.clock.advance(24h * 7);
  }
  EXPECT_TRUE(send("proved.example", alice).ok());
}

TEST_F(StrangersTest, WhoComesAgainFromAnotherNetworkAsTheSameDomainPasses) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  dns.txt_records["pool.example"].records = {"v=spf1 ip4:192.0.2.0/24 ip4:198.51.100.0/24 -all"};
  EXPECT_EQ(send("pool.example").refused, Errc::stranger_waits);
  world.community.clock.advance(301s);
  auto other = RunningPod::outside();
  other.address = "198.51.100.7";
  EXPECT_TRUE(pod->send(other, {"smith", "pool.example"}, {bob}, from("smith@pool.example")).ok());
}

TEST_F(StrangersTest, ANullReversePathComesAgainUnderAnyName) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  auto peer = RunningPod::outside();
  EXPECT_EQ(pod->send(peer, {}, {bob}, from("x@unproved.example")).refused, Errc::stranger_waits);
  world.community.clock.advance(301s);
  peer.helo = "out2.client.example";
  EXPECT_TRUE(pod->send(peer, {}, {bob}, from("x@unproved.example")).ok());
}

TEST_F(StrangersTest, ASubAddressIsNoOtherRecipient) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  EXPECT_EQ(send("unproved.example", {"bob+a", "pod.lab"}).refused, Errc::stranger_waits);
  world.community.clock.advance(301s);
  EXPECT_TRUE(send("unproved.example", {"bob+b", "pod.lab"}).ok());
}

TEST_F(StrangersTest, WhomAMemberWroteToLearnsNoOtherOfTheirAddresses) {
  begin(greylisting(StrangerRules::Greylisting::unknown));
  pod->send(pod->member("bob"), bob, {{"smith", "proved.example"}}, from("bob@pod.lab"));
  EXPECT_EQ(send("proved.example", {"bob.second", "second.lab"}).refused, Errc::stranger_waits);
  EXPECT_TRUE(send("proved.example").ok());
}

TEST_F(StrangersTest, WhoIsDeniedIsNotAskedToComeAgain) {
  world.community.charter.federation.deny = {"bad.example"};
  begin(greylisting(StrangerRules::Greylisting::unknown));
  EXPECT_EQ(pod->send(RunningPod::outside(), {"smith", "unproved.example"}, {bob}, from("x@bad.example")).refused,
            Errc::not_federated);
}

TEST_F(StrangersTest, ASignatureThatOthersCarryHarmsNobody) {
  StrangerRules rules;
  begin(rules);
  const auto key =
      mailauth::DkimKey::generate(mailauth::Algorithm::ed25519_sha256, world.community.arena, world.community.entropy);
  dns.txt_records["s._domainkey.victim.example"].records = {key.record()};
  dns.txt_records["_dmarc.strict.example"].records = {"v=DMARC1; p=quarantine"};
  const std::string octets = from("smith@strict.example");
  const base::MemorySource source(octets);
  const auto fields =
      mailauth::SignableMessage::read(source)->signatures({{"victim.example", "s", key}}, world.community.clock.now());
  EXPECT_TRUE(pod->send(RunningPod::outside(), {"x", "proved.example"}, {bob}, fields + octets).ok());
  EXPECT_NE(newest("Junk").find("dkim=pass header.d=victim.example"), std::string::npos) << newest("Junk");
  EXPECT_EQ(known->repute(Memory::Kind::domain, "victim.example").bad, 0);
  EXPECT_GT(known->repute(Memory::Kind::domain, "proved.example").bad, 0.9) << "who brought it answers";
}

}  // namespace
}  // namespace mailpod::delivery
