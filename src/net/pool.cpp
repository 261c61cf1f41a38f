#include <mailpod/net/pool.hpp>

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <vector>

#include <mailpod/base/stack.hpp>

#include "resumption.hpp"

namespace mailpod::net {
namespace {

using std::chrono::steady_clock;

/// A thread that rests so long clears what its work has left on its stack; one that never rests does it so often.
constexpr std::chrono::seconds rest{1};
constexpr std::chrono::seconds at_least_every{20};

}  // namespace

struct Pool::State {
  /// What each thread does: takes work until the end, and then what is left.
  void work_on();

  std::mutex mutex;
  std::condition_variable something_to_do;
  std::deque<Work> queue;
  bool ending = false;
  bool runs_inline = false;
  std::vector<std::thread> threads;
};

void Pool::State::work_on() {
  const auto called = [this] { return ending || !queue.empty(); };
  auto cleared = steady_clock::now();
  bool clean = true;
  std::unique_lock lock(mutex);
  while (true) {
    if (clean) {
      something_to_do.wait(lock, called);
    } else if (!something_to_do.wait_for(lock, rest, called) || steady_clock::now() - cleared >= at_least_every) {
      lock.unlock();
      base::clear_unused_stack();
      cleared = steady_clock::now();
      clean = true;
      lock.lock();
      continue;
    }
    if (queue.empty()) return;
    const Work work = queue.front();
    queue.pop_front();
    lock.unlock();
    work.perform(work.object);
    clean = false;
    lock.lock();
  }
}

Pool::Pool(unsigned threads) : state_(std::make_unique<State>()) {
  for (unsigned i = 0; i < threads; ++i) state_->threads.emplace_back([state = state_.get()] { state->work_on(); });
}

Pool::Pool(Inline) : state_(std::make_unique<State>()) {
  state_->runs_inline = true;
}

Pool::~Pool() {
  {
    const std::lock_guard lock(state_->mutex);
    state_->ending = true;
  }
  state_->something_to_do.notify_all();
  for (auto& thread : state_->threads) thread.join();
}

void Pool::post(Work work) {
  if (state_->runs_inline) {
    work.perform(work.object);
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->queue.push_back(work);
  }
  state_->something_to_do.notify_one();
}

namespace {

/// Work and the coroutine that waits for it; deletes itself when done.
struct Errand {
  Work work;
  Resumption waiting;

  static void run(void* object) noexcept {
    const std::unique_ptr<Errand> self(static_cast<Errand*>(object));
    self->work.perform(self->work.object);
    self->waiting.resume(true);
  }
};

}  // namespace

awaitable<void> Pool::perform(Work work) {
  auto start = [this, work](Resumption waiting) {
    post({&Errand::run, std::make_unique<Errand>(work, std::move(waiting)).release()});
  };
  co_await suspended(std::move(start));
}

}  // namespace mailpod::net
