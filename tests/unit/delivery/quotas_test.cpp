#include <mailpod/delivery/quotas.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "pod_world.hpp"

/// Members whose vaults fill up.
namespace mailpod::delivery {
namespace {

using members::Fullness;
using smtp::Mailbox;
using std::chrono::days;
using testing::HasSubstr;
using testing::IsEmpty;

const Mailbox alice{"alice", "pod.lab"}, stranger{"stranger", "other.example"};
constexpr std::uint64_t mib = 1024 * 1024;
constexpr std::uint64_t limit = 1024 * mib;  // the charter's

class QuotasTest : public testing::Test {
protected:
  QuotasTest() {
    world.name_maintainer("bob");
    world.found(disk, {"alice", "bob"});
    pod = std::make_unique<RunningPod>(world, disk);
    quotas =
        std::make_unique<Quotas>(Quotas::Ports{*pod->directory, pod->registry->gate(), pod->vaults, pod->returns, pool,
                                               world.community.clock, world.community.entropy, base::silent_log(),
                                               [this](Quotas::Work work) { spawned.push_back(std::move(work)); }},
                                 Quotas::Settings{days(7), 10, days(30)});
    pod->put_under(*quotas);
  }
  /// The vault holds so much now; whoever is told of it is told.
  void fill(std::uint64_t octets, std::uint64_t messages = 1) {
    world.community.clock.advance(std::chrono::seconds(1));
    pod->vaults.held = {octets, messages};
    quotas->look_at(world.id_of("alice"));
    boost::asio::io_context loop;
    for (const auto& work : std::exchange(spawned, {})) {
      boost::asio::co_spawn(loop, work(), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
      });
      loop.run();
      loop.restart();
    }
  }
  void fill_percent(std::uint64_t percent) { fill(limit / 100 * percent + mib); }
  boost::system::error_code refusal() {
    return pod->send(RunningPod::outside(), stranger, {alice}, "From: a@other.example\r\n\r\nhello\r\n").refused;
  }
  std::optional<Fullness> fullness() { return pod->directory->state()->find(world.id_of("alice"))->fullness; }
  std::vector<std::string> inbox() { return world.inbox(disk, "alice"); }

  simulation::Disk disk;
  PodWorld world;
  net::Pool pool{net::Pool::Inline{}};
  std::unique_ptr<RunningPod> pod;
  std::vector<Quotas::Work> spawned;
  std::unique_ptr<Quotas> quotas;
};

TEST_F(QuotasTest, MailIsTakenUpToTheQuota) {
  pod->vaults.held = {limit - 1, 1};
  EXPECT_FALSE(refusal());
  EXPECT_EQ(inbox().size(), 1U);
}

TEST_F(QuotasTest, AFullVaultTakesMailForAWhileAndALittleBeyond) {
  fill(limit);
  EXPECT_FALSE(refusal()) << "there is time to make room";
  pod->vaults.held = {limit / 100 * 111, 1};
  EXPECT_EQ(refusal(), smtp::Errc::mailbox_full) << "but not for everything";
  pod->vaults.held = {limit, 1};
  world.community.clock.advance(days(7));
  EXPECT_EQ(refusal(), smtp::Errc::mailbox_full) << "nor for ever";
  fill(limit / 2);
  EXPECT_FALSE(refusal());
  fill(limit);
  EXPECT_FALSE(refusal()) << "who made room has time again";
}

TEST_F(QuotasTest, AVaultThatIsFullForLongRefusesMailForGood) {
  fill(limit);
  world.community.clock.advance(days(30));
  EXPECT_EQ(refusal(), smtp::Errc::mailbox_full_for_long);
  quotas->set({days(7), 10, days(0)});
  EXPECT_EQ(refusal(), smtp::Errc::mailbox_full);
}

TEST_F(QuotasTest, AsMuchAsAnActSaysIsKept) {
  auto act = world.community.act(governance::Act::Kind::set_quota, world.id_of("alice"));
  act.quota_mib = 1;
  const auto signed_act = world.community.sign(act);
  pod->registry->record(std::vector{signed_act}, world.community.clock.now()).value();
  pod->vaults.held = {2 * mib, 1};
  EXPECT_EQ(refusal(), smtp::Errc::mailbox_full);
}

TEST_F(QuotasTest, ARoleIsReachedAsLongAsOneOfItsMembersHasRoom) {
  pod->vaults.held = {2 * limit, 1};
  const auto answer = pod->send(RunningPod::outside(), stranger, {Mailbox{"postmaster", "pod.lab"}}, "\r\nhello\r\n");
  EXPECT_EQ(answer.refused, smtp::Errc::mailbox_full) << "bob is the only maintainer";
  const std::vector<MemberId> both{world.id_of("alice"), world.id_of("bob")};
  EXPECT_EQ(run(quotas->consider(both)).error(), smtp::Errc::mailbox_full);
  EXPECT_TRUE(run(quotas->consider({})));
}

TEST_F(QuotasTest, MembersAreToldOnceAtEachMark) {
  fill_percent(79);
  EXPECT_THAT(inbox(), IsEmpty());
  fill_percent(80);
  ASSERT_EQ(inbox().size(), 1U);
  EXPECT_THAT(inbox().back(), HasSubstr("Subject: Your mailbox is 80 % full\r\n"));
  EXPECT_THAT(inbox().back(), HasSubstr("Auto-Submitted: auto-generated\r\n"));
  EXPECT_THAT(inbox().back(), HasSubstr("820.2 MiB of 1024.0 MiB, in 1 message\r\n"));
  fill_percent(81);
  fill_percent(78);
  fill_percent(82);
  EXPECT_EQ(inbox().size(), 1U) << "to and fro about the mark is no news";
  fill_percent(96);
  ASSERT_EQ(inbox().size(), 2U);
  fill_percent(101);
  ASSERT_EQ(inbox().size(), 3U);
  EXPECT_THAT(inbox().back(), HasSubstr("Subject: Your mailbox is full\r\n"));
  EXPECT_THAT(inbox().back(), HasSubstr("7 days, up to 10 % beyond"));
  fill_percent(10);
  EXPECT_FALSE(fullness());
  fill_percent(85);
  EXPECT_EQ(inbox().size(), 4U) << "once more, after it had been empty";
}

TEST_F(QuotasTest, WhatMembersWereToldOutlivesTheDaemon) {
  fill_percent(96);
  pod->directory->close();
  pod.reset();
  pod = std::make_unique<RunningPod>(world, disk);
  EXPECT_EQ(fullness(), (Fullness{95, std::nullopt}));
}

TEST(FullnessAt, LeavesAMarkFivePointsBelowIt) {
  const auto now = base::from_seconds(1'800'000'000);
  const auto later = now + days(1);
  EXPECT_FALSE(fullness_at(79, std::nullopt, now));
  EXPECT_EQ(fullness_at(100, std::nullopt, now), (Fullness{100, now}));
  const Fullness full{100, now};
  EXPECT_EQ(fullness_at(95, full, later), full) << "the grace does not begin anew";
  EXPECT_EQ(fullness_at(94, full, later), (Fullness{95, std::nullopt}));
  EXPECT_EQ(fullness_at(89, full, later), (Fullness{80, std::nullopt}));
  EXPECT_FALSE(fullness_at(74, full, later));
  EXPECT_EQ(fullness_at(94, Fullness{80, std::nullopt}, now), (Fullness{80, std::nullopt}));
}

}  // namespace
}  // namespace mailpod::delivery
