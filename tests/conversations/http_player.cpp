#include <csignal>

#include <gtest/gtest.h>

#include "dialogue.hpp"
#include "http_exchange.hpp"

int main(int argc, char** argv) {
  using namespace mailpod::conversations;
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path folder = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/conversations/http";
  register_dialogues("Http", folder, [] { return std::make_unique<HttpExchange>(0); });
  // The same with everything arriving in pieces of a few octets.
  register_dialogues("HttpInPieces", folder, [] { return std::make_unique<HttpExchange>(19970103); });
  return RUN_ALL_TESTS();
}
