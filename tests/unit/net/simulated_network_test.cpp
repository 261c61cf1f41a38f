#include "simulation/network.hpp"

#include <gtest/gtest.h>

#include "on_loop.hpp"

namespace mailpod::simulation {
namespace {

using net::awaitable;
using net::Endpoint;
using namespace std::chrono_literals;

const Endpoint server{"198.51.100.1", 25};

struct World {
  explicit World(std::uint64_t seed = 0) : network(loop, time, seed) {}

  /// A server that greets, and says back whatever it hears.
  void listen() {
    network.listen(server, [](std::unique_ptr<net::Stream> stream) -> awaitable<void> {
      co_await stream->write("hello\r\n");
      std::string room(100, '\0');
      while (true) {
        const std::size_t count = co_await stream->read_some(room);
        if (count == 0) co_return;
        co_await stream->write(std::string_view(room).substr(0, count));
      }
    });
  }

  /// What connecting fails with; none if it stands.
  std::error_code connect(std::chrono::milliseconds limit = 30s) {
    std::optional<std::error_code> outcome;
    net::start(loop.get_executor(), [&]() -> awaitable<void> {
      try {
        stream = co_await dialer->connect(server, limit);
        outcome.emplace();
      } catch (const std::system_error& failure) {
        outcome = failure.code();
      }
    });
    EXPECT_TRUE(time.run_until([&] { return outcome.has_value(); }));
    return outcome.value_or(std::error_code{});
  }

  /// Everything that is read until so many octets or the end.
  std::string read(std::size_t wanted) {
    std::string all;
    bool ended = false;
    net::start(loop.get_executor(), [&]() -> awaitable<void> {
      std::string room(100, '\0');
      while (all.size() < wanted) {
        std::size_t count = 0;
        try {
          count = co_await stream->read_some(room);
        } catch (const std::system_error& failure) {
          read_failure = failure.code();
        }
        if (count == 0) break;
        all.append(room, 0, count);
      }
      ended = true;
    });
    EXPECT_TRUE(time.run_until([&] { return ended; }));
    return all;
  }

  boost::asio::io_context loop;
  Clock clock;
  Time time{loop, clock};
  Network network;
  std::unique_ptr<net::Dialer> dialer = network.dialer("192.0.2.1");
  std::unique_ptr<net::Stream> stream;
  std::error_code read_failure;
};

TEST(SimulatedNetwork, JoinsADialerToAServer) {
  World with;
  with.listen();
  ASSERT_EQ(with.connect(), std::error_code{});
  EXPECT_EQ(with.stream->peer().address, server.address);
  EXPECT_EQ(with.read(7), "hello\r\n");
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> { co_await with.stream->write("echo"); });
  EXPECT_EQ(with.read(4), "echo");
}

TEST(SimulatedNetwork, RefusesWhereNobodyListens) {
  World with;
  EXPECT_EQ(with.connect(), std::errc::connection_refused);
  with.listen();
  EXPECT_EQ(with.connect(), std::error_code{});
  with.network.stop_listening(server);
  EXPECT_EQ(with.connect(), std::errc::connection_refused);
  with.network.make_unreachable(server.address);
  EXPECT_EQ(with.connect(), std::errc::host_unreachable);
  ASSERT_EQ(with.network.attempts().size(), 4U);
  EXPECT_EQ(with.network.attempts()[1].outcome, std::error_code{});
  EXPECT_EQ(with.network.attempts()[3].outcome, std::errc::host_unreachable);
}

TEST(SimulatedNetwork, LeavesACallerOfAMachineThatIsAwayToItsLimit) {
  World with;
  with.listen();
  with.network.take_away(server.address);
  const auto begun = with.clock.monotonic();
  EXPECT_EQ(with.connect(5min), std::errc::timed_out);
  EXPECT_EQ(with.clock.monotonic() - begun, 5min);
  with.network.bring_back(server.address);
  EXPECT_EQ(with.connect(), std::error_code{});
}

TEST(SimulatedNetwork, BreaksTheConnectionsOfAMachineThatGoesAway) {
  World with;
  with.listen();
  ASSERT_EQ(with.connect(), std::error_code{});
  with.read(7);
  with.network.take_away(server.address);
  EXPECT_EQ(with.read(1), "");
  EXPECT_EQ(with.read_failure, std::errc::connection_reset);
}

TEST(SimulatedNetwork, FailsCallsUnderWayAndLaterOnesWhenStopped) {
  World with;
  with.network.take_away(server.address);
  std::error_code code;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> {
    try {
      co_await with.dialer->connect(server, 5min);
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  with.time.run_for(1min);
  EXPECT_EQ(code, std::error_code{});
  with.dialer->stop();
  with.time.run_for(0s);
  EXPECT_EQ(code, net::Errc::shutting_down);
  EXPECT_EQ(with.connect(), net::Errc::shutting_down);
}

TEST(SimulatedNetwork, AStreamsTimeOutLivesOnSimulatedTime) {
  World with;
  with.network.listen(server, [](std::unique_ptr<net::Stream> stream) -> awaitable<void> {
    std::array<char, 1> room;
    co_await stream->read_some(room);
  });
  ASSERT_EQ(with.connect(), std::error_code{});
  with.stream->set_timeout(2min);
  const auto begun = with.clock.monotonic();
  EXPECT_EQ(with.read(1), "");
  EXPECT_EQ(with.read_failure, std::errc::timed_out);
  EXPECT_EQ(with.clock.monotonic() - begun, 2min);
}

TEST(SimulatedNetwork, BeginsTlsWhenBothWantIt) {
  World with;
  bool secure = false;
  std::string asked_for;
  with.network.listen(server, [&](std::unique_ptr<net::Stream> stream) -> awaitable<void> {
    co_await stream->start_tls();
    secure = stream->secure();
    asked_for = stream->tls().server_name;
  });
  ASSERT_EQ(with.connect(), std::error_code{});
  with.time.run_for(1s);
  EXPECT_FALSE(secure);
  EXPECT_FALSE(with.stream->secure());
  net::start(with.loop.get_executor(),
             [&]() -> awaitable<void> { co_await with.stream->start_client_tls("mx.pod.lab"); });
  with.time.run_for(1s);
  EXPECT_TRUE(secure);
  EXPECT_TRUE(with.stream->secure());
  EXPECT_EQ(asked_for, "mx.pod.lab");
}

TEST(SimulatedNetwork, FailsTheHandshakeWithWhoeverSaysSomethingElse) {
  World with;
  with.listen();
  ASSERT_EQ(with.connect(), std::error_code{});
  std::error_code code;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> {
    try {
      co_await with.stream->start_client_tls("mx.pod.lab");
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  with.time.run_for(1s);
  EXPECT_EQ(code, net::Errc::tls_handshake_failed);
  EXPECT_FALSE(with.stream->secure());
}

TEST(SimulatedNetwork, KeepsWhatAServerThrewThatIsNoConnectionsFault) {
  World with;
  with.network.listen(server, [](std::unique_ptr<net::Stream>) -> awaitable<void> {
    throw std::logic_error("a bug");
    co_return;
  });
  ASSERT_EQ(with.connect(), std::error_code{});
  with.time.run_for(0s);
  EXPECT_EQ(with.network.failures(), std::vector<std::string>{"a bug"});
}

/// What a hundred conversations in bad weather came to, and when.
std::vector<std::string> storm(std::uint64_t seed) {
  World with(seed);
  with.listen();
  with.network.weather = {20, 20, 30, 0, 12, 3s, 3};
  std::vector<std::string> seen;
  for (int i = 0; i < 100; ++i) {
    with.read_failure = {};
    const auto code = with.connect(10s);
    std::string said = code ? code.message() : with.read(7);
    if (!code) said += with.read_failure.message();  // what reading came to, so after it
    seen.push_back(std::to_string(with.clock.monotonic().count()) + ' ' + said);
    with.stream.reset();
  }
  EXPECT_EQ(with.network.failures(), std::vector<std::string>{});
  return seen;
}

TEST(SimulatedNetwork, ItsSeedDecidesEverything) {
  const auto once = storm(7);
  EXPECT_EQ(once, storm(7));
  EXPECT_NE(once, storm(8));
  const auto all = [&] {
    std::string joined;
    for (const auto& each : once) joined += each + '\n';
    return joined;
  }();
  EXPECT_NE(all.find("hello\r\nSuccess"), std::string::npos);
  EXPECT_NE(all.find("hello\r\nSuccess"), all.rfind("hello\r\nSuccess"));
  EXPECT_NE(all.find("Connection refused"), std::string::npos);
  EXPECT_NE(all.find("Connection timed out"), std::string::npos);
  EXPECT_NE(all.find("Connection reset"), std::string::npos);
}

}  // namespace
}  // namespace mailpod::simulation
