#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>
#include <variant>

#include <boost/asio/awaitable.hpp>

#include <mailpod/base/result.hpp>
#include <mailpod/net/error.hpp>

namespace mailpod::net {

using boost::asio::awaitable;

/// Work as a pool sees it: a function of one pointer, both outlive the run because the awaiting coroutine is suspended.
struct Work {
  void (*perform)(void*) noexcept;
  void* object;
};

/// Threads for blocking work: file reads, deliveries, password hashing behind its Gate.
///
/// The coroutine that awaits run() continues on its own loop. Work is never cancelled or abandoned: never race it
/// against a timer. Destruction waits for all queued work; declare a pool after everything its work refers to, and
/// after the Loops.
class Pool {
public:
  /// Work runs in the awaiting loop's own thread, before run() suspends: one thread and one seed decide everything.
  struct Inline {};

  explicit Pool(unsigned threads = 32);
  explicit Pool(Inline mode);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  /// What `work()` returns; what it throws is thrown here. Give it a lambda that captures references: the coroutine
  /// waits, so its variables stay.
  template <class F>
  awaitable<std::invoke_result_t<F&>> run(F work);

  /// Hands work over from any thread; nobody waits for it. With Inline it runs before post returns.
  void post(Work work);

private:
  friend class Turnstile;
  awaitable<void> perform(Work work);
  struct State;
  std::unique_ptr<State> state_;
};

/// Lets at most `places` pieces of work run on a pool at once, the others in the order they came.
/// Outlives whoever awaits it; what is queued holds its state.
class Turnstile {
public:
  Turnstile(Pool& pool, std::size_t places, std::size_t max_waiting);
  ~Turnstile();
  /// False if `max_waiting` others wait already.
  awaitable<bool> perform(Work work);

private:
  struct State;
  std::shared_ptr<State> state_;
};

/// Ordered, serial work: one at a time, in the order of the calls, from any loops. One lane per open vault.
class Lane {
public:
  explicit Lane(Pool& pool);
  template <class F>
  awaitable<std::invoke_result_t<F&>> run(F work);

private:
  Turnstile turnstile_;
};

/// Bounded concurrency for work that is costly by intent (Argon2): so many at once, so many waiting, and then "busy".
class Gate {
public:
  Gate(Pool& pool, std::size_t at_once, std::size_t max_waiting);
  /// Errc::busy if too many wait.
  template <class F>
  awaitable<Result<std::invoke_result_t<F&>>> run(F work);

private:
  Turnstile turnstile_;
};

// ------------------------------------------------------------------------------------------------------------------

/// A call and what became of it, in the frame of the coroutine that awaits it.
template <class F>
class Call {
public:
  using Value = std::invoke_result_t<F&>;
  explicit Call(F& work) : work_(work) {}
  Work work() { return {&Call::perform, this}; }
  Value result() {
    if (failure_) std::rethrow_exception(failure_);
    if constexpr (!std::is_void_v<Value>) return std::move(*value_);
  }

private:
  static void perform(void* object) noexcept {
    auto& self = *static_cast<Call*>(object);
    try {
      if constexpr (std::is_void_v<Value>) {
        self.work_();
      } else {
        self.value_.emplace(self.work_());
      }
    } catch (...) {
      self.failure_ = std::current_exception();
    }
  }
  F& work_;
  std::optional<std::conditional_t<std::is_void_v<Value>, std::monostate, Value>> value_;
  std::exception_ptr failure_;
};

// A closure that owns something would be destroyed twice by g++ 12 when it is a temporary of a co_await expression.
#define MAILPOD_CAPTURES_REFERENCES(F)                                           \
  static_assert(std::is_trivially_copyable_v<F>,                                 \
                "capture by reference: the awaiting coroutine keeps everything " \
                "alive")

template <class F>
awaitable<std::invoke_result_t<F&>> Pool::run(F work) {
  MAILPOD_CAPTURES_REFERENCES(F);
  Call<F> call(work);
  co_await perform(call.work());
  co_return call.result();
}

template <class F>
awaitable<std::invoke_result_t<F&>> Lane::run(F work) {
  MAILPOD_CAPTURES_REFERENCES(F);
  Call<F> call(work);
  co_await turnstile_.perform(call.work());
  co_return call.result();
}

template <class F>
awaitable<Result<std::invoke_result_t<F&>>> Gate::run(F work) {
  MAILPOD_CAPTURES_REFERENCES(F);
  Call<F> call(work);
  const bool admitted = co_await turnstile_.perform(call.work());
  if (!admitted) co_return boost::system::error_code(make_error_code(Errc::busy));
  if constexpr (std::is_void_v<std::invoke_result_t<F&>>) {
    call.result();
    co_return Status{};
  } else {
    co_return call.result();
  }
}

#undef MAILPOD_CAPTURES_REFERENCES

}  // namespace mailpod::net
