#include "xclient.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

TEST(Xclient, SaysAddressAndHelo) {
  const auto told = parse_xclient("NAME=spike.example ADDR=192.0.2.7 port=1000 HELO=a+2Bb");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->address, "192.0.2.7");
  EXPECT_EQ(told->helo, "a+b");
  EXPECT_EQ(parse_xclient("ADDR=IPV6:2001:DB8::7")->address, "2001:db8::7");
}

TEST(Xclient, MaySayThatItDoesNotKnow) {
  const auto told = parse_xclient("ADDR=[UNAVAILABLE] HELO=[TEMPUNAVAIL]");
  ASSERT_TRUE(told);
  EXPECT_EQ(told->address + told->helo, "");
}

TEST(Xclient, IsStrict) {
  for (const std::string& text :
       {std::string(), std::string("ADDR"), std::string("ADDR="), std::string("ADDR=192.0.2"), std::string("ADDR=::1"),
        std::string("ADDR=IPV6:192.0.2.7"), std::string("ADDR=192.0.2.7 ADDR=192.0.2.8"), std::string("LOGIN=alice"),
        std::string("ADDR=192.0.2.7 LOGIN=alice"), std::string("HELO=a+0A"), std::string("HELO=a+"),
        std::string("HELO=a=b"), std::string("HELO=a  NAME=b"), std::string("HELO=a\tNAME=b"),
        "HELO=" + std::string(256, 'a')}) {
    EXPECT_FALSE(parse_xclient(text)) << text;
  }
}

}  // namespace
}  // namespace mailpod::smtp
