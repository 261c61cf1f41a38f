#pragma once

#include <memory>
#include <utility>

#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace mailpod::net {

/// A suspended coroutine that any thread may continue, once, on the coroutine's own loop, with a bool. Until then the
/// loop does not run out of work.
class Resumption {
public:
  template <class Handler>
  explicit Resumption(Handler handler) : suspended_(std::make_unique<Suspended<Handler>>(std::move(handler))) {}
  void resume(bool value) { std::exchange(suspended_, nullptr)->resume(value); }

private:
  struct Base {
    virtual ~Base() = default;
    virtual void resume(bool value) = 0;
  };
  template <class Handler>
  struct Suspended final : Base {
    explicit Suspended(Handler h) : handler(std::move(h)), guard(boost::asio::get_associated_executor(handler)) {}
    /// Everything goes to the loop, the guard too: once posted, the loop may end and be gone before we return.
    void resume(bool value) override {
      const auto executor = boost::asio::get_associated_executor(handler);
      auto continue_it = [held = std::move(handler), kept = std::move(guard), value]() mutable {
        kept.reset();
        std::move(held)(value);
      };
      boost::asio::post(executor, std::move(continue_it));
    }
    Handler handler;
    boost::asio::executor_work_guard<boost::asio::associated_executor_t<Handler>> guard;
  };
  std::unique_ptr<Base> suspended_;
};

/// Suspends the calling coroutine and gives `start` its Resumption. `start` runs at once, in this thread.
template <class Start>
boost::asio::awaitable<bool> suspended(Start start) {
  auto initiate = [&start](auto handler) { start(Resumption(std::move(handler))); };
  co_return co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>&, void(bool)>(
      std::move(initiate), boost::asio::use_awaitable);
}

}  // namespace mailpod::net
