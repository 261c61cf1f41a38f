#include "tls_required.hpp"

#include <gtest/gtest.h>

namespace mailpod::delivery {
namespace {

// RFC 8689 §5: the one value that it has.
TEST(TlsRequired, IsNoWhereTheHeaderSaysSo) {
  for (const auto* header :
       {"TLS-Required: No\r\n", "Subject: x\r\ntls-required:NO\r\n\r\n", "TLS-Required:\r\n No\r\n"})
    EXPECT_TRUE(says_tls_required_no(header)) << header;
  for (const auto* header : {"", "Subject: TLS-Required: No\r\n", "TLS-Required: Yes\r\n", "TLS-Required: Not\r\n",
                             "TLS-Required:\r\n", "X-TLS-Required: No\r\n", "Subject: x\r\n\r\nTLS-Required: No\r\n"})
    EXPECT_FALSE(says_tls_required_no(header)) << header;
}

}  // namespace
}  // namespace mailpod::delivery
