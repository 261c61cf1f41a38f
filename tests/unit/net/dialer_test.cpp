#include <mailpod/net/dialer.hpp>

#include <netinet/in.h>

#include <gtest/gtest.h>
#include <boost/asio/steady_timer.hpp>

#include "blocking_client.hpp"
#include "loopback.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

struct Dialing {
  /// What it fails with; none if the connection stands.
  std::error_code connect(const Endpoint& to, milliseconds limit = std::chrono::seconds(30)) {
    try {
      run_on(loop, [&]() -> awaitable<void> { stream = co_await dialer->connect(to, limit); });
    } catch (const std::system_error& failure) {
      what = failure.what();
      return failure.code();
    }
    return {};
  }
  /// Begins to connect; `code` is set when that fails.
  void begin(const Endpoint& to, std::error_code& code) {
    start(loop.get_executor(), [this, to, &code]() -> awaitable<void> {
      try {
        co_await dialer->connect(to, std::chrono::hours(1));
      } catch (const std::system_error& failure) {
        code = failure.code();
      }
    });
    loop.restart();
    loop.poll();
  }

  boost::asio::io_context loop;
  std::unique_ptr<Dialer> dialer = make_dialer(loop.get_executor());
  std::unique_ptr<Stream> stream;
  std::string what;
};

void expect_a_connection(const std::string& address) {
  const LoopbackPort port(address);
  Dialing with;
  ASSERT_EQ(with.connect(port.endpoint()), std::error_code{});
  EXPECT_EQ(with.stream->peer().address, address);
  EXPECT_EQ(with.stream->peer().port, port.endpoint().port);
  EXPECT_FALSE(with.stream->secure());
  BlockingClient accepted(port.accept());
  accepted.send("220 hello");
  std::string room(100, '\0');
  std::size_t count = 0;
  run_on(with.loop, [&]() -> awaitable<void> {
    count = co_await with.stream->read_some(room);
    co_await with.stream->write("EHLO");
  });
  EXPECT_EQ(room.substr(0, count), "220 hello");
  EXPECT_EQ(accepted.receive(4), "EHLO");
}

TEST(Dialer, OpensConnections) {
  expect_a_connection("127.0.0.1");
}

TEST(Dialer, OpensConnectionsOverIpv6) {
  expect_a_connection("::1");
}

TEST(Dialer, SaysWhenNobodyListens) {
  // Bound, so that nobody else gets the port; not listening.
  const int bound = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const SocketAddress any = socket_address({"127.0.0.1", 0});
  ASSERT_EQ(::bind(bound, any.get(), any.size), 0);
  Dialing with;
  EXPECT_EQ(with.connect({"127.0.0.1", local_port_of(bound)}), std::errc::connection_refused);
  EXPECT_NE(with.what.find("127.0.0.1:" + std::to_string(local_port_of(bound))), std::string::npos);
  ::close(bound);
}

TEST(Dialer, GivesUpAtTheLimit) {
  const BusyPort port;
  Dialing with;
  const auto begun = std::chrono::steady_clock::now();
  EXPECT_EQ(with.connect(port.endpoint(), milliseconds(50)), std::errc::timed_out);
  EXPECT_GE(std::chrono::steady_clock::now() - begun, milliseconds(50));
}

TEST(Dialer, TakesNumericAddressesOnly) {
  Dialing with;
  EXPECT_EQ(with.connect({"localhost", 25}), std::errc::invalid_argument);
  EXPECT_EQ(with.connect({"", 25}), std::errc::invalid_argument);
}

TEST(Dialer, FailsConnectsUnderWayAndLaterOnesWhenStopped) {
  const BusyPort busy;
  Dialing with;
  std::error_code one;
  std::error_code other;
  with.begin(busy.endpoint(), one);
  with.begin(busy.endpoint(), other);
  EXPECT_EQ(one, std::error_code{});
  with.dialer->stop();
  while (!one || !other) with.loop.run_one();
  EXPECT_EQ(one, Errc::shutting_down);
  EXPECT_EQ(other, Errc::shutting_down);
  const LoopbackPort port;
  EXPECT_EQ(with.connect(port.endpoint()), Errc::shutting_down);
  EXPECT_EQ(port.accept(), -1);
}

TEST(Dialer, LeavesItsStreamsAloneWhenStoppedOrGone) {
  const LoopbackPort port;
  Dialing with;
  ASSERT_EQ(with.connect(port.endpoint()), std::error_code{});
  const BlockingClient accepted(port.accept());
  with.dialer->stop();
  with.dialer.reset();
  run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->write("still here"); });
}

TEST(Dialer, MayGoWhileItConnects) {
  const BusyPort busy;
  Dialing with;
  std::error_code code;
  with.begin(busy.endpoint(), code);
  with.dialer.reset();
  while (!code) with.loop.run_one();
  EXPECT_EQ(code, Errc::shutting_down);
}

TEST(Dialer, MayOutliveTheLoopsLastRun) {
  const BusyPort busy;
  auto loop = std::make_unique<boost::asio::io_context>();
  const std::shared_ptr<Dialer> dialer = make_dialer(loop->get_executor());
  start(loop->get_executor(), [&]() -> awaitable<void> { co_await dialer->connect(busy.endpoint(), milliseconds(1)); });
  loop->poll();
  loop.reset();
  dialer->stop();
}

}  // namespace
}  // namespace mailpod::net
