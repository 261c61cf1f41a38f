#include <mailpod/net/bell.hpp>
#include <mailpod/net/dismissal.hpp>

#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>

#include <mailpod/net/listener.hpp>

#include "blocking_client.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

struct Conversation : testing::Test {
  boost::asio::io_context loop;
  CurrentTls tls;
  SocketPair sockets;
  BlockingClient client{sockets.theirs};
  std::unique_ptr<Stream> stream = make_stream(loop.get_executor(), sockets.ours, tls);
  std::optional<Dismissal> dismissal;

  std::error_code failure_of(const Body& body) {
    try {
      run_on(loop, body);
    } catch (const std::system_error& failure) {
      return failure.code();
    }
    return {};
  }
};

TEST_F(Conversation, ThatWaitsForItsPeerIsDismissedAtOnceAndMaySayWhy) {
  dismissal.emplace(*stream, std::chrono::hours(1));
  boost::asio::post(loop, [&] { dismissal->begin(); });
  const Body read = [&]() -> awaitable<void> {
    char octet = 0;
    co_await stream->read_some(std::span(&octet, 1));
  };
  EXPECT_EQ(failure_of(read), Errc::shutting_down);
  EXPECT_TRUE(dismissal->begun());
  run_on(loop, [&]() -> awaitable<void> { co_await stream->write("goodbye"); });
  EXPECT_EQ(client.receive(7), "goodbye");
}

TEST_F(Conversation, WithAPeerThatReadsNothingIsCutOffAfterTheGrace) {
  dismissal.emplace(*stream, milliseconds(20));
  boost::asio::post(loop, [&] { dismissal->begin(); });
  const std::string much(8'000'000, 'm');
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(failure_of([&]() -> awaitable<void> { co_await stream->write(much); }), std::errc::operation_canceled);
  EXPECT_GE(std::chrono::steady_clock::now() - began, milliseconds(20));
}

TEST_F(Conversation, ThatIsOverIsNotCutOffAnyMore) {
  dismissal.emplace(*stream, milliseconds(1));
  dismissal->begin();
  dismissal.reset();
  loop.run_for(milliseconds(20));
  run_on(loop, [&]() -> awaitable<void> { co_await stream->write("still here"); });
  EXPECT_EQ(client.receive(10), "still here");
}

TEST(Bell, BringsACallFromAnotherThreadToItsLoop) {
  boost::asio::io_context loop;
  std::optional<std::thread::id> rung_on;
  const Bell bell(loop.get_executor(), [&] { rung_on = std::this_thread::get_id(); });
  std::thread([rope = bell.rope()] { rope(); }).join();
  EXPECT_FALSE(rung_on);
  loop.run();
  EXPECT_EQ(rung_on, std::this_thread::get_id());
}

TEST(Bell, RingsOnceForManyCallsAtOnceAndAgainLater) {
  boost::asio::io_context loop;
  int rung = 0;
  const Bell bell(loop.get_executor(), [&] { ++rung; });
  const auto rope = bell.rope();
  for (int i = 0; i < 5; ++i) rope();
  loop.run();
  EXPECT_EQ(rung, 1);
  rope();
  loop.restart();
  loop.run();
  EXPECT_EQ(rung, 2);
}

TEST(Bell, IsSilentOnceItIsGone) {
  boost::asio::io_context loop;
  int rung = 0;
  std::optional<Bell> bell;
  bell.emplace(loop.get_executor(), [&] { ++rung; });
  const auto rope = bell->rope();
  rope();
  bell.reset();
  rope();
  loop.run();
  EXPECT_EQ(rung, 0);
}

}  // namespace
}  // namespace mailpod::net
