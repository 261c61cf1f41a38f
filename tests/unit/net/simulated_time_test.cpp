#include "simulation/time.hpp"

#include <gtest/gtest.h>

#include "on_loop.hpp"

namespace mailpod::simulation {
namespace {

using net::awaitable;
using namespace std::chrono_literals;
using End = net::Alarm::End;

struct World {
  boost::asio::io_context loop;
  Clock clock;
  Time time{loop, clock};
};

TEST(SimulatedTime, LeapsToTheNextAlarm) {
  World with;
  const auto begun = with.clock.now();
  const auto alarm = with.time.alarm();
  std::optional<End> end;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> { end = co_await alarm->wait(5min); });
  EXPECT_FALSE(with.time.run_until([&] { return end.has_value(); }, 4min));
  EXPECT_EQ(with.clock.now() - begun, 4min);
  EXPECT_TRUE(with.time.run_until([&] { return end.has_value(); }));
  EXPECT_EQ(with.clock.now() - begun, 5min);
  EXPECT_EQ(end, End::elapsed);
}

TEST(SimulatedTime, RemembersACancelUntilAWaitReturnedIt) {
  World with;
  const auto alarm = with.time.alarm();
  alarm->cancel();
  std::vector<End> ends;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> {
    for (int i = 0; i < 3; ++i) {
      const End end = co_await alarm->wait(1h);
      ends.push_back(end);
    }
  });
  with.time.run_for(0s);
  EXPECT_EQ(ends, std::vector{End::cancelled});
  alarm->cancel();
  with.time.run_for(0s);
  EXPECT_EQ(ends, (std::vector{End::cancelled, End::cancelled}));
  with.time.run_for(1h);
  EXPECT_EQ(ends.back(), End::elapsed);
}

TEST(SimulatedTime, WakesThoseOfOneMomentInTheOrderInWhichTheyBegan) {
  World with;
  std::vector<int> order;
  std::vector<std::unique_ptr<net::Alarm>> alarms;
  for (int i = 0; i < 20; ++i) {
    alarms.push_back(with.time.alarm());
    net::start(with.loop.get_executor(), [&, i]() -> awaitable<void> {
      co_await alarms[static_cast<std::size_t>(i)]->wait(i % 2 == 0 ? 10ms : 20ms);
      order.push_back(i);
    });
  }
  with.time.run_for(1s);
  EXPECT_EQ(order, (std::vector{0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19}));
}

TEST(SimulatedTime, ComesToRestBeforeWhatIsFarAway) {
  World with;
  const auto begun = with.clock.monotonic();
  const auto alarm = with.time.alarm();
  int rounds = 0;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> {
    for (; rounds < 5; ++rounds) co_await alarm->wait(1min);
    co_await alarm->wait(1h);
    ++rounds;
  });
  with.time.run_until_idle_for(2min);
  EXPECT_EQ(rounds, 5);
  EXPECT_EQ(with.clock.monotonic() - begun, 5min);
}

TEST(SimulatedTime, DoesNotMindWhoSetsTheWallClock) {
  World with;
  const auto alarm = with.time.alarm();
  bool ended = false;
  net::start(with.loop.get_executor(), [&]() -> awaitable<void> {
    co_await alarm->wait(1h);
    ended = true;
  });
  with.time.run_for(1min);
  with.clock.set(with.clock.now() + 24h);
  with.time.run_for(58min);
  EXPECT_FALSE(ended);
  with.time.run_for(1min);
  EXPECT_TRUE(ended);
}

TEST(SimulatedTime, MayGoBeforeWhoeverWaits) {
  boost::asio::io_context loop;
  Clock clock;
  std::unique_ptr<net::Alarm> alarm;
  {
    Time time(loop, clock);
    alarm = time.alarm();
    net::start(loop.get_executor(), [&]() -> awaitable<void> { co_await alarm->wait(1h); });
    time.run_for(1s);
  }
  alarm->cancel();
  loop.restart();
  EXPECT_GT(loop.poll(), 0U);
}

}  // namespace
}  // namespace mailpod::simulation
