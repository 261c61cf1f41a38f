#include "message_lines.hpp"

#include <gtest/gtest.h>

namespace mailpod::pop3 {
namespace {

/// The response's lines for `message`, which comes in pieces of `size` octets.
std::string sent(std::string_view message, std::optional<std::uint64_t> body_lines, std::size_t size) {
  MessageLines lines(body_lines);
  std::string out;
  for (; !message.empty() && !lines.complete(); message.remove_prefix(std::min(size, message.size()))) {
    lines.add(message.substr(0, size), out);
  }
  lines.finish(out);
  return out;
}

constexpr std::string_view message = "Subject: x\r\n\r\n.one\r\n\r\n..\r\nlast\r\n";

TEST(MessageLines, StuffDotsWhereverAPieceEnds) {
  for (std::size_t size = 1; size <= message.size(); ++size) {
    EXPECT_EQ(sent(message, std::nullopt, size), "Subject: x\r\n\r\n..one\r\n\r\n...\r\nlast\r\n.\r\n") << size;
  }
}

TEST(MessageLines, AreAsManyAsTopAsksForWhereverAPieceEnds) {
  for (std::size_t size = 1; size <= message.size(); ++size) {
    EXPECT_EQ(sent(message, 0, size), "Subject: x\r\n\r\n.\r\n") << size;
    EXPECT_EQ(sent(message, 1, size), "Subject: x\r\n\r\n..one\r\n.\r\n") << size;
    EXPECT_EQ(sent(message, 2, size), "Subject: x\r\n\r\n..one\r\n\r\n.\r\n") << size;
    EXPECT_EQ(sent(message, 99, size), sent(message, std::nullopt, size)) << size;
  }
}

TEST(MessageLines, EndWithAnEndOfLine) {
  EXPECT_EQ(sent("", std::nullopt, 1), ".\r\n");
  EXPECT_EQ(sent("x", std::nullopt, 1), "x\r\n.\r\n");
  EXPECT_EQ(sent("x\r", std::nullopt, 1), "x\r\r\n.\r\n");
  EXPECT_EQ(sent("x\n", std::nullopt, 1), "x\n\r\n.\r\n");
  EXPECT_EQ(sent("x\r\n", std::nullopt, 1), "x\r\n.\r\n");
}

}  // namespace
}  // namespace mailpod::pop3
