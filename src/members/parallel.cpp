#include "parallel.hpp"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace mailpod::members {

void for_each_in_parallel(std::size_t count, const std::function<void(std::size_t)>& work) {
  if (count < parallel_from) {
    for (std::size_t i = 0; i < count; ++i) work(i);
    return;
  }
  std::atomic<std::size_t> next{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto take_turns = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        work(i);
      } catch (...) {
        const std::scoped_lock lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (std::size_t i = 0; i < parallel_threads; ++i) threads.emplace_back(take_turns);
  }
  if (failure) std::rethrow_exception(failure);
}

}  // namespace mailpod::members
