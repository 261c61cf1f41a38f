// DANE: what leaves for hosts with TLSA records, and what does not. RFC 7672.

#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

const net::Tlsa end_entity{3, 1, 1, std::string(32, 'h')};
const net::Tlsa of_pkix{1, 1, 1, std::string(32, 'h')};
constexpr auto tlsa_name = "_25._tcp.mx.far.example";

class SenderDane : public testing::Test {
protected:
  SenderDane() {
    far.offers = {"STARTTLS"};
    world.add_domain("far.example", far, "198.51.100.1");
    sign();
    publish({end_entity});
  }
  /// DNSSEC vouches for the domain's MX and its host's addresses.
  void sign() {
    world.resolver.mx_records["far.example"].authentic = true;
    world.resolver.address_records[{"mx.far.example", net::Family::ipv4}].authentic = true;
  }
  void publish(std::vector<net::Tlsa> records, const std::string& name = tlsa_name) {
    world.resolver.tlsa_records[name] = {std::move(records), true, 0, {}};
  }
  void put() { id = world.put({"friend@far.example"}); }
  std::string reply() { return world.show(id).recipients[0].last_reply; }

  void expect_sent() {
    put();
    world.start();
    ASSERT_TRUE(world.until_empty(1min)) << reply();
    ASSERT_EQ(far.mails.size(), 1U);
  }
  /// It waits, and the host has heard nothing of it.
  void expect_kept(const std::string& reason) {
    put();
    world.start();
    ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
    EXPECT_THAT(reply(), HasSubstr(reason));
    EXPECT_EQ(world.show(id).recipients[0].state, RecipientState::pending);
    EXPECT_THAT(far.verbs, Not(Contains("MAIL")));
    EXPECT_THAT(far.verbs, Not(Contains("DATA")));
  }

  SendingWorld world;
  FarServer far;
  EntryId id;
};

TEST_F(SenderDane, MailGoesToAHostThatShowsTheCertificateOfItsRecords) {
  world.network.impostors.insert("198.51.100.1");  // no authority vouches for it, and none need
  expect_sent();
  EXPECT_TRUE(far.mails[0].secure);
}

TEST_F(SenderDane, NothingGoesToAHostThatShowsAnother) {
  world.network.strangers.insert("198.51.100.1");
  expect_kept("451 4.7.5 the host's certificate does not show that it is the host: no record names it, as its TLSA");
}

TEST_F(SenderDane, NothingGoesToAHostWhoseTlsIsGone) {
  far.offers.clear();
  expect_kept("451 4.7.10 the host does not begin TLS");
}

TEST_F(SenderDane, NothingGoesInClearAfterAHandshakeThatFails) {
  world.network.weather.tls_fails = 100;
  expect_kept("451 4.7.10 TLS with the host failed");
  EXPECT_EQ(far.sessions, 1U) << "it is not tried in clear";
}

// RFC 7672 §2.1.2: whoever can keep the answer back could otherwise have the mail in clear.
class SenderDaneUnanswered : public SenderDane, public testing::WithParamInterface<net::Errc> {};

INSTANTIATE_TEST_SUITE_P(Each, SenderDaneUnanswered,
                         testing::Values(net::Errc::lookup_failed, net::Errc::bogus_answer));

TEST_P(SenderDaneUnanswered, NothingGoesToAHostOfWhichDnsDoesNotSayWhatItHas) {
  world.resolver.failures[tlsa_name] = GetParam();
  put();
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_THAT(reply(), HasSubstr("451 4.4.3 DNS does not say which certificate"));
  EXPECT_EQ(far.sessions, 0U);
}

TEST_F(SenderDane, RecordsThatNobodyVouchesForSayNothing) {
  world.resolver.tlsa_records[tlsa_name].authentic = false;
  world.network.strangers.insert("198.51.100.1");
  far.offers.clear();
  expect_sent();
}

TEST_F(SenderDane, RecordsBelowAnMxThatNobodyVouchesForAreNotAskedFor) {
  world.resolver.mx_records["far.example"].authentic = false;
  far.offers.clear();
  expect_sent();
  EXPECT_THAT(world.resolver.asked, Not(Contains(tlsa_name)));
}

TEST_F(SenderDane, RecordsOfAHostWhoseAddressesNobodyVouchesForAreNotAskedFor) {
  world.resolver.address_records[{"mx.far.example", net::Family::ipv4}].authentic = false;
  far.offers.clear();
  expect_sent();
  EXPECT_THAT(world.resolver.asked, Not(Contains(tlsa_name)));
}

TEST_F(SenderDane, AHostWithoutRecordsIsAsBefore) {
  world.resolver.tlsa_records.clear();
  far.offers.clear();
  expect_sent();
  EXPECT_THAT(world.resolver.asked, Contains(tlsa_name));
}

// RFC 7672 §2.2: the domain says that it has TLS, and nothing that can be checked.
TEST_F(SenderDane, RecordsOfNoUseStillDemandTls) {
  publish({of_pkix});
  world.network.strangers.insert("198.51.100.1");
  world.network.impostors.insert("198.51.100.1");
  expect_sent();
  EXPECT_TRUE(far.mails[0].secure);
}

TEST_F(SenderDane, RecordsOfNoUseKeepMailFromAHostWithoutTls) {
  publish({of_pkix});
  far.offers.clear();
  expect_kept("451 4.7.10 the host does not begin TLS");
}

TEST_F(SenderDane, AHostWithManyAddressesIsAskedAboutOnce) {
  world.add_address("mx.far.example", "198.51.100.3");
  world.network.strangers.insert("198.51.100.1");
  put();
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_EQ(world.dialed().size(), 2U);
  EXPECT_EQ(std::ranges::count(world.resolver.asked, tlsa_name), 1);
}

TEST_F(SenderDane, TheNextHostIsTried) {
  FarServer second;
  second.offers = {"STARTTLS"};
  world.add_mx("far.example", "mx2.far.example", 20);
  world.add_address("mx2.far.example", "198.51.100.2");
  second.listen(world.network, "198.51.100.2");
  world.network.strangers.insert("198.51.100.1");
  put();
  world.start();
  ASSERT_TRUE(world.until_empty(1min)) << reply();
  EXPECT_EQ(second.mails.size(), 1U);
  EXPECT_THAT(far.verbs, Not(Contains("MAIL")));
}

// RFC 7672 §2.2.3.
TEST_F(SenderDane, AnAliasHasTheRecordsOfTheNameAtItsEndOrItsOwn) {
  auto& addresses = world.resolver.address_records[{"mx.far.example", net::Family::ipv4}];
  addresses.canonical = "host.provider.example";
  publish({end_entity}, "_25._tcp.host.provider.example");
  world.resolver.tlsa_records.erase(tlsa_name);
  world.network.strangers.insert("198.51.100.1");
  expect_kept("451 4.7.5");
  EXPECT_THAT(world.resolver.asked, Not(Contains(tlsa_name)));
}

TEST_F(SenderDane, AnAliasWithoutRecordsAtItsEndHasItsOwn) {
  world.resolver.address_records[{"mx.far.example", net::Family::ipv4}].canonical = "host.provider.example";
  world.network.strangers.insert("198.51.100.1");
  expect_kept("451 4.7.5");
  EXPECT_THAT(world.resolver.asked, Contains("_25._tcp.host.provider.example"));
}

// RFC 7672 §2.2.2: the alias is signed, what it leads to is not.
TEST_F(SenderDane, AnAliasThatLeadsOutOfWhatIsSignedHasItsOwnRecordsAlone) {
  auto& addresses = world.resolver.address_records[{"mx.far.example", net::Family::ipv4}];
  addresses.canonical = "host.provider.example";
  addresses.authentic = false;
  world.resolver.cname_records["mx.far.example"] = {{"host.provider.example"}, true, 0, {}};
  world.network.strangers.insert("198.51.100.1");
  expect_kept("451 4.7.5");
  EXPECT_THAT(world.resolver.asked, Not(Contains("_25._tcp.host.provider.example")));
}

TEST_F(SenderDane, AnAliasOfWhichDnsDoesNotSayWhetherItIsSignedIsLeftAlone) {
  auto& addresses = world.resolver.address_records[{"mx.far.example", net::Family::ipv4}];
  addresses.canonical = "host.provider.example";
  addresses.authentic = false;
  world.resolver.failures["mx.far.example"] = net::Errc::lookup_failed;
  expect_kept("451 4.4.3");
  EXPECT_EQ(far.sessions, 0U);
}

TEST_F(SenderDane, ADomainThatIsItsOwnHostHasRecordsToo) {
  world.resolver.mx_records.erase("far.example");
  world.add_address("far.example", "198.51.100.1");
  world.resolver.address_records[{"far.example", net::Family::ipv4}].authentic = true;
  publish({end_entity}, "_25._tcp.far.example");
  world.network.strangers.insert("198.51.100.1");
  expect_kept("451 4.7.5");
}

TEST_F(SenderDane, AnAdministratorsRouteHasTheRecordsOfItsPort) {
  Entry entry = world.entry_to({"friend@other.example"});
  entry.pinned_route = "mx.far.example:2525";
  far.listen(world.network, "198.51.100.1", 2525);
  publish({end_entity}, "_2525._tcp.mx.far.example");
  world.network.strangers.insert("198.51.100.1");
  id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_THAT(reply(), HasSubstr("451 4.7.5"));
  EXPECT_THAT(far.verbs, Not(Contains("MAIL")));
}

// RFC 8689 §5.
TEST_F(SenderDane, AMessageThatAsksSoGoesInAnyCase) {
  world.resolver.failures[tlsa_name] = net::Errc::bogus_answer;
  far.offers.clear();
  Entry entry = world.entry_to({"friend@far.example"});
  entry.tls_optional = true;
  id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min)) << reply();
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderDane, AMessageThatAsksBothForTlsAndForNoneIsKept) {
  far.offers.clear();
  Entry entry = world.entry_to({"friend@far.example"});
  entry.require_tls = entry.tls_optional = true;
  id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_THAT(far.verbs, Not(Contains("MAIL")));
}

TEST_F(SenderDane, AMessageThatDemandsTlsIsContentWithARecord) {
  far.offers = {"STARTTLS", "REQUIRETLS"};
  world.network.impostors.insert("198.51.100.1");
  Entry entry = world.entry_to({"friend@far.example"});
  entry.require_tls = true;
  world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until_empty(1min));
  EXPECT_EQ(far.mails.size(), 1U);
}

TEST_F(SenderDane, AReportIsKeptAsAllElse) {
  world.network.strangers.insert("198.51.100.1");
  Entry entry = world.entry_to({"friend@far.example"});
  entry.reverse_path.clear();
  entry.require_tls = true;
  id = world.put_entry(entry);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.show(id).recipients[0].attempts == 1; }, 5min));
  EXPECT_THAT(far.verbs, Not(Contains("MAIL")));
}

}  // namespace
}  // namespace mailpod::queue
