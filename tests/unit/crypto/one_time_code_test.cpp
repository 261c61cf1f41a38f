#include <mailpod/crypto/one_time_code.hpp>

#include <array>

#include <gtest/gtest.h>

namespace mailpod::crypto {
namespace {

constexpr std::string_view key = "12345678901234567890";

/// RFC 4226 Appendix D.
TEST(OneTimeCode, IsThatOfTheCounter) {
  constexpr std::array<std::string_view, 10> codes{"755224", "287082", "359152", "969429", "338314",
                                                   "254676", "287922", "162583", "399871", "520489"};
  for (std::size_t counter = 0; counter < codes.size(); ++counter) {
    EXPECT_EQ(one_time_code(key, counter), codes.at(counter));
  }
}

/// RFC 6238 Appendix B.
TEST(OneTimeCode, IsThatOfTheTime) {
  const auto at = [](std::uint64_t seconds) { return one_time_code(key, time_step(seconds), 8); };
  EXPECT_EQ(at(59), "94287082");
  EXPECT_EQ(at(1'111'111'109), "07081804");
  EXPECT_EQ(at(1'111'111'111), "14050471");
  EXPECT_EQ(at(1'234'567'890), "89005924");
  EXPECT_EQ(at(2'000'000'000), "69279037");
  EXPECT_EQ(at(20'000'000'000), "65353130");
}

}  // namespace
}  // namespace mailpod::crypto
