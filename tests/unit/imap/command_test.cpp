#include "command.hpp"

#include <gtest/gtest.h>

#include "commands/commands.hpp"

namespace mailpod::imap {
namespace {

std::string name_of(std::string_view octets) {
  text::Cursor in(octets);
  return take_command_name(in);
}

TEST(Command, IsFoundInAnyCase) {
  ASSERT_NE(find_command("noop"), nullptr);
  EXPECT_EQ(find_command("noop"), find_command("NoOp"));
  EXPECT_EQ(find_command("NOOPS"), nullptr);
  EXPECT_EQ(find_command(""), nullptr);
}

TEST(Command, UidTakesTheWordBehindIt) {
  EXPECT_EQ(name_of("UID FETCH 1 FLAGS"), "UID FETCH");
  EXPECT_EQ(name_of("uid  fetch"), "uid ");
  EXPECT_EQ(name_of("UID"), "UID");
  EXPECT_EQ(find_command("UID "), nullptr);
}

TEST(Command, HoldsExpungesBackForFetchStoreAndSearchAlone) {
  // RFC 3501 §7.4.1.
  for (const auto* name : {"FETCH", "STORE", "SEARCH"}) EXPECT_EQ(find_command(name)->expunges, Expunges::held_back);
  for (const auto* name :
       {"UID FETCH", "UID STORE", "UID SEARCH", "NOOP", "COPY", "MOVE", "EXPUNGE", "CHECK", "IDLE"}) {
    EXPECT_EQ(find_command(name)->expunges, Expunges::announced) << name;
  }
}

TEST(Command, AppendLeavesItsMessageToBeRead) {
  const Settings settings;
  const auto awaits = [&](std::string_view octets) {
    return commands::append_awaits_message(text::Cursor(octets), {settings});
  };
  EXPECT_TRUE(awaits(" INBOX "));
  EXPECT_TRUE(awaits(" INBOX (\\Seen) "));
  EXPECT_TRUE(awaits(" {5}\r\nINBOX (\\Seen) \" 7-Feb-1994 21:52:25 -0800\" "));
  EXPECT_FALSE(awaits(" "));
  EXPECT_FALSE(awaits(" INBOX"));
  EXPECT_FALSE(awaits(" INBOX (\\Seen "));
  EXPECT_FALSE(awaits(" INBOX x "));
}

}  // namespace
}  // namespace mailpod::imap
