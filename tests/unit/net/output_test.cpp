#include <mailpod/net/output.hpp>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "simulation/stream.hpp"

namespace mailpod::net {
namespace {

TEST(Output, LeavesOthersTheirTurnWhileMuchIsLookedThroughAndLittleSaid) {
  boost::asio::io_context loop;
  const auto duplex = simulation::make_duplex(loop.get_executor());
  Output out(*duplex.server, 64 * 1024);
  bool over = false;
  bool others_came_before = false;
  const auto look_through = [&]() -> boost::asio::awaitable<void> {
    boost::asio::post(loop, [&] { others_came_before = !over; });
    for (int i = 0; i < 100; ++i) co_await out.flush_if_large();
    over = true;
  };
  boost::asio::co_spawn(loop, look_through(), boost::asio::detached);
  loop.run();
  EXPECT_TRUE(over);
  EXPECT_TRUE(others_came_before);
}

}  // namespace
}  // namespace mailpod::net
