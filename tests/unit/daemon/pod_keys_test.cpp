#include "pod_keys.hpp"
#include "server_key.hpp"

#include <gtest/gtest.h>

#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

namespace mailpod::daemon {
namespace {

// The seed `pp…p` under the server key `ss…s` for pod.lab, sealed by libsodium from docs/pod-folder.md, not by our
// code.
constexpr std::string_view version_one =
    "01000102030405060708090a0b0c0d0e0f1011121314151617ce66de58ccc55405f9c52fd084fa934f55b9ad398e4a5ff0"
    "e34e78a2e37811b8d8a94f9ab7000a8706c027dfefd6c6eb";

struct PodKeys : testing::Test {
  PodKeys() { disk.make_directory("/pod"); }
  simulation::Disk disk;
  simulation::Entropy entropy{7};
  crypto::KeyArena arena;
};

TEST_F(PodKeys, OfTheServerReadBackFromItsFileAndFromPaper) {
  const auto key = crypto::Key::random(arena, entropy);
  write_server_key(disk, "/pod/server.key", key);
  const auto read = read_server_key(disk, "/pod/server.key", arena);
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->key.octets(), key.octets());

  base::replace_file(disk, "/pod/paper", "mailpod server key 1\n" + write_server_key_code(key));
  EXPECT_TRUE(read_server_key(disk, "/pod/paper", arena).has_value());
}

TEST_F(PodKeys, WithAWrongCharacterAreRefusedWithTheLine) {
  const auto key = crypto::Key::random(arena, entropy);
  std::string code = write_server_key_code(key);
  code.front() = code.front() == '0' ? '1' : '0';
  base::replace_file(disk, "/pod/server.key", "mailpod server key 1\n" + code + "\n");
  const auto read = read_server_key(disk, "/pod/server.key", arena);
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().line, 2U);
}

TEST_F(PodKeys, ThatAreNotThereAreAskedFor) {
  EXPECT_EQ(read_server_key(disk, "/pod/server.key", arena).error().code, governance::Errc::missing_key);
  const auto key = crypto::Key::random(arena, entropy);
  EXPECT_EQ(read_pod_key(disk, "/pod/pod.key", key, "pod.lab").error().code, governance::Errc::missing_key);
}

TEST_F(PodKeys, OfThePodOpenOnlyWithTheServerKeyAndForTheirDomain) {
  const auto server = crypto::Key::random(arena, entropy);
  const auto other = crypto::Key::random(arena, entropy);
  const auto pod = crypto::SigningKey::random(arena, entropy);
  write_pod_key(disk, "/pod/pod.key", pod, server, "pod.lab", entropy);
  const auto read = read_pod_key(disk, "/pod/pod.key", server, "pod.lab");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->public_key(), pod.public_key());
  EXPECT_FALSE(read_pod_key(disk, "/pod/pod.key", other, "pod.lab").has_value());
  EXPECT_FALSE(read_pod_key(disk, "/pod/pod.key", server, "pod2.lab").has_value());
}

TEST_F(PodKeys, OfVersionOneAreReadForEver) {
  const auto server = crypto::Key::copy_of(arena, std::string(32, 's'));
  base::replace_file(disk, "/pod/pod.key", base::unhex(version_one).value());
  const auto read = read_pod_key(disk, "/pod/pod.key", server, "pod.lab");
  ASSERT_TRUE(read.has_value());
  EXPECT_EQ(read->seed().octets(), std::string(32, 'p'));
}

TEST_F(PodKeys, WithAnyBitFlippedAreRefused) {
  const auto server = crypto::Key::random(arena, entropy);
  write_pod_key(disk, "/pod/pod.key", crypto::SigningKey::random(arena, entropy), server, "pod.lab", entropy);
  const std::string whole = base::read_file(disk, "/pod/pod.key", 4096);
  for (std::size_t bit = 0; bit < whole.size() * 8; ++bit) {
    std::string flipped = whole;
    flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
    base::replace_file(disk, "/pod/pod.key", flipped);
    EXPECT_FALSE(read_pod_key(disk, "/pod/pod.key", server, "pod.lab").has_value()) << bit;
  }
}

}  // namespace
}  // namespace mailpod::daemon
