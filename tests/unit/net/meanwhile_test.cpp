#include <mailpod/net/meanwhile.hpp>

#include <gtest/gtest.h>

#include "on_loop.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

namespace mailpod::net {
namespace {

using namespace std::chrono_literals;

struct Waiting : testing::Test {
  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time{loop, clock};
  simulation::Duplex duplex = make();
  std::unique_ptr<Alarm> work = time.alarm();  // what the conversation waits for
  unsigned acts = 0;
  bool ended = false;

  simulation::Duplex make() {
    simulation::Wire wire;
    wire.time = &time;
    return simulation::make_duplex(loop.get_executor(), wire);
  }
  void wait_for(std::chrono::milliseconds duration, Meanwhile::Act act) {
    start(loop.get_executor(), [this, duration, act = std::move(act)]() -> awaitable<void> {
      Meanwhile meanwhile(*duplex.server, 10s, act);
      co_await work->wait(duration);
      co_await meanwhile.end();
      ended = true;
    });
  }
};

TEST_F(Waiting, ThatIsLongIsAccompaniedAtEachInterval) {
  wait_for(35s, [this]() -> awaitable<void> {
    ++acts;
    co_return;
  });
  time.run_for(9s);
  EXPECT_EQ(acts, 0U);
  time.run_for(20s);
  EXPECT_EQ(acts, 2U);
  EXPECT_FALSE(ended);
  time.run_for(6s);
  EXPECT_TRUE(ended);
  time.run_for(1h);
  EXPECT_EQ(acts, 3U);
}

TEST_F(Waiting, EndsOnceThePresentActIsOver) {
  const auto writing = time.alarm();
  wait_for(12s, [&]() -> awaitable<void> {
    ++acts;
    co_await writing->wait(5s);
    ++acts;
  });
  time.run_for(13s);
  EXPECT_EQ(acts, 1U);
  EXPECT_FALSE(ended);
  time.run_for(3s);
  EXPECT_EQ(acts, 2U);
  EXPECT_TRUE(ended);
}

TEST_F(Waiting, IsAccompaniedNoMoreOnceAnActFailed) {
  wait_for(35s, [this]() -> awaitable<void> {
    ++acts;
    throw std::system_error(std::make_error_code(std::errc::connection_reset));
    co_return;
  });
  time.run_for(36s);
  EXPECT_EQ(acts, 1U);
  EXPECT_TRUE(ended);
}

}  // namespace
}  // namespace mailpod::net
