#include "code_key.hpp"

#include <gtest/gtest.h>

#include <simulation/entropy.hpp>

namespace mailpod::daemon {
namespace {

TEST(CodeKeys, AreTwentyOctetsAndNeverTheSame) {
  simulation::Entropy entropy{3};
  const auto first = draw_code_key(entropy);
  EXPECT_EQ(first.size(), 20U);
  EXPECT_NE(draw_code_key(entropy), first);
}

TEST(CodeKeys, AreWrittenAsAuthenticatorsReadThem) {
  const std::string key("12345678901234567890");
  EXPECT_EQ(write_code_uri("coop.example", "ada@coop.example", key),
            "otpauth://totp/coop.example:ada%40coop.example?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
            "&issuer=coop.example");
  EXPECT_EQ(write_code_uri("coop.example", "a&b=c?d", key),
            "otpauth://totp/coop.example:a%26b%3Dc%3Fd?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ&issuer=coop.example");
}

}  // namespace
}  // namespace mailpod::daemon
