#include <mailpod/delivery/brake.hpp>

#include <gtest/gtest.h>

#include "pod_world.hpp"

/// A member whose mail is suddenly very much.
namespace mailpod::delivery {
namespace {

using smtp::Mailbox;

const Mailbox alice{"alice", "pod.lab"}, bob{"bob", "pod.lab"};

std::string message_from(const std::string& name) {
  return "From: <" + name + "@pod.lab>\r\nTo: somebody\r\nSubject: hello\r\n\r\nbody\r\n";
}

std::vector<Mailbox> strangers(std::size_t count) {
  std::vector<Mailbox> all;
  for (std::size_t i = 0; i < count; ++i) all.push_back({"s" + std::to_string(i), "other.example"});
  return all;
}

class BrakeTest : public testing::Test {
protected:
  BrakeTest() {
    world.name_maintainer("bob");
    world.found(disk, {"alice", "bob"});
    start();
  }
  /// As after a restart.
  void start() {
    brake.reset();
    pod.reset();
    pod = std::make_unique<RunningPod>(world, disk);
    brake = std::make_unique<Brake>(
        Brake::Ports{*pod->queue, pod->returns, *pod->directory, pod->registry->gate(), pool, world.community.clock,
                     world.community.entropy, log, [this](const queue::EntryId& id) { pod->looked_at.push_back(id); },
                     [this](Brake::Work work) { spawned.push_back(std::move(work)); }},
        Brake::Settings{{5, 5}, {3, 3}});
    pod->put_on(*brake);
  }
  void finish_what_was_begun() {
    boost::asio::io_context loop;
    for (const auto& work : std::exchange(spawned, {})) {
      boost::asio::co_spawn(loop, work(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
      });
      loop.run();
      loop.restart();
    }
  }
  Answer send(std::size_t recipients, const std::string& name = "alice") {
    return pod->send(pod->member(name), Mailbox{name, "pod.lab"}, strangers(recipients), message_from(name));
  }
  std::size_t held() const {
    std::size_t count = 0;
    for (const auto& summary : pod->queue->list()) {
      const auto entry = pod->queue->show(summary.id).value();
      EXPECT_EQ(entry.held, entry.braked);
      count += entry.held ? 1U : 0U;
    }
    return count;
  }

  simulation::Disk disk;
  PodWorld world;
  net::Pool pool{net::Pool::Inline{}};
  base::Log& log = base::silent_log();
  std::vector<Brake::Work> spawned;
  std::unique_ptr<RunningPod> pod;
  std::unique_ptr<Brake> brake;
};

TEST_F(BrakeTest, LetsGoWhatAMemberUsuallySends) {
  EXPECT_TRUE(send(3).ok());
  EXPECT_TRUE(send(2).ok());
  EXPECT_EQ(held(), 0U);
  EXPECT_TRUE(spawned.empty());
}

TEST_F(BrakeTest, HoldsWhatIsMoreAndRefusesNothing) {
  EXPECT_TRUE(send(4).ok());
  EXPECT_TRUE(send(2).ok());
  EXPECT_EQ(held(), 1U) << "and what waited is next";
  EXPECT_TRUE(send(1).ok());
  EXPECT_EQ(held(), 2U);
  pod->looked_at.clear();
  finish_what_was_begun();
  EXPECT_EQ(held(), 3U);
  EXPECT_EQ(pod->looked_at.size(), 1U) << "the sender must know of what was held later";
  EXPECT_EQ(brake->braked(), std::set{world.id_of("alice")});
}

TEST_F(BrakeTest, LetsOthersGo) {
  send(6);
  send(2, "bob");
  finish_what_was_begun();
  EXPECT_EQ(held(), 1U);
  EXPECT_TRUE(pod->send(pod->member("alice"), alice, {bob}, message_from("alice")).ok());
  EXPECT_EQ(world.inbox(*disk.clean_copy(), "bob").size(), 2U)
      << "mail among members, and the letter to the maintainer";
}

TEST_F(BrakeTest, CountsAnHourAsAnHour) {
  send(5);
  world.community.clock.advance(std::chrono::minutes(30));
  send(2);
  EXPECT_EQ(held(), 0U);
  send(1);
  EXPECT_EQ(held(), 1U);
}

TEST_F(BrakeTest, ComesOnWhereMuchIsRefused) {
  send(2);
  brake->refused(world.id_of("alice"), 3);
  EXPECT_EQ(held(), 0U);
  brake->refused(world.id_of("alice"), 1);
  finish_what_was_begun();
  EXPECT_EQ(held(), 1U);
  send(1);
  EXPECT_EQ(held(), 2U);
}

TEST_F(BrakeTest, IsToldOnceToWhoeverReadsPostmastersMail) {
  send(6);
  send(6);
  finish_what_was_begun();
  const auto letters = world.inbox(*disk.clean_copy(), "bob");
  ASSERT_EQ(letters.size(), 1U);
  EXPECT_NE(letters[0].find("Subject: Mail that alice@pod.lab sends is held\r\n"), std::string::npos) << letters[0];
  EXPECT_NE(letters[0].find("more than 5 at\r\nonce"), std::string::npos);
  EXPECT_NE(letters[0].find("mailpod queue release --member alice@pod.lab\r\n"), std::string::npos);
  EXPECT_TRUE(world.inbox(*disk.clean_copy(), "alice").empty()) << "nor is who sends it warned";
}

TEST_F(BrakeTest, IsOffOnceReleased) {
  send(6);
  finish_what_was_begun();
  brake->release(world.id_of("alice"));
  EXPECT_TRUE(brake->braked().empty());
  send(4);
  EXPECT_EQ(held(), 1U) << "what is held stays so until it is released as well";
  send(4);
  EXPECT_EQ(held(), 2U) << "it begins anew";
}

TEST_F(BrakeTest, IsOnAfterARestartWhileItHoldsSomething) {
  send(6);
  finish_what_was_begun();
  start();
  EXPECT_EQ(brake->braked(), std::set{world.id_of("alice")});
  send(1);
  EXPECT_EQ(held(), 2U);
  for (const auto& summary : pod->queue->list()) pod->queue->drop(summary.id).value();
  start();
  EXPECT_TRUE(brake->braked().empty());
}

TEST_F(BrakeTest, DoesNotHoldWhatIsForwardedOrHeldAlready) {
  queue::Entry passed_on;
  passed_on.arrival = passed_on.next_try = world.community.clock.now();
  passed_on.submitter = world.id_of("alice");
  passed_on.passed_on = true;
  passed_on.recipients.emplace_back().address = "alice@elsewhere.example";
  pod->queue->put(passed_on, base::MemorySource("Subject: to alice\r\n\r\n"));
  queue::Entry administrators = passed_on;
  administrators.passed_on = false;
  administrators.held = true;
  const auto id = pod->queue->put(administrators, base::MemorySource("Subject: looked at\r\n\r\n"));
  send(6);
  finish_what_was_begun();
  std::size_t braked = 0;
  for (const auto& summary : pod->queue->list()) braked += pod->queue->show(summary.id)->braked ? 1U : 0U;
  EXPECT_EQ(braked, 1U);
  EXPECT_TRUE(pod->queue->show(id)->held);
}

}  // namespace
}  // namespace mailpod::delivery
