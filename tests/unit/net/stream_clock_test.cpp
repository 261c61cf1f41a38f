// Whatever waits beside a stream goes by the stream's own clock, so that it can be simulated.
#include <optional>

#include <gtest/gtest.h>

#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/lines.hpp>

#include "on_loop.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

namespace mailpod::net {
namespace {

using namespace std::chrono_literals;

struct StreamClock : testing::Test {
  StreamClock() {
    wire.time = &time;
    duplex = simulation::make_duplex(loop.get_executor(), wire);
  }

  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time{loop, clock};
  simulation::Wire wire;
  simulation::Duplex duplex;
};

TEST_F(StreamClock, BoundsALineThatComesOctetByOctet) {
  duplex.server->set_timeout(5min);
  start(loop.get_executor(), [&]() -> awaitable<void> {
    const auto alarm = time.alarm();
    while (true) {
      co_await alarm->wait(2min);
      co_await duplex.client->write("x");
    }
  });
  const auto begun = clock.monotonic();
  std::error_code failure;
  start(loop.get_executor(), [&]() -> awaitable<void> {
    LineReader lines(*duplex.server);
    try {
      co_await lines.read_line(100);
    } catch (const std::system_error& thrown) {
      failure = thrown.code();
    }
  });
  EXPECT_TRUE(time.run_until([&] { return bool(failure); }, 1h));
  EXPECT_EQ(failure, std::errc::timed_out);
  EXPECT_EQ(clock.monotonic() - begun, 5min);
}

TEST_F(StreamClock, EndsTheGraceOfADismissal) {
  std::optional<Dismissal> dismissal(std::in_place, *duplex.server, 30s);
  dismissal->begin();
  const auto is_cut_off = [&] {
    try {
      run_on(loop, [&]() -> awaitable<void> { co_await duplex.server->write("x"); });
    } catch (const std::system_error&) {
      return true;
    }
    return false;
  };
  time.run_for(29s);
  EXPECT_FALSE(is_cut_off());
  time.run_for(2s);
  EXPECT_TRUE(is_cut_off());
}

TEST_F(StreamClock, LetsADismissalThatIsGoneCutOffNobody) {
  std::optional<Dismissal> dismissal(std::in_place, *duplex.server, 30s);
  dismissal->begin();
  dismissal.reset();
  time.run_for(1min);
  EXPECT_NO_THROW(run_on(loop, [&]() -> awaitable<void> { co_await duplex.server->write("x"); }));
}

}  // namespace
}  // namespace mailpod::net
