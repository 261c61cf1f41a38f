#include <mailpod/net/network.hpp>

#include <gtest/gtest.h>

namespace mailpod::net {
namespace {

TEST(Network, IsAnAddressOrAPrefix) {
  for (const auto* text :
       {"192.0.2.7", "192.0.2.0/24", "0.0.0.0/0", "2001:db8::1", "2001:db8::/32", "::/0", "::fffe:0:0/95"}) {
    const auto network = Network::parse(text);
    ASSERT_TRUE(network) << text;
    EXPECT_EQ(network->str(), text);
    EXPECT_EQ(Network::parse(network->str()), network);
  }
}

TEST(Network, IsNothingElse) {
  using namespace std::string_view_literals;
  for (const auto text :
       {""sv, "/"sv, "192.0.2"sv, "192.0.2.7/33"sv, "192.0.2.7/24"sv, "192.0.2.0/"sv, "192.0.2.0/-1"sv,
        "192.0.2.0/24x"sv, "2001:db8::1/64"sv, "2001:db8::/129"sv, "pod.lab"sv, "192.0.2.7\0"sv}) {
    EXPECT_FALSE(Network::parse(text)) << text;
  }
}

TEST(Network, ContainsItsAddresses) {
  const auto network = Network::parse("192.0.2.128/25").value();
  EXPECT_TRUE(network.contains("192.0.2.128"));
  EXPECT_TRUE(network.contains("::ffff:192.0.2.255"));
  EXPECT_FALSE(network.contains("192.0.2.127"));
  EXPECT_FALSE(network.contains("192.0.3.128"));
  EXPECT_FALSE(network.contains("2001:db8::1"));
  EXPECT_FALSE(network.contains(""));
  EXPECT_TRUE(Network::parse("2001:db8::/33")->contains("2001:db8:7fff::1"));
  EXPECT_FALSE(Network::parse("2001:db8::/33")->contains("2001:db8:8000::1"));
  EXPECT_FALSE(Network::parse("0.0.0.0/0")->contains("2001:db8::1"));
}

}  // namespace
}  // namespace mailpod::net
