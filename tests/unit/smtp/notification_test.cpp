#include "notification.hpp"

#include <gtest/gtest.h>

namespace mailpod::smtp {
namespace {

using Notify = RecipientParameters::Notify;

TEST(Notification, ReturnIsFullOrHeaders) {
  EXPECT_EQ(parse_return("full"), MailParameters::Return::full);
  EXPECT_EQ(parse_return("HDRS"), MailParameters::Return::headers);
  EXPECT_FALSE(parse_return("HEADERS"));
}

TEST(Notification, NeverStandsAlone) {
  EXPECT_EQ(parse_notify("NEVER"), (Notify{true, false, false, false}));
  for (const auto* text : {"NEVER,NEVER", "NEVER,DELAY", "DELAY,NEVER", " NEVER", ""}) EXPECT_FALSE(parse_notify(text));
}

TEST(Notification, TheOthersComeInAnyOrderAndCase) {
  EXPECT_EQ(parse_notify("delay,Success"), (Notify{false, true, false, true}));
  EXPECT_EQ(parse_notify("FAILURE"), (Notify{false, false, true, false}));
  EXPECT_FALSE(parse_notify("FAILURE,failure"));
}

TEST(Notification, EnvelopeIdsArePrintableXtext) {
  EXPECT_TRUE(is_envelope_id("QQ314159"));
  EXPECT_TRUE(is_envelope_id("+20+2B+3D"));
  EXPECT_TRUE(is_envelope_id(std::string(100, 'x')));
  for (const std::string& text : {std::string(), std::string(101, 'x'), std::string("a b"), std::string("+"),
                                  std::string("+2"), std::string("+2b"), std::string("+1F"), std::string("+80")}) {
    EXPECT_FALSE(is_envelope_id(text)) << text;
  }
}

TEST(Notification, OriginalRecipientsHaveATypeAndAnAddress) {
  EXPECT_TRUE(is_original_recipient("rfc822;Bob@Example.COM", OriginalAddress::ascii));
  EXPECT_TRUE(is_original_recipient("x-local;a+2Bb;c", OriginalAddress::ascii));
  for (const auto* text : {"Bob@Example.COM", ";a", "rfc822;", "rfc822;a=b", "rfc 822;a", "rfc822;+0A"}) {
    EXPECT_FALSE(is_original_recipient(text, OriginalAddress::ascii)) << text;
  }
  EXPECT_FALSE(is_original_recipient("a;" + std::string(499, 'x'), OriginalAddress::ascii));
}

TEST(Notification, OriginalRecipientsMayBeUtf8WhereItIsAllowed) {
  const std::string address = "utf-8;j\xc3\xbcrgen@example";
  EXPECT_TRUE(is_original_recipient(address, OriginalAddress::utf8));
  EXPECT_TRUE(is_original_recipient("utf-8;j\\x{FC}rgen@example", OriginalAddress::ascii));
  EXPECT_FALSE(is_original_recipient(address, OriginalAddress::ascii));
  EXPECT_FALSE(is_original_recipient("rfc822;j\xc3\xbcrgen@example", OriginalAddress::utf8));
}

}  // namespace
}  // namespace mailpod::smtp
