// Replaces operator delete for this whole test binary, which is how the executable gets it.
#include "zeroing_delete.cpp"

#include <algorithm>

#include <gtest/gtest.h>

namespace {

#ifdef MAILPOD_SANITIZED

TEST(ZeroingDelete, IsLeftOutUnderSanitizers) {
  GTEST_SKIP() << "the sanitizer owns operator delete";
}

#else

/// malloc gives the block freed last to the next request of its size.
std::size_t secret_octets_left_after_delete(std::size_t size) {
  auto* block = new char[size];
  std::fill_n(block, size, 'S');
  auto* volatile before = block;
  delete[] block;
  auto* volatile again = static_cast<char*>(std::malloc(size));
  EXPECT_EQ(before, again) << "malloc did not reuse the block, so nothing was examined";
  std::size_t left = 0;
  for (std::size_t i = 0; i < size; ++i) left += again[i] == 'S' ? 1 : 0;
  std::free(again);
  return left;
}

TEST(ZeroingDelete, LeavesNothingOfAFreedBlock) {
  EXPECT_EQ(secret_octets_left_after_delete(100), 0u);
  EXPECT_EQ(secret_octets_left_after_delete(1000), 0u);
}

#endif

}  // namespace
