#include <mailpod/net/pool.hpp>

#include <atomic>
#include <barrier>
#include <latch>
#include <stdexcept>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "on_loop.hpp"

namespace mailpod::net {
namespace {

// Each loop stands before its pool: the pool's threads may touch the loop until they are joined.

TEST(Pool, ReturnsWhatTheWorkReturns) {
  boost::asio::io_context loop;
  Pool pool(2);
  run_on(loop, [&]() -> awaitable<void> {
    const std::string text = "moved";
    const std::string result = co_await pool.run([&] { return text + " back"; });
    EXPECT_EQ(result, "moved back");
    const auto owned = co_await pool.run([] { return std::make_unique<int>(7); });
    EXPECT_EQ(*owned, 7);
  });
}

TEST(Pool, RunsWorkElsewhereAndContinuesAtHome) {
  boost::asio::io_context loop;
  Pool pool(1);
  run_on(loop, [&]() -> awaitable<void> {
    const auto home = std::this_thread::get_id();
    const auto there = co_await pool.run([] { return std::this_thread::get_id(); });
    EXPECT_NE(there, home);
    EXPECT_EQ(std::this_thread::get_id(), home);
  });
}

TEST(Pool, ThrowsHereWhatTheWorkThrew) {
  boost::asio::io_context loop;
  Pool pool(1);
  const Body body = [&]() -> awaitable<void> {
    co_await pool.run([] { throw std::runtime_error("the disk is gone"); });
  };
  EXPECT_THROW(run_on(loop, body), std::runtime_error);
}

TEST(Pool, RunsAsManyPiecesAtOnceAsItHasThreads) {
  boost::asio::io_context loop;
  Pool pool(4);
  std::barrier all_inside(4);
  std::atomic<int> done{0};
  for (int i = 0; i < 4; ++i) {
    start(loop.get_executor(), [&]() -> awaitable<void> {
      co_await pool.run([&] { all_inside.arrive_and_wait(); });
      ++done;
    });
  }
  loop.run();
  EXPECT_EQ(done, 4);
}

TEST(Pool, FinishesWhatWasPostedBeforeItIsGone) {
  std::atomic<int> done{0};
  {
    Pool pool(2);
    for (int i = 0; i < 1000; ++i) {
      pool.post({[](void* object) noexcept { ++*static_cast<std::atomic<int>*>(object); }, &done});
    }
  }
  EXPECT_EQ(done, 1000);
}

TEST(Pool, CanRunEverythingInTheOneThreadOfASimulation) {
  boost::asio::io_context loop;
  Pool pool(Pool::Inline{});
  Lane lane(pool);
  Gate gate(pool, 1, 0);
  run_on(loop, [&]() -> awaitable<void> {
    const auto home = std::this_thread::get_id();
    const auto in_pool = co_await pool.run([] { return std::this_thread::get_id(); });
    const auto in_lane = co_await lane.run([] { return std::this_thread::get_id(); });
    const auto in_gate = co_await gate.run([] { return std::this_thread::get_id(); });
    EXPECT_EQ(in_pool, home);
    EXPECT_EQ(in_lane, home);
    EXPECT_EQ(in_gate.value(), home);
  });
}

TEST(Lane, RunsOneAtATimeInTheOrderOfTheCalls) {
  boost::asio::io_context loop;
  Pool pool(8);
  Lane lane(pool);
  std::vector<int> done;  // no mutex: the lane is the order (and the thread sanitizer its judge)
  std::vector<int> continued;
  for (int i = 0; i < 2000; ++i) {
    start(loop.get_executor(), [&, i]() -> awaitable<void> {
      co_await lane.run([&done, i] { done.push_back(i); });
      continued.push_back(i);
    });
  }
  loop.run();
  ASSERT_EQ(done.size(), 2000U);
  for (int i = 0; i < 2000; ++i) EXPECT_EQ(done[static_cast<std::size_t>(i)], i);
  EXPECT_EQ(continued, done);
}

TEST(Lane, GoesOnAfterAnException) {
  boost::asio::io_context loop;
  Pool pool(2);
  Lane lane(pool);
  const Body failing = [&]() -> awaitable<void> { co_await lane.run([] { throw std::runtime_error("full"); }); };
  EXPECT_THROW(run_on(loop, failing), std::runtime_error);
  run_on(loop, [&]() -> awaitable<void> {
    const int answer = co_await lane.run([] { return 42; });
    EXPECT_EQ(answer, 42);
  });
}

TEST(Lane, DoesNotHoldUpItsNeighbours) {
  boost::asio::io_context loop;
  Pool pool(2);
  Lane slow(pool);
  Lane quick(pool);
  std::latch quick_is_done(1);
  start(loop.get_executor(), [&]() -> awaitable<void> { co_await slow.run([&] { quick_is_done.wait(); }); });
  start(loop.get_executor(), [&]() -> awaitable<void> { co_await quick.run([&] { quick_is_done.count_down(); }); });
  loop.run();
  EXPECT_TRUE(quick_is_done.try_wait());
}

TEST(Lane, MayGoWhileItsWorkIsUnderWay) {
  boost::asio::io_context loop;
  Pool pool(1);
  auto lane = std::make_unique<Lane>(pool);
  std::latch gone(1);
  int done = 0;
  for (int i = 0; i < 3; ++i) {
    start(loop.get_executor(), [&]() -> awaitable<void> {
      co_await lane->run([&] { gone.wait(); });
      ++done;
    });
  }
  loop.poll();
  lane.reset();
  gone.count_down();
  loop.run();
  EXPECT_EQ(done, 3);
}

TEST(Gate, LetsOnlySoManyInAndSaysBusyBeyondItsQueue) {
  boost::asio::io_context loop;
  Pool pool(8);
  Gate gate(pool, 2, 3);
  std::latch open(1);
  std::atomic<int> inside{0};
  std::atomic<int> most{0};
  int admitted = 0;
  int busy = 0;
  for (int i = 0; i < 10; ++i) {
    start(loop.get_executor(), [&]() -> awaitable<void> {
      const Status status = co_await gate.run([&] {
        const int now = ++inside;
        most = std::max(most.load(), now);
        open.wait();
        --inside;
      });
      if (status) {
        ++admitted;
      } else {
        EXPECT_EQ(status.error(), Errc::busy);
        ++busy;
      }
    });
  }
  loop.poll();
  EXPECT_EQ(busy, 5);
  open.count_down();
  loop.run();
  EXPECT_EQ(admitted, 5);
  EXPECT_LE(most, 2);
}

}  // namespace
}  // namespace mailpod::net
