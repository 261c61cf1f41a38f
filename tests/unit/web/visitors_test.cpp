#include "visitors.hpp"

#include <gtest/gtest.h>

namespace mailpod::web {
namespace {

TEST(Visitors, HaveTheirShareEach) {
  Visitors visitors(2);
  auto first = visitors.admit("192.0.2.1");
  const auto second = visitors.admit("192.0.2.1");
  EXPECT_NE(second, nullptr);
  EXPECT_EQ(visitors.admit("192.0.2.1"), nullptr);
  EXPECT_NE(visitors.admit("192.0.2.2"), nullptr);
  first.reset();
  EXPECT_NE(visitors.admit("192.0.2.1"), nullptr);
}

TEST(Visitors, OfOneNetworkAreOne) {
  Visitors visitors(1);
  const auto first = visitors.admit("2001:db8::1");
  EXPECT_EQ(visitors.admit("2001:db8::ffff:2"), nullptr);
  EXPECT_NE(visitors.admit("2001:db8:0:1::1"), nullptr);
}

}  // namespace
}  // namespace mailpod::web
