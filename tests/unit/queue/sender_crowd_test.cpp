#include <mailpod/queue/sender.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include "sending_world.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;

/// A domain that works, and very many that do not.
class Crowd : public testing::Test {
protected:
  Crowd() { world.add_domain("far.example", far, "198.51.100.1"); }

  static std::string dead_domain(std::size_t number) { return "dead" + std::to_string(number) + ".example"; }
  /// Domains whose packets are lost.
  void add_dead(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i, ++dead) {
      const std::string address = "203.0." + std::to_string(dead / 250) + "." + std::to_string(dead % 250 + 1);
      world.add_mx(dead_domain(dead), "mx." + dead_domain(dead));
      world.add_address("mx." + dead_domain(dead), address);
      world.network.take_away(address);
    }
  }
  /// Domains whose host says nothing, from there on.
  void add_silent(std::size_t count, const std::string& at = "GREETING") {
    silent.silent_at = at;
    for (std::size_t i = 0; i < count; ++i, ++dead) {
      const std::string address = "203.0." + std::to_string(dead / 250) + "." + std::to_string(dead % 250 + 1);
      world.add_domain(dead_domain(dead), silent, address);
    }
  }
  void write_to_the_dead(std::size_t each = 1) {
    for (std::size_t i = 0; i < dead; ++i) {
      for (std::size_t copy = 0; copy < each; ++copy) world.put({"nobody@" + dead_domain(i)});
    }
  }
  std::size_t dialed() const { return world.network.attempts().size(); }
  bool until_dialed(std::size_t count) {
    return world.until([&] { return dialed() >= count; }, 1min);
  }
  bool arrives_within(std::chrono::microseconds limit) {
    const std::size_t before = far.mails.size();
    world.put({"friend@far.example"});
    return world.until([&] { return far.mails.size() > before; }, limit);
  }

  SendingWorld world;
  FarServer far, silent;
  std::size_t dead = 0;
};

TEST_F(Crowd, OfDeadDestinationsKeepsNobodyWaiting) {
  add_dead(1000);
  write_to_the_dead();
  world.start();
  ASSERT_TRUE(until_dialed(1000));
  ASSERT_EQ(world.sender->figures().connections, 1000U) << "all of them hang";
  EXPECT_TRUE(arrives_within(200ms));
}

TEST_F(Crowd, OfSilentDestinationsKeepsNobodyWaiting) {
  add_silent(1000);
  write_to_the_dead();
  world.start();
  ASSERT_TRUE(until_dialed(1000));
  EXPECT_TRUE(arrives_within(200ms));
  world.time.run_for(1min);
  EXPECT_TRUE(arrives_within(200ms));
}

/// Which command of a message a host does not answer.
class StallingCrowd : public Crowd, public testing::WithParamInterface<const char*> {};

TEST_P(StallingCrowd, KeepsNobodyWaitingForLong) {
  add_silent(100, GetParam());
  write_to_the_dead();
  world.start();
  world.time.run_for(1s);
  ASSERT_EQ(world.sender->figures().connections, world.settings.connections) << "they have all places";
  EXPECT_TRUE(until_dialed(100));
  world.time.run_for(11s);
  ASSERT_EQ(world.sender->figures().connections, 100U) << "all linger";
  EXPECT_TRUE(arrives_within(200ms));
}

INSTANTIATE_TEST_SUITE_P(OfHosts, StallingCrowd, testing::Values("MAIL", "RCPT", "DATA", "DOT"),
                         [](const auto& told) { return std::string(told.param); });

TEST_F(Crowd, ThatComesAllAtOnceIsThroughInSeconds) {
  add_dead(1000);
  write_to_the_dead();
  world.start();
  EXPECT_TRUE(arrives_within(5s)) << "though it came last";
}

TEST_F(Crowd, ThatFailedBeforeComesAfterWhoeverDidNot) {
  add_dead(1000);
  write_to_the_dead();
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.deferred") == 1000; }, 3min));
  write_to_the_dead();
  EXPECT_TRUE(arrives_within(200ms)) << "it is the first to get a place";
}

TEST_F(Crowd, ThatFailedBeforeARestartComesAfterWhoeverDidNot) {
  add_dead(1000);
  for (std::size_t i = 0; i < dead; ++i) {
    Entry entry = world.entry_to({"nobody@" + dead_domain(i)});
    entry.recipients[0].attempts = 1;
    world.put_entry(entry);
  }
  world.put({"friend@far.example"});
  world.start();
  EXPECT_TRUE(world.until([&] { return far.mails.size() == 1; }, 200ms));
}

TEST_F(Crowd, OfTheFailedLeavesHalfTheRoomToOthers) {
  world.settings.hanging_connections = 100;
  add_dead(80);
  write_to_the_dead();
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.deferred") == 80; }, 3min));
  write_to_the_dead();
  world.time.run_for(20s);
  EXPECT_GE(world.sender->figures().connections, 50U);
  EXPECT_LE(world.sender->figures().connections, 50U + world.settings.connections);
  EXPECT_TRUE(arrives_within(200ms));
}

TEST_F(Crowd, ThatIsLargerThanTheRoomForItIsNotWaitedForLong) {
  world.settings.hanging_connections = 200;
  add_silent(1000);
  write_to_the_dead();
  world.start();
  EXPECT_TRUE(arrives_within(2min)) << "and not five minutes for each of them";
}

TEST_F(Crowd, OfLivingDestinationsSpeaksOverSoManyConnectionsAtOnce) {
  // Each takes its time to greet, so that most have lost their places until then.
  world.network.weather.max_pause = 500ms;
  world.network.weather.max_piece = 1000;
  std::size_t speaking = 0;
  std::size_t peak = 0;
  far.on_command = [&](const std::string& verb) {
    if (verb == "MAIL") peak = std::max(peak, ++speaking);
    if (verb == "QUIT") --speaking;
  };
  world.settings.connections = 5;
  for (std::size_t i = 0; i < 200; ++i) {
    const std::string domain = "d" + std::to_string(i) + ".example";
    world.add_mx(domain, "mx.far.example");
    world.put({"friend@" + domain});
  }
  world.start();
  ASSERT_TRUE(world.until_empty(5min)) << "none of them waits for the timetable";
  EXPECT_EQ(far.mails.size(), 200U);
  EXPECT_EQ(peak, 5U);
  EXPECT_GT(far.peak_sessions, 5U) << "others wait for a place, greeted";
}

TEST_F(Crowd, OfMailForOneDeadDestinationIsWrittenDownWithoutHaste) {
  add_dead(1);
  write_to_the_dead(300);
  world.start();
  ASSERT_TRUE(world.until([&] { return world.log.count("queue.deferred") == 300; }, 3min));
  EXPECT_LE(dialed(), 2U);
  for (const Summary& summary : world.spool().list()) {
    EXPECT_EQ(world.show(summary.id).recipients[0].attempts, 1U);
  }
}

TEST_F(Crowd, IsLeftAtOnceWhenWeStop) {
  add_dead(200);
  add_silent(200);
  write_to_the_dead();
  world.start();
  ASSERT_TRUE(until_dialed(400));
  EXPECT_TRUE(world.stop(1s));
  for (const Summary& summary : world.spool().list()) {
    EXPECT_EQ(world.show(summary.id).recipients[0].attempts, 0U) << "that was no attempt";
  }
}

}  // namespace
}  // namespace mailpod::queue
