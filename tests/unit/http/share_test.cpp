#include "share.hpp"

#include <gtest/gtest.h>

namespace mailpod::http {
namespace {

TEST(Share, IsRefusedToOneWithoutTakingFromTheOther) {
  std::atomic<std::size_t> all{0};
  const Share refused(all, 101, {10, 100});
  EXPECT_FALSE(refused.granted());
  EXPECT_EQ(all, 0U) << "who was refused may hold the connection for long";
  const Share other(all, 100, {10, 100});
  EXPECT_TRUE(other.granted());
}

TEST(Share, IsAlwaysGrantedToWhatIsSmall) {
  std::atomic<std::size_t> all{0};
  const Share large(all, 100, {10, 100});
  EXPECT_TRUE(Share(all, 10, {10, 100}).granted());
  EXPECT_FALSE(Share(all, 11, {10, 100}).granted());
}

TEST(Share, IsGivenBackAsItIsWritten) {
  std::atomic<std::size_t> all{0};
  {
    Share slow(all, 100, {10, 100});
    slow.give_back(60);
    EXPECT_TRUE(Share(all, 60, {10, 100}).granted());
    slow.give_back(70);  // with its head
    EXPECT_EQ(all, 0U);
  }
  EXPECT_EQ(all, 0U);
}

}  // namespace
}  // namespace mailpod::http
