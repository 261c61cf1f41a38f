#include <mailpod/net/alarm.hpp>

#include <gtest/gtest.h>

#include <boost/asio/post.hpp>

#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

TEST(Alarm, RingsAfterItsTime) {
  boost::asio::io_context loop;
  const auto alarm = make_alarm(loop.get_executor());
  run_on(loop, [&]() -> awaitable<void> {
    const auto begin = std::chrono::steady_clock::now();
    const auto end = co_await alarm->wait(milliseconds(20));
    EXPECT_EQ(end, Alarm::End::elapsed);
    EXPECT_GE(std::chrono::steady_clock::now() - begin, milliseconds(20));
  });
}

TEST(Alarm, CanBeCancelledWhileItWaitsAndBefore) {
  boost::asio::io_context loop;
  const auto alarm = make_alarm(loop.get_executor());
  boost::asio::post(loop, [&] { alarm->cancel(); });
  run_on(loop, [&]() -> awaitable<void> {
    const auto end = co_await alarm->wait(std::chrono::hours(1));
    EXPECT_EQ(end, Alarm::End::cancelled);
  });
  alarm->cancel();
  run_on(loop, [&]() -> awaitable<void> {
    auto end = co_await alarm->wait(std::chrono::hours(1));
    EXPECT_EQ(end, Alarm::End::cancelled);
    end = co_await alarm->wait(milliseconds(1));
    EXPECT_EQ(end, Alarm::End::elapsed);
  });
}

}  // namespace
}  // namespace mailpod::net
