#include <csignal>

#include <gtest/gtest.h>

#include "dialogue.hpp"
#include "smtp_client_exchange.hpp"

int main(int argc, char** argv) {
  using namespace mailpod::conversations;
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path folder = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/conversations/smtp_client";
  register_dialogues(
      "SmtpClient", folder, [] { return std::make_unique<SmtpClientExchange>(0); }, Tested::client);
  // The same with all that the server says arriving in pieces of a few octets.
  register_dialogues(
      "SmtpClientInPieces", folder, [] { return std::make_unique<SmtpClientExchange>(20261123); }, Tested::client);
  return RUN_ALL_TESTS();
}
