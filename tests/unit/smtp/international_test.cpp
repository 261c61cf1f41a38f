#include "international.hpp"

#include <gtest/gtest.h>

#include "envelope_commands.hpp"

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
  EXPECT_TRUE(is_original_recipient(ascii_original_recipient("utf-8;\xf0\x9f\x93\xae@pod.lab")));
  EXPECT_EQ(ascii_original_recipient("utf-8;\xff"), "utf-8;\xff");
}

TEST(EnvelopeCommands, SayOnlyWhatIsWellFormed) {
  EXPECT_TRUE(is_notify("NEVER"));
  EXPECT_TRUE(is_notify("SUCCESS,FAILURE,DELAY"));
  for (const std::string_view value : {"", "never", "NEVER,DELAY", "DELAY,", ",DELAY", "DELAY SUCCESS", "RELAYED"}) {
    EXPECT_FALSE(is_notify(value)) << value;
  }
  EXPECT_TRUE(is_envelope_id("QQ+2B314159"));
  for (const std::string_view value : {"", "a b", "a=b", "a+2", "a+2b", "a\r\n", "\xc3\xa9"}) {
    EXPECT_FALSE(is_envelope_id(value)) << value;
  }
  EXPECT_TRUE(is_envelope_id(std::string(100, 'x')));
  EXPECT_FALSE(is_envelope_id(std::string(101, 'x')));
  EXPECT_TRUE(is_original_recipient("rfc822;Bob@Example.COM"));
  for (const std::string_view value : {"", "rfc822", "rfc822;", ";a@b", "rfc 822;a", "rfc822;a b", "rfc822;a=b"}) {
    EXPECT_FALSE(is_original_recipient(value)) << value;
  }
  EXPECT_FALSE(is_original_recipient("rfc822;" + std::string(494, 'x')));
}

}  // namespace
}  // namespace mailpod::smtp
