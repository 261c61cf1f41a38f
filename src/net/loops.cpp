#include <mailpod/net/loops.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <mailpod/base/stack.hpp>

namespace mailpod::net {

namespace {

// What a coroutine may take to unwind once its stream is aborted.
constexpr auto unwinding_limit = std::chrono::seconds(2);

// How long what a conversation left on a loop's stack stays there.
constexpr auto clear_stack_every = std::chrono::seconds(15);

void clear_stack_now_and_then(boost::asio::steady_timer& timer) {
  timer.expires_after(clear_stack_every);
  timer.async_wait([&timer](const boost::system::error_code& error) {
    if (error) return;
    base::clear_unused_stack();
    clear_stack_now_and_then(timer);
  });
}

}  // namespace

struct Loops::State {
  explicit State(base::Log& to) : log(to) {}

  void began() {
    const std::lock_guard lock(mutex);
    ++running;
  }
  void ended() {
    {
      const std::lock_guard lock(mutex);
      --running;
    }
    one_ended.notify_all();
  }
  std::size_t wait_until_none(std::chrono::milliseconds limit) {
    std::unique_lock lock(mutex);
    one_ended.wait_for(lock, limit, [this] { return running == 0; });
    return running;
  }

  base::Log& log;
  std::mutex mutex;
  std::condition_variable one_ended;
  std::size_t running = 0;
  bool stopped = false;
  std::vector<Stoppable> stoppables;
  std::vector<std::thread> threads;
  std::atomic<std::size_t> turn{0};
  std::vector<boost::asio::executor_work_guard<boost::asio::io_context::executor_type>> guards;
  // Last, so destroyed first: the frames of abandoned coroutines still report to what is above.
  std::vector<std::unique_ptr<boost::asio::io_context>> contexts;
};

namespace {

/// One spawned coroutine. It names what it needs by pointer: its frame lives inside a context, which State owns.
template <class State>
awaitable<void> run(State* state, std::string name, std::function<awaitable<void>()> conversation) {
  struct Counted {
    explicit Counted(State* s) : state(s) {}
    ~Counted() { state->ended(); }
    State* state;
  };
  const Counted counted(state);
  try {
    co_await conversation();
  } catch (const std::exception& failure) {
    state->log.warning("{} ended error=\"{}\"", name, base::printable(failure.what(), 200));
  }
}

}  // namespace

Loops::Loops(base::Log& log, unsigned count) : state_(std::make_shared<State>(log)) {
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i) {
    state_->contexts.push_back(std::make_unique<boost::asio::io_context>(1));
    state_->guards.push_back(boost::asio::make_work_guard(*state_->contexts.back()));
  }
}

Loops::~Loops() {
  stop(std::chrono::milliseconds(0));
}

std::size_t Loops::count() const {
  return state_->contexts.size();
}

boost::asio::any_io_executor Loops::executor(std::size_t index) const {
  return state_->contexts.at(index)->get_executor();
}

boost::asio::any_io_executor Loops::next() {
  return executor(state_->turn++ % count());
}

void Loops::spawn(const boost::asio::any_io_executor& where, std::string name,
                  std::function<awaitable<void>()> conversation) {
  state_->began();
  boost::asio::co_spawn(where, run(state_.get(), std::move(name), std::move(conversation)), boost::asio::detached);
}

void Loops::start() {
  for (auto& context : state_->contexts) {
    state_->threads.emplace_back([context = context.get()] {
      boost::asio::steady_timer timer(*context);
      clear_stack_now_and_then(timer);
      context->run();
    });
  }
}

std::size_t Loops::silent(std::chrono::milliseconds limit) {
  struct RollCall {
    std::mutex mutex;
    std::condition_variable answered;
    std::size_t missing = 0;
  };
  // Who answers late finds it still there.
  const auto call = std::make_shared<RollCall>();
  call->missing = count();
  for (auto& context : state_->contexts) {
    boost::asio::post(*context, [call] {
      const std::lock_guard lock(call->mutex);
      --call->missing;
      call->answered.notify_one();
    });
  }
  std::unique_lock lock(call->mutex);
  call->answered.wait_for(lock, limit, [&] { return call->missing == 0; });
  return call->missing;
}

void Loops::on_stop(Stoppable stoppable) {
  const std::lock_guard lock(state_->mutex);
  state_->stoppables.push_back(std::move(stoppable));
}

std::size_t Loops::stop(std::chrono::milliseconds grace) {
  std::vector<Stoppable> stoppables;
  {
    const std::lock_guard lock(state_->mutex);
    if (state_->stopped) return 0;
    state_->stopped = true;
    stoppables = state_->stoppables;
  }
  std::size_t left = 0;
  if (!state_->threads.empty()) {
    for (const auto& each : stoppables) each.ask();
    left = state_->wait_until_none(grace);
    if (left > 0) {
      for (const auto& each : stoppables) each.force();
      left = state_->wait_until_none(unwinding_limit);
    }
  }
  for (auto& context : state_->contexts) context->stop();
  for (auto& thread : state_->threads) thread.join();
  state_->threads.clear();
  state_->guards.clear();
  if (left > 0) state_->log.warning("stop abandoned={}", left);
  return left;
}

}  // namespace mailpod::net
