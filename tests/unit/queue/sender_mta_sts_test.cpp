// MTA-STS: what leaves for domains with a policy, and what does not. RFC 8461.

#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/queue/policies.hpp>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

/// Domains' web servers, as far as the sender knows them.
class Web final : public PolicyHost {
public:
  boost::asio::awaitable<Result<std::string>> fetch(std::string domain) override {
    asked.push_back(domain);
    if (pause) {
      co_await pause->wait(pause_for);
    }
    const auto found = policies.find(domain);
    if (fails) throw std::bad_alloc();
    if (found == policies.end()) co_return make_error_code(Errc::policy_refused);
    co_return found->second;
  }

  void stop() override {}

  std::map<std::string, std::string> policies;
  std::vector<std::string> asked;
  bool fails = false;
  std::unique_ptr<net::Alarm> pause;  ///< before it answers
  std::chrono::milliseconds pause_for = 1s;
};

class SenderMtaSts : public testing::Test {
protected:
  SenderMtaSts() {
    far.offers = {"STARTTLS"};
    world.add_domain("far.example", far, "198.51.100.1");
    world.policy_host = &web;
    announce("1");
    publish("enforce");
  }
  void announce(const std::string& name) {
    world.resolver.txt_records["_mta-sts.far.example"].records = {"v=spf1 -all", "v=STSv1; id=" + name + ";"};
  }
  void publish(const std::string& mode, const std::string& mx = "mx.far.example", int seconds = 86'400) {
    web.policies["far.example"] =
        "version: STSv1\r\nmode: " + mode + "\r\nmx: " + mx + "\r\nmax_age: " + std::to_string(seconds) + "\r\n";
  }
  /// After a fetch the web server is left alone for five minutes.
  void wait_out_the_rest() {
    ASSERT_FALSE(world.until([] { return false; }, 6min));
  }
  std::string reply() { return world.show(id).recipients[0].last_reply; }
  void expect_sent() {
    id = world.put({"friend@far.example"});
    if (!world.sender) world.start();
    const std::size_t before = far.mails.size();
    ASSERT_TRUE(world.until_empty(2min)) << reply();
    ASSERT_EQ(far.mails.size(), before + 1);
    ASSERT_TRUE(world.until([&] { return far.open_sessions() == 0; }, 1min)) << "the next one connects anew";
  }
  void expect_kept(const std::string& reason) {
    id = world.put({"friend@far.example"});
    if (!world.sender) world.start();
    const auto before = std::ranges::count(far.verbs, "MAIL");
    ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 2min));
    EXPECT_THAT(reply(), HasSubstr(reason));
    EXPECT_EQ(std::ranges::count(far.verbs, "MAIL"), before) << "the host has heard nothing of it";
    world.spool().drop(id).value();
    world.sender->look_at(id);
  }

  SendingWorld world;
  FarServer far;
  Web web;
  EntryId id;
};

TEST_F(SenderMtaSts, MailGoesToAHostOfThePolicyThatProvesItsName) {
  expect_sent();
  EXPECT_TRUE(far.mails[0].secure);
  EXPECT_EQ(web.asked, std::vector<std::string>{"far.example"});
}

TEST_F(SenderMtaSts, NothingGoesToAHostWithACertificateThatIsNotItsOwn) {
  world.network.impostors.insert("198.51.100.1");
  expect_kept(
      "451 4.7.5 the host's certificate does not show that it is the host: it is for another name, as the domain's "
      "MTA-STS policy demands");
}

TEST_F(SenderMtaSts, NothingGoesToAHostThatThePolicyDoesNotName) {
  publish("enforce", "*.other.example");
  expect_kept("451 4.7.5 the domain's MTA-STS policy does not name this host");
  EXPECT_EQ(far.sessions, 0U);
}

TEST_F(SenderMtaSts, NothingGoesToAHostWhoseTlsIsGone) {
  far.offers.clear();
  expect_kept("451 4.7.10 the host does not begin TLS");
}

TEST_F(SenderMtaSts, NothingGoesInClearAfterAHandshakeThatFails) {
  world.network.weather.tls_fails = 100;
  expect_kept("451 4.7.10 TLS with the host failed");
  EXPECT_EQ(far.sessions, 1U);
}

TEST_F(SenderMtaSts, APolicyOnTrialKeepsNothing) {
  publish("testing", "mx.other.example");
  world.network.impostors.insert("198.51.100.1");
  expect_sent();
}

TEST_F(SenderMtaSts, APolicyOfNoneKeepsNothing) {
  publish("none");
  far.offers.clear();
  expect_sent();
}

TEST_F(SenderMtaSts, ADomainThatAnnouncesNoneIsNotAskedForOne) {
  for (const auto& records :
       std::vector<std::vector<std::string>>{{}, {"v=STSv1"}, {"v=STSv1; id=1", "v=STSv1; id=2"}, {"v=STSv1; id=-"}}) {
    world.resolver.txt_records["_mta-sts.far.example"].records = records;
    far.offers.clear();
    expect_sent();
  }
  EXPECT_TRUE(web.asked.empty());
}

TEST_F(SenderMtaSts, APolicyThatCannotBeHadIsAskedForAgainLater) {
  const auto policy = web.policies.extract("far.example");
  far.offers.clear();
  expect_sent();
  expect_sent();
  EXPECT_EQ(web.asked.size(), 1U) << "not within five minutes";
  web.policies.insert({"far.example", policy.mapped()});
  ASSERT_FALSE(world.until([] { return false; }, 6min));
  expect_kept("451 4.7.10");
  EXPECT_EQ(web.asked.size(), 2U);
}

TEST_F(SenderMtaSts, WhatIsNoPolicyIsNone) {
  for (const auto* const octets : {"", "<html>", "version: STSv1\nmode: enforce\n"}) {
    web.policies["far.example"] = octets;
    far.offers.clear();
    expect_sent();
    ASSERT_FALSE(world.until([] { return false; }, 6min));
  }
  EXPECT_EQ(web.asked.size(), 3U);
}

// ---- what was fetched once

TEST_F(SenderMtaSts, APolicyHoldsWhileNobodyAnnouncesIt) {
  expect_sent();
  far.offers.clear();
  world.resolver.txt_records.erase("_mta-sts.far.example");
  expect_kept("451 4.7.10");
  world.resolver.failures["_mta-sts.far.example"] = net::Errc::bogus_answer;
  expect_kept("451 4.7.10");
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(SenderMtaSts, APolicyHoldsWhileTheNextCannotBeHad) {
  expect_sent();
  far.offers.clear();
  wait_out_the_rest();
  announce("2");
  web.policies.clear();
  expect_kept("451 4.7.10");
  EXPECT_EQ(web.asked.size(), 2U);
}

TEST_F(SenderMtaSts, AnotherPolicyTakesItsPlace) {
  expect_sent();
  wait_out_the_rest();
  announce("2");
  publish("enforce", "mx.other.example");
  expect_kept("does not name this host");
  wait_out_the_rest();
  announce("3");
  publish("none");
  far.offers.clear();
  expect_sent();
}

TEST_F(SenderMtaSts, APolicyThatIsNotForKeepingHoldsForTheMailThatFetchedIt) {
  publish("enforce", "mx.other.example", 0);
  expect_kept("does not name this host");
  EXPECT_FALSE(world.spool().policies().find("far.example", world.clock.now()));
}

TEST_F(SenderMtaSts, APolicyLargerThanPoliciesAreIsNone) {
  std::string hosts = "mx.far.example";
  for (int i = 0; i < 200; ++i) hosts += "\r\nmx: mx" + std::to_string(i) + "." + std::string(60, 'x') + ".example";
  publish("enforce", hosts);
  far.offers.clear();
  expect_sent();
}

TEST_F(SenderMtaSts, ANameThatChangesEachTimeCostsNoFetchEachTime) {
  for (const auto* const name : {"1", "2", "3"}) {
    announce(name);
    expect_sent();
  }
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(SenderMtaSts, WhereMemoryIsShortMailGoesOn) {
  web.fails = true;
  expect_sent();
  EXPECT_EQ(web.asked.size(), 1U);
}

// Of two, the one that did not wait for the answer would go without the policy.
TEST_F(SenderMtaSts, ADomainIsAskedOnceForAllThatWaitForIt) {
  far.offers = {"STARTTLS", "REQUIRETLS"};
  web.pause = world.time.alarm();
  Entry entry = world.entry_to({"friend@far.example"});
  world.put_entry(entry);
  entry.require_tls = true;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(2min));
  EXPECT_EQ(far.mails.size(), 2U);
  EXPECT_EQ(web.asked.size(), 1U);
}

TEST_F(SenderMtaSts, AKeptConnectionIsLeftWhenThereIsAnotherPolicy) {
  far.offers.clear();
  publish("testing");
  world.put({"friend@far.example"});
  world.start();
  ASSERT_TRUE(world.until([&] { return far.mails.size() == 1 && world.spool().list().empty(); }, 1min));
  ASSERT_EQ(far.open_sessions(), 1U);
  world.spool().policies().remember(
      {"far.example", "1", world.clock.now(), {mailauth::StsMode::enforce, 24h, {"mx.far.example"}}});
  expect_kept("451 4.7.10");
}

TEST_F(SenderMtaSts, APolicyOutlivesARestart) {
  world.spool().policies().remember(
      {"far.example", "1", world.clock.now(), {mailauth::StsMode::enforce, 24h, {"mx.far.example"}}});
  world.spool_.reset();
  world.resolver.txt_records.clear();
  far.offers.clear();
  expect_kept("451 4.7.10");
  EXPECT_TRUE(web.asked.empty());
}

TEST_F(SenderMtaSts, APolicyEndsByItsTime) {
  publish("enforce", "mx.far.example", 3000);
  expect_sent();
  world.resolver.txt_records.clear();
  web.policies.clear();
  far.offers.clear();
  ASSERT_FALSE(world.until([] { return false; }, 3001s));
  expect_sent();
}

// RFC 8461 §10.2: so that it does not end while its domain is kept from us.
TEST_F(SenderMtaSts, APolicyInUseIsFetchedAnewBeforeItEnds) {
  publish("enforce", "mx.far.example", 7 * 86'400);
  expect_sent();
  ASSERT_FALSE(world.until([] { return false; }, 23h));
  EXPECT_EQ(web.asked.size(), 1U);
  ASSERT_FALSE(world.until([] { return false; }, 3h));
  EXPECT_EQ(web.asked.size(), 2U);
  const auto known = world.spool().policies().find("far.example", world.clock.now());
  ASSERT_TRUE(known);
  EXPECT_GT(known->ends(), world.clock.now() + 6 * 24h + 20h);
}

TEST_F(SenderMtaSts, APolicyThatHoldsForMinutesIsFetchedAnewBeforeItEnds) {
  publish("enforce", "mx.far.example", 3000);
  expect_sent();
  ASSERT_FALSE(world.until([] { return false; }, 35min));
  EXPECT_EQ(web.asked.size(), 2U);
}

TEST_F(SenderMtaSts, AFetchThatTakesLongKeepsTheLoopIdle) {
  publish("enforce", "mx.far.example", 7 * 86'400);
  expect_sent();
  web.pause = world.time.alarm();
  web.pause_for = 20min;
  ASSERT_FALSE(world.until([] { return false; }, 26h));
  EXPECT_EQ(web.asked.size(), 2U);
}

TEST_F(SenderMtaSts, APolicyThatNobodyUsesIsFetchedForAMonth) {
  publish("enforce", "mx.far.example", 60 * 86'400);
  expect_sent();
  ASSERT_FALSE(world.until([] { return false; }, 31 * 24h));
  const auto asked = web.asked.size();
  EXPECT_GE(asked, 29U);
  ASSERT_FALSE(world.until([] { return false; }, 5 * 24h));
  EXPECT_EQ(web.asked.size(), asked);
}

TEST_F(SenderMtaSts, APolicyFromTheFutureIsOld) {
  world.spool().policies().remember(
      {"far.example", "1", world.clock.now() + 1000h, {mailauth::StsMode::enforce, 24h, {"mx.far.example"}}});
  expect_sent();
  const auto known = world.spool().policies().find("far.example", world.clock.now());
  ASSERT_TRUE(known);
  EXPECT_LE(known->fetched, world.clock.now());
}

// ---- and other demands

const net::Tlsa end_entity{3, 1, 1, std::string(32, 'h')};

class SenderBothPolicies : public SenderMtaSts {
protected:
  SenderBothPolicies() {
    world.resolver.mx_records["far.example"].authentic = true;
    world.resolver.address_records[{"mx.far.example", net::Family::ipv4}].authentic = true;
    world.resolver.tlsa_records["_25._tcp.mx.far.example"] = {{end_entity}, true, 0, {}};
  }
};

// RFC 8461 §2.
TEST_F(SenderBothPolicies, DaneIsNotOverruled) {
  world.network.strangers.insert("198.51.100.1");
  expect_kept("(DANE)");
}

TEST_F(SenderBothPolicies, DaneSuffices) {
  world.network.impostors.insert("198.51.100.1");
  publish("enforce", "mx.other.example");
  expect_sent();
}

TEST_F(SenderBothPolicies, WhereDaneKeepsOutListenersAlonePolicyAsksForMore) {
  world.resolver.tlsa_records["_25._tcp.mx.far.example"].records[0].usage = 1;
  world.network.impostors.insert("198.51.100.1");
  expect_kept("as the domain's MTA-STS policy demands");
}

TEST_F(SenderMtaSts, AMessageThatDemandsTlsGoesWhereThePolicyNamesTheHost) {
  far.offers = {"STARTTLS", "REQUIRETLS"};
  Entry entry = world.entry_to({"friend@far.example"});
  entry.require_tls = true;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(2min));
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderMtaSts, AMessageThatAsksSoGoesInAnyCase) {
  far.offers.clear();
  publish("enforce", "mx.other.example");
  Entry entry = world.entry_to({"friend@far.example"});
  entry.tls_optional = true;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(2min));
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderMtaSts, AnAdministratorsRouteIsNotTheDomainsAffair) {
  far.offers.clear();
  publish("enforce", "mx.other.example");
  Entry entry = world.entry_to({"friend@far.example"});
  entry.pinned_route = "mx.far.example";
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(2min));
  EXPECT_TRUE(web.asked.empty());
}

}  // namespace
}  // namespace mailpod::queue
