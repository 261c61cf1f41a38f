#include <mailpod/crypto/keys.hpp>

#include <fstream>
#include <set>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <mailpod/crypto/digest.hpp>

#include "simulation/entropy.hpp"

namespace mailpod::crypto {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool mlock_is_intercepted = true;
#elif defined(__has_feature)
constexpr bool mlock_is_intercepted = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool mlock_is_intercepted = false;
#endif

TEST(Key, HoldsWhatEntropyGave) {
  KeyArena arena;
  simulation::Entropy entropy(1);
  simulation::Entropy same(1);
  EXPECT_EQ(Key::random(arena, entropy).octets(), base::octets(same.bytes<32>()));
}

TEST(Key, RefusesOtherLengths) {
  KeyArena arena;
  EXPECT_THROW(Key::copy_of(arena, std::string(31, 'k')), std::invalid_argument);
  EXPECT_THROW(Key::copy_of(arena, std::string(33, 'k')), std::invalid_argument);
  EXPECT_EQ(arena.in_use(), 0u);
}

TEST(Key, IsZeroedWhenItGoes) {
  KeyArena arena;
  const unsigned char* place = nullptr;
  {
    const auto key = Key::copy_of(arena, std::string(32, 'S'));
    place = key.data();
  }
  EXPECT_EQ(std::string(place, place + 32), std::string(32, '\0'));
}

TEST(Key, IsZeroedWhenAnotherIsMovedOverIt) {
  KeyArena arena;
  auto key = Key::copy_of(arena, std::string(32, 'S'));
  const auto* place = key.data();
  key = Key::copy_of(arena, std::string(32, 'T'));
  EXPECT_EQ(std::string(place, place + 32), std::string(32, '\0'));
  EXPECT_EQ(key.octets(), std::string(32, 'T'));
  EXPECT_EQ(arena.in_use(), 1u);
}

TEST(Key, IsGivenBackEvenIfFillingItThrows) {
  KeyArena arena;
  EXPECT_THROW(Key::made_by(arena, [](auto) { throw std::runtime_error("no"); }), std::runtime_error);
  EXPECT_EQ(arena.in_use(), 0u);
}

TEST(KeyArena, GrowsByChunksAndUsesThemAgain) {
  KeyArena arena;
  for (int round = 0; round < 2; ++round) {
    std::vector<Key> keys;
    std::set<const unsigned char*> places;
    for (int i = 0; i < 5000; ++i) {
      keys.push_back(Key::copy_of(arena, std::string(32, static_cast<char>(i))));
      places.insert(keys.back().data());
    }
    EXPECT_EQ(places.size(), 5000u);
    EXPECT_EQ(arena.in_use(), 5000u);
    for (int i = 0; i < 5000; ++i) {
      ASSERT_EQ(keys[static_cast<std::size_t>(i)].octets(), std::string(32, static_cast<char>(i)));
    }
  }
  EXPECT_EQ(arena.in_use(), 0u);
}

TEST(KeyArena, ServesManyThreads) {
  KeyArena arena;
  std::vector<std::thread> threads;
  for (char name = 'a'; name < 'e'; ++name) {
    threads.emplace_back([&arena, name] {
      for (int i = 0; i < 2000; ++i) {
        const auto key = Key::copy_of(arena, std::string(32, name));
        ASSERT_EQ(key.octets(), std::string(32, name));
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(arena.in_use(), 0u);
}

/// The kernel's flags of the mapping that holds `address`, from /proc/self/smaps.
std::string kernel_flags_of(const void* address) {
  std::ifstream maps("/proc/self/smaps");
  const auto wanted = reinterpret_cast<std::uintptr_t>(address);
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    const auto dash = line.find('-');
    if (dash != std::string::npos && dash < line.find(' ')) {
      inside = std::stoull(line.substr(0, dash), nullptr, 16) <= wanted &&
               wanted < std::stoull(line.substr(dash + 1), nullptr, 16);
    } else if (inside && line.starts_with("VmFlags:")) {
      return line + " ";
    }
  }
  return {};
}

TEST(KeyArena, IsLockedAndLeftOutOfCoreDumps) {
  KeyArena arena;
  const auto key = Key::copy_of(arena, std::string(32, 'S'));
  const auto flags = kernel_flags_of(key.data());
  if (!mlock_is_intercepted) EXPECT_NE(flags.find(" lo "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" dd "), std::string::npos) << flags;
  EXPECT_NE(flags.find(" wf "), std::string::npos) << flags;
}

TEST(KeyArenaDeathTest, StandsBetweenGuardPages) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_DEATH(
      {
        KeyArena arena;
        const auto key = Key::copy_of(arena, std::string(32, 'S'));
        for (const volatile unsigned char* octet = key.data();; ++octet) static_cast<void>(*octet);
      },
      "");
}

/// Runs `check` in a child whose limit on locked memory is zero and which may not exceed it; answers its exit status.
int with_nothing_lockable(int (*check)()) {
  const auto child = ::fork();
  if (child == 0) {
    const rlimit none{0, 0};
    if (::setrlimit(RLIMIT_MEMLOCK, &none) != 0) ::_exit(90);
    // The superuser may lock memory beyond the limit, so the child becomes nobody.
    if (::geteuid() == 0 && ::setuid(65534) != 0) ::_exit(91);
    ::_exit(check());
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(KeyArena, SaysWhatToDoWhenMemoryCannotBeLocked) {
  if (mlock_is_intercepted) GTEST_SKIP() << "the sanitizers make mlock do nothing";
  const auto check = [] {
    try {
      const KeyArena arena;
    } catch (const std::system_error& failure) {
      return std::string(failure.what()).find("LimitMEMLOCK") != std::string::npos ? 0 : 1;
    }
    return 2;
  };
  EXPECT_EQ(with_nothing_lockable(check), 0);
}

TEST(VaultKey, DerivesADifferentKeyForEveryLabel) {
  KeyArena arena;
  const VaultKey vault(Key::copy_of(arena, std::string(32, 'v')));
  const auto log = vault.derive("mailpod/v1/log");
  EXPECT_EQ(log.octets(), vault.derive("mailpod/v1/log").octets());
  EXPECT_NE(log.octets(), vault.derive("mailpod/v1/search").octets());
  // Frozen: a vault of today opens for ever. HKDF-SHA-256(ikm 32 × 'v', no salt, info "mailpod/v1/log").
  EXPECT_EQ(base::hex(log.octets()), "cf2eb1aabd51ba135a313f5877bbf87e65fc07543445e2704420cc9a7dc4e9d8");
}

static_assert(!std::is_copy_constructible_v<Key> && !std::is_copy_constructible_v<VaultKey>);

TEST(Wipe, ZeroesTheWholeCapacity) {
  std::string secret(100, 'S');
  secret.resize(10);
  const char* place = secret.data();
  const auto capacity = secret.capacity();
  wipe(secret);
  EXPECT_TRUE(secret.empty());
  secret.resize(capacity, 'x');  // the same block, so that looking at it is allowed
  EXPECT_EQ(secret.data(), place);
  std::string other(3, 'S');
  wipe(other);
  EXPECT_TRUE(other.empty());
}

TEST(Wipe, OverwritesASpan) {
  base::ByteArray<4> secret{1, 2, 3, 4};
  wipe(secret);
  EXPECT_EQ(secret, (base::ByteArray<4>{}));
}

}  // namespace
}  // namespace mailpod::crypto
