#pragma once

#include <csignal>
#include <exception>
#include <functional>
#include <future>
#include <stdexcept>
#include <system_error>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

namespace mailpod::net {

using Body = std::function<boost::asio::awaitable<void>()>;

/// Runs coroutines to their end on one loop in this thread; what one of them throws is thrown here.
inline void run_on(boost::asio::io_context& loop, const Body& body) {
  std::exception_ptr failure;
  bool ended = false;
  boost::asio::co_spawn(loop, body(), [&](std::exception_ptr thrown) {
    failure = thrown;
    ended = true;
  });
  loop.restart();
  while (!ended && loop.run_one() > 0) {
  }
  if (failure) std::rethrow_exception(failure);
  if (!ended) throw std::logic_error("the coroutine waits for something that will never happen");
}

inline void run(const Body& body) {
  boost::asio::io_context loop;
  run_on(loop, body);
}

/// Lets a coroutine run by itself; what it throws is lost.
inline void start(boost::asio::any_io_executor loop, Body body) {
  const auto keep = [](Body kept) -> boost::asio::awaitable<void> { co_await kept(); };
  boost::asio::co_spawn(loop, keep(std::move(body)), [](std::exception_ptr) {});
}

/// The code of the std::system_error that `body` ends with; no error if it ends well.
inline std::error_code failure_of(const Body& body) {
  try {
    run(body);
  } catch (const std::system_error& failure) {
    return failure.code();
  }
  return {};
}

}  // namespace mailpod::net
