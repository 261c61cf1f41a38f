#include <mailpod/base/stack.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <fstream>
#include <string>
#include <thread>

namespace mailpod::base {
namespace {

// Secrets are built at run time: as literals they would be found in the program itself.
std::string secret_of_this_test() {
  std::string secret = "terces a ,kcats eht no";
  return {secret.rbegin(), secret.rend()};
}

/// So many octets full of the secret, in a frame that is gone when this returns. Writes down where they were.
[[gnu::noinline]] void leave_on_the_stack(const std::string& secret, std::uintptr_t& begin) {
  char deep[200'000];
  for (std::size_t at = 0; at + secret.size() <= sizeof deep; at += secret.size()) {
    std::memcpy(deep + at, secret.data(), secret.size());
  }
  asm volatile("" : : "r"(deep) : "memory");
  begin = reinterpret_cast<std::uintptr_t>(deep);
}

/// Read as a debugger would: the octets are nobody's any more.
std::string memory_at(std::uintptr_t begin, std::size_t size) {
  std::ifstream memory("/proc/self/mem", std::ios::binary);
  memory.seekg(static_cast<std::streamoff>(begin));
  std::string octets(size, '\0');
  memory.read(octets.data(), static_cast<std::streamsize>(size));
  EXPECT_TRUE(memory) << "this process cannot read its own memory";
  return octets;
}

std::size_t times(const std::string& secret, const std::string& octets) {
  std::size_t found = 0;
  for (auto at = octets.find(secret); at != std::string::npos; at = octets.find(secret, at + 1)) ++found;
  return found;
}

struct Look {
  std::size_t before = 0;
  std::size_t after = 0;
};
Look leave_and_clear() {
  const auto secret = secret_of_this_test();
  std::uintptr_t begin = 0;
  leave_on_the_stack(secret, begin);
  Look look;
  look.before = times(secret, memory_at(begin, 200'000));
  clear_unused_stack();
  look.after = times(secret, memory_at(begin, 200'000));
  return look;
}

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define MAILPOD_OTHER_STACKS 1
#endif
#endif

TEST(UnusedStack, OfAThreadIsCleared) {
#ifdef MAILPOD_OTHER_STACKS
  GTEST_SKIP() << "the sanitizer keeps what is on the stack elsewhere";
#endif
  Look look;
  std::thread([&look] { look = leave_and_clear(); }).join();
  EXPECT_GT(look.before, 8'000U) << "nothing was left, so nothing was examined";
  EXPECT_EQ(look.after, 0U);
}

TEST(UnusedStack, OfTheFirstThreadIsClearedToo) {
#ifdef MAILPOD_OTHER_STACKS
  GTEST_SKIP() << "the sanitizer keeps what is on the stack elsewhere";
#endif
  const auto look = leave_and_clear();
  EXPECT_GT(look.before, 8'000U) << "nothing was left, so nothing was examined";
  EXPECT_EQ(look.after, 0U);
}

TEST(UnusedStack, LeavesWhatIsInUse) {
  std::string kept;
  std::thread([&kept] {
    char mine[100'000];
    std::memset(mine, 'k', sizeof mine);
    asm volatile("" : : "r"(mine) : "memory");
    for (int i = 0; i < 100; ++i) clear_unused_stack();
    kept.assign(mine, sizeof mine);
  }).join();
  EXPECT_EQ(kept, std::string(100'000, 'k'));
}

}  // namespace
}  // namespace mailpod::base
