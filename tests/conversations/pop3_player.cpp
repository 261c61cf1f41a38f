#include <csignal>

#include <gtest/gtest.h>

#include "dialogue.hpp"
#include "pop3_exchange.hpp"

int main(int argc, char** argv) {
  using namespace mailpod::conversations;
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path folder = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/conversations/pop3";
  register_dialogues("Pop3", folder, [] { return std::make_unique<Pop3Exchange>(0); });
  // The same with everything arriving in pieces of a few octets.
  register_dialogues("Pop3InPieces", folder, [] { return std::make_unique<Pop3Exchange>(19390515); });
  return RUN_ALL_TESTS();
}
