// Replaces free and realloc for this whole test binary, which is how the executable gets them.
#include "zeroing_free.cpp"

#include <algorithm>
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>

namespace {

#ifdef MAILPOD_SANITIZED

TEST(ZeroingFree, IsLeftOutUnderSanitizers) {
  GTEST_SKIP() << "the sanitizer owns free";
}

#else

/// malloc gives the block freed last to the next request of its size: what of the secret is still in it.
std::size_t secret_octets_left_at(const char* before, std::size_t size) {
  auto* volatile again = static_cast<char*>(std::malloc(size));
  EXPECT_EQ(before, again) << "malloc did not reuse the block, so nothing was examined";
  const auto left = static_cast<std::size_t>(std::count(again, again + size, 'S'));
  std::free(again);
  return left;
}

TEST(ZeroingFree, LeavesNothingOfABlockThatWasDeleted) {
  for (const std::size_t size : {100U, 1000U}) {
    auto* block = new char[size];
    std::fill_n(block, size, 'S');
    auto* volatile before = block;
    delete[] block;
    EXPECT_EQ(secret_octets_left_at(before, size), 0U);
  }
}

TEST(ZeroingFree, LeavesNothingOfABlockThatCFreed) {
  for (const std::size_t size : {100U, 1000U}) {
    auto* volatile block = static_cast<char*>(std::malloc(size));
    std::fill_n(block, size, 'S');
    auto* volatile before = block;
    std::free(block);
    EXPECT_EQ(secret_octets_left_at(before, size), 0U);
  }
}

TEST(ZeroingFree, LeavesNothingWhereABlockGrew) {
  constexpr std::size_t size = 100;
  auto* volatile block = static_cast<char*>(std::malloc(size));
  std::fill_n(block, size, 'S');
  auto* volatile before = block;
  auto* volatile grown = static_cast<char*>(std::realloc(block, 5'000));
  ASSERT_NE(grown, nullptr);
  EXPECT_EQ(std::string(grown, size), std::string(size, 'S'));
  EXPECT_EQ(secret_octets_left_at(before, size), 0U);
  std::free(grown);
}

TEST(ZeroingFree, LeavesNothingBehindABlockThatShrank) {
  constexpr std::size_t size = 4'000;
  for (const std::size_t smaller : {3'000U, 100U}) {
    auto* volatile block = static_cast<char*>(std::malloc(size));
    std::fill_n(block, size, 'S');
    auto* volatile shrunk = static_cast<char*>(std::realloc(block, smaller));
    ASSERT_NE(shrunk, nullptr);
    EXPECT_EQ(std::string(shrunk, smaller), std::string(smaller, 'S'));
    const std::size_t usable = malloc_usable_size(shrunk);
    EXPECT_EQ(std::count(shrunk + smaller, shrunk + usable, 'S'), 0);
    std::free(shrunk);
  }
}

TEST(ZeroingFree, KeepsTheRestOfWhatReallocPromises) {
  auto* block = std::realloc(nullptr, 10);
  ASSERT_NE(block, nullptr);
  block = std::realloc(block, 0);
  EXPECT_EQ(block, nullptr);
  errno = 0;
  EXPECT_EQ(reallocarray(nullptr, SIZE_MAX, 2), nullptr);
  EXPECT_EQ(errno, ENOMEM);
  std::free(nullptr);
}

#endif

}  // namespace
