#include "international.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

TEST(InternationalAddress, IsAMailboxWithCharactersBeyondAscii) {
  for (const std::string_view address :
       {"a@b", "jos\xc3\xa9@pod.lab", "a@b\xc3\xbc.lab", "\"\xc3\xa9 \\\"\"@pod.lab", "\xf0\x9f\x93\xae@pod.lab"}) {
    EXPECT_TRUE(is_mailbox(address)) << address;
  }
  for (const std::string_view address :
       {"", "jos\xc3\xa9", "\xc3\xa9>@pod.lab", "\xc3\xa9 @pod.lab", "\xc3@pod.lab", "a\xc2\x85@pod.lab",
        "a@\xc3\xbc\r\n", "\xed\xa0\x80@pod.lab", "a@-\xc3\xbc.lab"}) {
    EXPECT_FALSE(is_mailbox(address)) << address;
  }
}

TEST(InternationalAddress, HasAnAsciiFormIfItsLocalPartIsAscii) {
  EXPECT_EQ(ascii_form("a@b"), "a@b");
  EXPECT_EQ(ascii_form("a@b\xc3\xbc"
                       "cher.example"),
            "a@xn--bcher-kva.example");
  EXPECT_EQ(ascii_form("\"a@b\"@b\xc3\xbc"
                       "cher.example"),
            "\"a@b\"@xn--bcher-kva.example");
  EXPECT_EQ(ascii_form("jos\xc3\xa9@pod.lab"), std::nullopt);
  EXPECT_EQ(ascii_form("a@\xe2\x80\x8d"), std::nullopt);
}

TEST(InternationalAddress, StandsInAnOriginalRecipientAsPoints) {
  EXPECT_EQ(ascii_original_recipient("utf-8;jos\xc3\xa9@\xe4\xbe\x8b"), "utf-8;jos\\x{E9}@\\x{4F8B}");
  EXPECT_EQ(ascii_original_recipient("utf-8;\xf0\x9f\x93\xae@pod.lab"), "utf-8;\\x{1F4EE}@pod.lab");
  EXPECT_EQ(ascii_original_recipient("utf-8;\xff"), "utf-8;\xff");
}

}  // namespace
}  // namespace mailpod::smtp
