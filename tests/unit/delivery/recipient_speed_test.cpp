// What RCPT asks of directory and gate, for a member among many: how long that takes on this machine. With
// MAILPOD_RCPT_MEMBERS=10000 at a size that no pod has; otherwise small, so that it goes on working.

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <gtest/gtest.h>

#include "pod_world.hpp"

namespace mailpod::delivery {
namespace {

constexpr int questions = 20'000;

std::size_t wanted_members() {
  const char* wish = std::getenv("MAILPOD_RCPT_MEMBERS");
  return wish != nullptr ? std::strtoull(wish, nullptr, 10) : 50;
}

boost::asio::awaitable<int> ask(PostOffice& office, const smtp::Peer& peer, const smtp::Mailbox& to) {
  const smtp::Mailbox from{"smith", "client.example"};
  int taken = 0;
  for (int i = 0; i < questions; ++i) {
    auto question = office.consider_recipient(peer, from, to);
    const Status answer = co_await std::move(question);
    taken += answer ? 1 : 0;
  }
  co_return taken;
}

double microseconds_each(PostOffice& office, const smtp::Mailbox& to, int expected) {
  const auto peer = RunningPod::outside();
  const auto began = std::chrono::steady_clock::now();
  EXPECT_EQ(run(ask(office, peer, to)), expected);
  const std::chrono::duration<double, std::micro> took = std::chrono::steady_clock::now() - began;
  return took.count() / questions;
}

TEST(RecipientSpeed, IsThatOfALookUp) {
  simulation::Disk disk;
  PodWorld world;
  std::vector<std::string> names;
  for (std::size_t i = 0; i < wanted_members(); ++i) names.push_back("member" + std::to_string(i));
  world.name_maintainer(names.front());
  world.found(disk, names);
  RunningPod pod(world, disk);
  const auto member = microseconds_each(*pod.office, {names.back(), "pod.lab"}, questions);
  const auto nobody = microseconds_each(*pod.office, {"nobody", "pod.lab"}, 0);
  std::printf("RCPT among %zu members: %.2f us for a member, %.2f us for nobody\n", names.size(), member, nobody);
  // A disk, a lock that is held long or a search through all members would take a hundred times as long as is promised.
  EXPECT_LT(member, 500.0);
}

}  // namespace
}  // namespace mailpod::delivery
