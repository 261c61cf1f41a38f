// The server key's file: as it is, or sealed by a passphrase.

#include "server_key.hpp"

#include <gtest/gtest.h>

#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>
#include <simulation/frozen.hpp>

namespace mailpod::daemon {
namespace {

constexpr std::string_view words = "four words of nobody";

struct AServerKey : testing::Test {
  AServerKey() { disk.make_directory("/pod"); }
  static AskPassphrase typed(std::string passphrase) {
    return [passphrase] { return governance::Verdict<std::string>(passphrase); };
  }
  std::string sealed() {
    const auto seal = make_passphrase_seal(arena, entropy, words, {1, 8192});
    write_server_key(disk, "/pod/server.key", crypto::Key::copy_of(arena, std::string(32, 's')), entropy, &seal);
    return base::read_file(disk, "/pod/server.key", 4096);
  }
  simulation::Disk disk;
  simulation::Entropy entropy{7};
  crypto::KeyArena arena;
};

TEST_F(AServerKey, SealedByAPassphraseOpensByItAlone) {
  const auto file = sealed();
  EXPECT_EQ(file.find(write_server_key_code(crypto::Key::copy_of(arena, std::string(32, 's')))), std::string::npos);
  const auto read = read_server_key(disk, "/pod/server.key", arena, typed(std::string(words)));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->key.octets(), std::string(32, 's'));
  EXPECT_TRUE(read->seal);
  const auto wrong = read_server_key(disk, "/pod/server.key", arena, typed("four words of mine"));
  EXPECT_EQ(wrong.error().what, "this is not its passphrase, or the file is damaged");
  EXPECT_EQ(read_server_key(disk, "/pod/server.key", arena).error().code, governance::Errc::missing_key);
}

TEST_F(AServerKey, AsItIsAsksNobody) {
  write_server_key(disk, "/pod/server.key", crypto::Key::copy_of(arena, std::string(32, 's')));
  const auto read = read_server_key(disk, "/pod/server.key", arena, [] {
    ADD_FAILURE() << "nobody is asked";
    return governance::Verdict<std::string>("");
  });
  EXPECT_FALSE(read.value().seal);
}

TEST_F(AServerKey, SealedOfVersionOneIsReadForEver) {
  base::replace_file(disk, "/pod/server.key", simulation::frozen("server-key-sealed-1", [this] { return sealed(); }));
  const auto read = read_server_key(disk, "/pod/server.key", arena, typed(std::string(words)));
  ASSERT_TRUE(read.has_value()) << read.error().text();
  EXPECT_EQ(read->key.octets(), std::string(32, 's'));
}

TEST_F(AServerKey, SealedWithAnyCharacterChangedIsRefused) {
  const std::string whole = sealed();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string changed = whole;
    changed[at] = changed[at] == '0' ? '1' : '0';
    base::replace_file(disk, "/pod/server.key", changed);
    EXPECT_FALSE(read_server_key(disk, "/pod/server.key", arena, typed(std::string(words))).has_value()) << at;
  }
}

TEST_F(AServerKey, AsksForNoMoreMemoryThanAnyPassphraseIsWorth) {
  std::string file = sealed();
  file.replace(file.find(" 8192 "), 6, " 99999999999999 ");
  base::replace_file(disk, "/pod/server.key", file);
  EXPECT_EQ(read_server_key(disk, "/pod/server.key", arena, typed(std::string(words))).error().line, 2U);
}

}  // namespace
}  // namespace mailpod::daemon
