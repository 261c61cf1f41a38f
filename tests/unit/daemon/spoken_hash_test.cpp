#include "spoken_hash.hpp"

#include <gtest/gtest.h>

namespace mailpod::daemon {
namespace {

// The examples of arXiv:0901.4016, IPv4 addresses as two words each.
TEST(SpokenHash, IsWhatTheArticleSays) {
  EXPECT_EQ(spoken(std::string_view("\x7f\x00\x00\x01", 4)), "lusab babad");
  EXPECT_EQ(spoken("\x3f\x54\xdc\xc1"), "gutih tugad");
  EXPECT_EQ(spoken("\xc6\x51\x81\x88"), "sinid makam");
}

TEST(SpokenHash, OfAnOddNumberOfOctetsEndsWithZero) {
  EXPECT_EQ(spoken("\x7f"), "lusab");
  EXPECT_EQ(spoken(""), "");
}

}  // namespace
}  // namespace mailpod::daemon
