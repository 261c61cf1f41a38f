#include <csignal>

#include <gtest/gtest.h>

#include "dialogue.hpp"
#include "imap_exchange.hpp"

int main(int argc, char** argv) {
  using namespace mailpod::conversations;
  std::signal(SIGPIPE, SIG_IGN);
  testing::InitGoogleTest(&argc, argv);
  const std::filesystem::path folder = std::filesystem::path(MAILPOD_SOURCE_DIR) / "tests/conversations/imap";
  register_dialogues("Imap", folder, [] { return std::make_unique<ImapExchange>(0); });
  // The same with everything arriving in pieces of a few octets.
  register_dialogues("ImapInPieces", folder, [] { return std::make_unique<ImapExchange>(20261123); });
  return RUN_ALL_TESTS();
}
