#include "text_search.hpp"

#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>

namespace mailpod::imap {
namespace {

struct Found {
  bool in_body;
  bool in_message;
};

Found find(std::string text, const std::string& message) {
  const std::vector<std::string> texts{std::move(text)};
  const base::MemorySource source(message);
  const std::atomic<bool> stop{false};
  TextSearch search(texts);
  search.scan(source, message::scan(message), message::Searched::texts, stop);
  return {search.in_body(0), search.in_message(0)};
}

TEST(TextSearch, FindsTextAcrossThePiecesInWhichItIsRead) {
  for (std::size_t before : {65'530U, 65'535U, 65'536U, 131'070U}) {
    const auto message = "Subject: x\r\n\r\n" + std::string(before, '.') + "needle" + std::string(70'000, '.');
    EXPECT_TRUE(find("needle", message).in_body) << before;
    EXPECT_FALSE(find("needles", message).in_message) << before;
  }
}

TEST(TextSearch, TellsHeaderFromBody) {
  const std::string message = "Subject: =?utf-8?q?gr=C3=BC=C3=9Fe?=\r\n\r\nbody\r\n";
  EXPECT_FALSE(find("grusse", message).in_body);
  EXPECT_TRUE(find("grusse", message).in_message);
  EXPECT_TRUE(find("subject: g", message).in_message);
  EXPECT_TRUE(find("body", message).in_body);
}

TEST(TextSearch, LooksIntoTextPartsAndMessagesWithin) {
  const std::string message =
      "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: image/png\r\n\r\nhidden\r\n"
      "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: inner\r\n\r\ninside\r\n--b--\r\n";
  EXPECT_FALSE(find("hidden", message).in_message);
  EXPECT_TRUE(find("inside", message).in_body);
  EXPECT_TRUE(find("inner", message).in_body);
}

TEST(TextSearch, FindsNothingEverywhere) {
  EXPECT_TRUE(find("", "\r\n").in_body);
}

TEST(TextSearch, IsLinearForTextsThatAlmostMatch) {
  const std::string message = "\r\n" + std::string(4'000'000, 'a');
  EXPECT_FALSE(find(std::string(30'000, 'a') + 'b', message).in_body);
}

}  // namespace
}  // namespace mailpod::imap
