#include "eight_bit_header.hpp"

#include <gtest/gtest.h>

#include <string>

namespace mailpod::imap {
namespace {

bool has(const std::string& message) {
  return has_eight_bit_header(base::MemorySource(message));
}

TEST(EightBitHeader, EndsAtTheFirstEmptyLine) {
  EXPECT_TRUE(has("Subject: \xc3\xbc\r\n\r\nx"));
  EXPECT_FALSE(has("Subject: u\r\n\r\n\xc3\xbc"));
  EXPECT_FALSE(has("Subject: u\n\n\xc3\xbc"));
  EXPECT_TRUE(has("Subject: u\r\n\xff: x\r\n\r\n"));
  EXPECT_TRUE(has("no line end \xe4"));
  EXPECT_FALSE(has("\r\n\xe4"));
  EXPECT_FALSE(has(""));
}

TEST(EightBitHeader, MayBeLong) {
  const std::string fields(100'000, 'x');
  EXPECT_TRUE(has("A: " + fields + "\r\nB: \xe4\r\n\r\n"));
  EXPECT_FALSE(has("A: " + fields + "\r\n\r\n\xe4"));
}

}  // namespace
}  // namespace mailpod::imap
