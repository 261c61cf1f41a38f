#include "destination.hpp"

#include <algorithm>
#include <set>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include "numeric_address.hpp"
#include "simulation/entropy.hpp"
#include "simulation/resolver.hpp"

namespace mailpod::queue {
namespace {

using net::Family;

class GuideTest : public testing::Test {
protected:
  void mx(const std::string& domain, const std::string& host, std::uint16_t preference = 10) {
    dns.mx_records[domain].records.push_back({preference, host});
  }
  void address(const std::string& host, const std::string& text) {
    const Family family = text.find(':') == std::string::npos ? Family::ipv4 : Family::ipv6;
    dns.address_records[{host, family}].records.push_back(text);
  }
  Route find(const Destination& to) {
    Guide guide(dns, entropy, settings);
    boost::asio::io_context loop;
    Route route;
    boost::asio::co_spawn(
        loop, [&]() -> boost::asio::awaitable<void> { route = co_await guide.find(to); },
        [](const std::exception_ptr& failure) {
          if (failure) std::rethrow_exception(failure);
        });
    loop.run();
    return route;
  }
  std::vector<std::string> addresses(const Destination& to) {
    std::vector<std::string> all;
    for (const Host& host : find(to).hosts) all.push_back(host.endpoint.address);
    return all;
  }
  std::string refusal(const Destination& to) {
    const Route route = find(to);
    EXPECT_TRUE(route.hosts.empty());
    if (!route.refusal) return "none";
    EXPECT_TRUE(route.refusal->by_us);
    return std::to_string(route.refusal->code) + ' ' + route.refusal->enhanced;
  }

  simulation::Resolver dns;
  simulation::Entropy entropy;
  Guide::Settings settings{25, {"pod.example", "mx.pod.example"}, 10, false};
  const Destination there{"far.example", {}};
};

using Texts = std::vector<std::string>;

TEST(Destination, IsTheDomainOfTheAddressOrWhatAnAdministratorSays) {
  EXPECT_EQ(destination_of("Friend@Far.Example", ""), (Destination{"far.example", {}}));
  EXPECT_EQ(destination_of("\"a@b\"@far.example", ""), (Destination{"far.example", {}}));
  EXPECT_EQ(destination_of("friend@[192.0.2.1]", ""), (Destination{"[192.0.2.1]", {}}));
  EXPECT_EQ(destination_of("friend@far.example", "mx.other.example"), (Destination{{}, "mx.other.example"}));
}

TEST(Destination, OfADomainBeyondAsciiIsThatOfItsALabels) {
  EXPECT_EQ(destination_of("a@B\xc3\xbc"
                           "cher.example",
                           ""),
            (Destination{"xn--bcher-kva.example", {}}));
  EXPECT_EQ(destination_of("a@xn--bcher-kva.example", ""), (Destination{"xn--bcher-kva.example", {}}));
  EXPECT_EQ(destination_of("a@\xff", ""), (Destination{"\xff", {}})) << "DNS will not know it";
}

TEST(Destination, OfAMessageThatDemandsTlsIsApart) {
  Entry entry;
  entry.recipients.resize(1);
  entry.recipients[0].address = "a@far.example";
  entry.require_tls = true;
  EXPECT_FALSE(destination_of(entry, 0).require_tls) << "what says that something did not arrive goes in any case";
  entry.reverse_path = "alice@pod.example";
  EXPECT_TRUE(destination_of(entry, 0).require_tls);
  EXPECT_NE(destination_of(entry, 0), destination_of("a@far.example", ""));
}

TEST(Destination, OfAMessageThatAsksForNoTlsIsApartUnlessItDemandsIt) {
  Entry entry;
  entry.recipients.resize(1);
  entry.recipients[0].address = "a@far.example";
  entry.reverse_path = "alice@pod.example";
  entry.tls_optional = true;
  EXPECT_TRUE(destination_of(entry, 0).tls_optional);
  EXPECT_NE(destination_of(entry, 0), destination_of("a@far.example", ""));
  entry.require_tls = true;
  EXPECT_FALSE(destination_of(entry, 0).tls_optional) << "RFC 8689 §4.1";
}

TEST_F(GuideTest, KnowsWhichNamesNobodyCanHaveChanged) {
  mx("far.example", "mx.far.example");
  address("mx.far.example", "198.51.100.1");
  address("alone.example", "198.51.100.2");
  EXPECT_FALSE(find({"far.example", {}}).hosts.at(0).is_authentic);
  EXPECT_TRUE(find({"alone.example", {}}).hosts.at(0).is_authentic) << "its own name";
  EXPECT_TRUE(find({{}, "mx.far.example"}).hosts.at(0).is_authentic) << "an administrator said so";
  dns.mx_records["far.example"].authentic = true;
  EXPECT_TRUE(find({"far.example", {}}).hosts.at(0).is_authentic);
}

TEST_F(GuideTest, TriesHostsByPreference) {
  mx("far.example", "third.far.example", 30);
  mx("far.example", "first.far.example", 5);
  mx("far.example", "second.far.example", 10);
  address("first.far.example", "192.0.2.1");
  address("second.far.example", "192.0.2.2");
  address("third.far.example", "192.0.2.3");
  EXPECT_EQ(addresses(there), (Texts{"192.0.2.1", "192.0.2.2", "192.0.2.3"}));
  EXPECT_EQ(find(there).hosts[0].name, "first.far.example");
  EXPECT_EQ(find(there).hosts[0].endpoint.port, 25);
}

TEST_F(GuideTest, SharesTheLoadBetweenHostsOfOnePreference) {
  for (int i = 1; i <= 3; ++i) {
    mx("far.example", "mx" + std::to_string(i));
    address("mx" + std::to_string(i), "192.0.2." + std::to_string(i));
  }
  std::set<Texts> orders;
  for (int i = 0; i < 200; ++i) orders.insert(addresses(there));
  EXPECT_EQ(orders.size(), 6U) << "every order occurs";
}

TEST_F(GuideTest, PrefersIpv6ButMixesInIpv4) {
  mx("far.example", "mx");
  for (const auto* text : {"2001:db8::1", "2001:db8::2", "2001:db8::3", "192.0.2.1"}) address("mx", text);
  EXPECT_EQ(addresses(there), (Texts{"2001:db8::1", "192.0.2.1", "2001:db8::2", "2001:db8::3"}));
}

TEST_F(GuideTest, TakesNoMoreAddressesThanAreTried) {
  settings.hosts = 2;
  for (const auto* host : {"a", "b", "c"}) mx("far.example", host, static_cast<std::uint16_t>(host[0]));
  for (const auto* host : {"a", "b", "c"}) address(host, "192.0.2." + std::to_string(host[0]));
  EXPECT_EQ(addresses(there).size(), 2U);
  EXPECT_EQ(std::ranges::count(dns.asked, "c"), 0) << "nor asks for them";
}

TEST_F(GuideTest, TakesADomainWithoutMxForItsOwnHost) {
  address("far.example", "192.0.2.1");
  EXPECT_EQ(addresses(there), Texts{"192.0.2.1"});
}

TEST_F(GuideTest, GoesNowhereElseThoughMxHostsHaveNoAddress) {
  mx("far.example", "gone.far.example");
  address("far.example", "192.0.2.1");
  EXPECT_EQ(refusal(there), "550 5.4.4");
}

TEST_F(GuideTest, RefusesForGoodWhatDnsSaysForGood) {
  EXPECT_EQ(refusal(there), "550 5.1.2") << "no such domain";
  dns.txt_records["far.example"];
  EXPECT_EQ(refusal(there), "550 5.4.4") << "neither MX nor address";
  mx("far.example", "", 0);
  EXPECT_EQ(refusal(there), "556 5.1.10") << "null MX";
}

TEST_F(GuideTest, WaitsWhereDnsDoesNotAnswer) {
  for (const auto failure : {net::Errc::lookup_failed, net::Errc::bogus_answer}) {
    dns.failures["far.example"] = failure;
    EXPECT_EQ(refusal(there), "451 4.4.3");
  }
  dns.failures.clear();
  mx("far.example", "mx");
  dns.failures["mx"] = net::Errc::lookup_failed;
  EXPECT_EQ(refusal(there), "451 4.4.3") << "of the only host";
  mx("far.example", "other", 20);
  address("other", "192.0.2.1");
  EXPECT_EQ(addresses(there), Texts{"192.0.2.1"}) << "another host answers";
}

TEST_F(GuideTest, SkipsAnAddressThatStandsForAName) {
  mx("far.example", "192.0.2.99");
  address("192.0.2.99", "192.0.2.99");
  EXPECT_EQ(refusal(there), "550 5.4.4");
  mx("far.example", "mx", 20);
  address("mx", "192.0.2.1");
  EXPECT_EQ(addresses(there), Texts{"192.0.2.1"});
}

TEST_F(GuideTest, SendsNothingToItselfNorBehindItself) {
  mx("far.example", "MX.pod.example", 20);
  mx("far.example", "equal", 20);
  mx("far.example", "behind", 30);
  for (const auto* host : {"equal", "behind", "MX.pod.example"}) address(host, "192.0.2.7");
  EXPECT_EQ(refusal(there), "554 5.4.6");
  mx("far.example", "before", 10);
  address("before", "192.0.2.1");
  EXPECT_EQ(addresses(there), Texts{"192.0.2.1"});
  address("pod.example", "192.0.2.25");
  EXPECT_EQ(refusal({"pod.example", {}}), "554 5.4.6") << "without MX";
}

TEST_F(GuideTest, IsNotLedToTheMachinesOwnLoopback) {
  mx("far.example", "mx");
  for (const auto* text : {"127.0.0.1", "127.1.2.3", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1"}) address("mx", text);
  EXPECT_EQ(refusal(there), "554 5.4.6");
  EXPECT_EQ(refusal({"[127.0.0.1]", {}}), "554 5.4.6");
  EXPECT_EQ(refusal({"[IPv6:::ffff:7f00:1]", {}}), "554 5.4.6");
  settings.loopback = true;
  EXPECT_EQ(addresses(there).size(), 6U);
}

TEST_F(GuideTest, TakesAddressLiteralsAsTheyAre) {
  EXPECT_EQ(addresses({"[192.0.2.1]", {}}), Texts{"192.0.2.1"});
  EXPECT_EQ(addresses({"[ipv6:2001:DB8::1]", {}}), Texts{"2001:db8::1"});
  EXPECT_EQ(refusal({"[x400:whatever]", {}}), "550 5.1.2");
  EXPECT_TRUE(dns.asked.empty());
}

TEST_F(GuideTest, FollowsAPinnedRouteWithoutAskingForMx) {
  mx("relay.example", "mx.relay.example");
  address("relay.example", "192.0.2.1");
  const auto route = find({{}, "Relay.example:2525"});
  ASSERT_EQ(route.hosts.size(), 1U);
  EXPECT_EQ(route.hosts[0], (Host{"relay.example", {"192.0.2.1", 2525}}));
  EXPECT_EQ(find({{}, "[IPv6:2001:db8::1]:26"}).hosts[0], (Host{"2001:db8::1", {"2001:db8::1", 26}}));
  EXPECT_EQ(find({{}, "[127.0.0.1]"}).hosts[0], (Host{"127.0.0.1", {"127.0.0.1", 25}})) << "who pins it means it";
  EXPECT_EQ(refusal({{}, "nowhere.example"}), "451 4.4.4") << "an administrator can mend it";
  EXPECT_EQ(refusal({{}, "what is this?"}), "451 4.3.5");
}

TEST(PinnedRoute, IsAHostOrAnAddressPerhapsWithAPort) {
  EXPECT_EQ(parse_pinned_route("mx.example").value().host, "mx.example");
  EXPECT_EQ(parse_pinned_route("mx.example:587").value().port, 587);
  EXPECT_EQ(parse_pinned_route("[2001:db8::1]").value().address, "2001:db8::1");
  EXPECT_EQ(parse_pinned_route("[192.0.2.1]:26").value().port, 26);
  for (const auto* text : {"", ":25", "mx.example:", "mx.example:0", "mx.example:65536", "mx.example:2x", "192.0.2.1",
                           "2001:db8::1", "[mx.example]", "[192.0.2.1", "[192.0.2.1]25", "a b", "a\r\nb", "[]"}) {
    EXPECT_FALSE(parse_pinned_route(text)) << text;
  }
}

TEST(AddressLiteral, OfIpv6NeedsNoTagToBeRecognised) {
  EXPECT_EQ(parse_address_literal("[2001:db8:0:0::1]").value().text, "2001:db8::1");
  EXPECT_FALSE(parse_address_literal("[IPv6:192.0.2.1]"));
  EXPECT_EQ(parse_address_literal("[IPv6:::ffff:192.0.2.1]").value().text, "192.0.2.1");
}

}  // namespace
}  // namespace mailpod::queue
