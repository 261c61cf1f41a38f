#include "shelf.hpp"

#include <gtest/gtest.h>

namespace mailpod::web {
namespace {

http::Response page(std::size_t octets) {
  return {200, {}, std::string(octets, 'x')};
}

TEST(Shelf, KeepsWhatFitsAndLetsTheOldestGo) {
  Shelf shelf(64 * 1024);
  for (int i = 0; i < 20; ++i) shelf.put("/" + std::to_string(i), page(4096));
  EXPECT_EQ(shelf.find("/0"), nullptr);
  ASSERT_NE(shelf.find("/19"), nullptr);
  EXPECT_EQ(shelf.find("/19")->content.size(), 4096U);
}

TEST(Shelf, KeepsNothingLarge) {
  Shelf shelf(64 * 1024);
  shelf.put("/large", page(8 * 1024));
  EXPECT_EQ(shelf.find("/large"), nullptr);
}

TEST(Shelf, KeepsTheLaterOfTwo) {
  Shelf shelf(64 * 1024);
  shelf.put("/a", page(1));
  shelf.put("/a", page(2));
  EXPECT_EQ(shelf.find("/a")->content.size(), 2U);
}

}  // namespace
}  // namespace mailpod::web
