#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include <mailpod/transfer/folder.hpp>

namespace mailpod::transfer {
namespace {

constexpr std::size_t waiting_at_once = 16;

}  // namespace

void sync_all(const std::vector<Folder::Output*>& files) {
  std::atomic<std::size_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  const auto run = [&] {
    for (std::size_t one = next++; one < files.size(); one = next++) {
      try {
        files[one]->sync();
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
      }
    }
  };
  std::vector<std::thread> threads;
  for (std::size_t i = 1; i < std::min(files.size(), waiting_at_once); ++i) threads.emplace_back(run);
  run();
  for (auto& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

}  // namespace mailpod::transfer
