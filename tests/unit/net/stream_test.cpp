#include <mailpod/net/stream.hpp>

#include <sys/socket.h>

#include <future>
#include <thread>

#include <gtest/gtest.h>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <mailpod/net/listener.hpp>

#include "blocking_client.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

/// A stream on one end of a socketpair, the test itself on the other.
class Connection {
public:
  boost::asio::io_context loop;
  CurrentTls tls;
  SocketPair sockets;
  BlockingClient client{sockets.theirs};
  std::unique_ptr<Stream> stream = make_stream(loop.get_executor(), sockets.ours, tls);

  std::error_code failure_of(const Body& body) {
    try {
      run_on(loop, body);
    } catch (const std::system_error& failure) {
      return failure.code();
    }
    return {};
  }
  std::string read() {
    std::string out(100, '\0');
    run_on(loop, [&]() -> awaitable<void> {
      const std::size_t count = co_await stream->read_some(out);
      out.resize(count);
    });
    return out;
  }
  Wake wait(milliseconds limit) {
    Wake wake{};
    run_on(loop, [&]() -> awaitable<void> { wake = co_await stream->wait_input(limit); });
    return wake;
  }
};

TEST(Stream, CarriesOctetsBothWays) {
  Connection with;
  with.client.send("hello");
  EXPECT_EQ(with.read(), "hello");
  run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->write("answer"); });
  EXPECT_EQ(with.client.receive(6), "answer");
}

TEST(Stream, WaitsForWhatHasNotArrivedYet) {
  Connection with;
  boost::asio::post(with.loop, [&] { with.client.send("later"); });
  EXPECT_EQ(with.read(), "later");
}

TEST(Stream, ReadsNothingOnceThePeerHasClosed) {
  Connection with;
  with.client.close();
  EXPECT_EQ(with.read(), "");
}

TEST(Stream, WritesMoreThanTheSocketHolds) {
  Connection with;
  const std::string much(3'000'000, 'm');
  auto received = std::async(std::launch::async, [&] { return with.client.receive(much.size()); });
  run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->write(much); });
  EXPECT_EQ(received.get(), much);
}

TEST(Stream, TimesOutAReadThatBringsNothing) {
  Connection with;
  with.stream->set_timeout(milliseconds(20));
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> {
    std::array<char, 10> room;
    co_await with.stream->read_some(room);
  }),
            std::errc::timed_out);
}

TEST(Stream, TimesOutAWriteThatNobodyReads) {
  Connection with;
  with.stream->set_timeout(milliseconds(20));
  const std::string much(10'000'000, 'm');
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> { co_await with.stream->write(much); }), std::errc::timed_out);
}

TEST(Stream, GivesEachReadItsOwnDeadline) {
  Connection with;
  with.stream->set_timeout(milliseconds(1'500));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(with.wait(milliseconds(500)), Wake::timeout);
    boost::asio::post(with.loop, [&] { with.client.send("x"); });
    EXPECT_EQ(with.read(), "x");
  }
}

TEST(Stream, KeepsADeadlineSetAfterALongerOne) {
  Connection with;
  with.stream->set_timeout(std::chrono::hours(1));
  boost::asio::post(with.loop, [&] { with.client.send("x"); });
  EXPECT_EQ(with.read(), "x");
  EXPECT_EQ(with.wait(milliseconds(10)), Wake::timeout);
  with.stream->set_timeout(milliseconds(20));
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> {
    std::array<char, 10> room;
    co_await with.stream->read_some(room);
  }),
            std::errc::timed_out);
}

TEST(Stream, ReadsAndWritesAtTheSameTimeUnderTheirOwnDeadlines) {
  Connection with;
  const std::string much(3'000'000, 'm');
  bool written = false;
  auto received = std::async(std::launch::async, [&] {
    std::string all = with.client.receive(much.size());
    with.client.send("done");
    return all;
  });
  run_on(with.loop, [&]() -> awaitable<void> {
    start(with.loop.get_executor(), [&]() -> awaitable<void> {
      co_await with.stream->write(much);
      written = true;
    });
    std::array<char, 10> room;
    const std::size_t count = co_await with.stream->read_some(room);
    EXPECT_EQ(std::string_view(room.data(), count), "done");
  });
  EXPECT_TRUE(written);
  EXPECT_EQ(received.get(), much);
}

TEST(Stream, TellsInputFromARingFromATimeout) {
  Connection with;
  EXPECT_EQ(with.wait(milliseconds(10)), Wake::timeout);
  EXPECT_EQ(with.wait(milliseconds(0)), Wake::timeout);
  boost::asio::post(with.loop, [&] { with.stream->ring(); });
  EXPECT_EQ(with.wait(std::chrono::hours(1)), Wake::rung);
  boost::asio::post(with.loop, [&] { with.client.send("DONE"); });
  EXPECT_EQ(with.wait(std::chrono::hours(1)), Wake::input);
  EXPECT_EQ(with.read(), "DONE");
  with.client.close();
  EXPECT_EQ(with.wait(std::chrono::hours(1)), Wake::input);
}

TEST(Stream, RemembersARingUntilAWaitReturnedIt) {
  Connection with;
  with.stream->ring();
  with.stream->ring();
  with.client.send("x");
  EXPECT_EQ(with.read(), "x");
  EXPECT_EQ(with.wait(milliseconds(10)), Wake::rung);
  EXPECT_EQ(with.wait(milliseconds(10)), Wake::timeout);
}

TEST(Stream, DoesNotDisturbAReadByARing) {
  Connection with;
  boost::asio::post(with.loop, [&] { with.stream->ring(); });
  boost::asio::post(with.loop, [&] { with.client.send("x"); });
  EXPECT_EQ(with.read(), "x");
}

TEST(Stream, FailsWhatIsUnderWayWhenItIsAborted) {
  Connection with;
  boost::asio::post(with.loop, [&] { with.stream->abort(); });
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> {
    std::array<char, 10> room;
    co_await with.stream->read_some(room);
  }),
            std::errc::operation_canceled);
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> { co_await with.stream->write("x"); }),
            std::errc::operation_canceled);
  EXPECT_EQ(with.client.receive_all(), "");
}

TEST(Stream, EndsInputButStillSaysGoodbye) {
  Connection with;
  boost::asio::post(with.loop, [&] { with.stream->end_input(); });
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> {
    std::array<char, 10> room;
    co_await with.stream->read_some(room);
  }),
            Errc::shutting_down);
  EXPECT_EQ(with.failure_of([&]() -> awaitable<void> { co_await with.stream->wait_input(milliseconds(10)); }),
            Errc::shutting_down);
  auto received = std::async(std::launch::async, [&] {
    std::string all = with.client.receive_all();
    with.client.close();
    return all;
  });
  run_on(with.loop, [&]() -> awaitable<void> {
    co_await with.stream->write("421 4.3.2 bye\r\n");
    co_await with.stream->close();
  });
  EXPECT_EQ(received.get(), "421 4.3.2 bye\r\n");
}

TEST(Stream, ClosesAlthoughThePeerNeverDoes) {
  Connection with;
  run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->close(); });
  EXPECT_EQ(with.client.receive_all(), "");
}

/// How often another coroutine of the loop had its turn while `busy` ran.
std::size_t turns_beside(boost::asio::io_context& loop, const Body& busy) {
  bool over = false;
  std::size_t turns = 0;
  start(loop.get_executor(), [&]() -> awaitable<void> {
    while (!over) {
      ++turns;
      co_await boost::asio::post(boost::asio::use_awaitable);
    }
  });
  run_on(loop, busy);
  over = true;
  loop.restart();
  loop.run();
  return turns;
}

TEST(Stream, LeavesOthersTheirTurnWhileAPeerFloodsIt) {
  Connection with;
  constexpr std::size_t flood = 50'000;  // octets
  with.client.send(std::string(flood, 'x'));
  const auto turns = turns_beside(with.loop, [&]() -> awaitable<void> {
    for (std::size_t i = 0; i < flood; ++i) {
      co_await with.stream->wait_input(std::chrono::hours(1));
      char octet = 0;
      co_await with.stream->read_some(std::span(&octet, 1));
    }
  });
  EXPECT_GT(turns, flood / 50);
}

TEST(Stream, LeavesOthersTheirTurnWhileAPeerTakesAllThatIsWritten) {
  Connection with;
  constexpr std::size_t writes = 200;
  const auto turns = turns_beside(with.loop, [&]() -> awaitable<void> {
    for (std::size_t i = 0; i < writes; ++i) co_await with.stream->write("* OK\r\n");
  });
  EXPECT_GT(turns, writes / 50);
}

TEST(Stream, LeavesNothingOnTheLoopOnceItIsGone) {
  Connection with;
  EXPECT_EQ(with.wait(milliseconds(1)), Wake::timeout);
  boost::asio::post(with.loop, [&] { with.client.send("x"); });
  EXPECT_EQ(with.read(), "x");  // leaves a timer armed for minutes
  with.stream.reset();
  with.loop.restart();
  const auto begin = std::chrono::steady_clock::now();
  with.loop.run();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
}

}  // namespace
}  // namespace mailpod::net
