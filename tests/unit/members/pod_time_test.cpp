#include <gtest/gtest.h>

#include <mailpod/members/pod_time.hpp>

#include "household.hpp"

/// The time by which waiting periods pass: no jump of the clock shortens one.
namespace mailpod::members {
namespace {

using std::chrono::days;
using std::chrono::hours;

struct Running {
  explicit Running(Pod& pod) : pod(pod), time(pod.community.clock, *pod.directory, *pod.registry) {}
  /// The machine goes on without the pod, which begins again then.
  static base::Time after(Pod& pod, std::chrono::microseconds rest) {
    pod.community.clock.advance(rest);
    pod.start();
    return Running(pod).time.now();
  }
  Pod& pod;
  PodTime time;
};

TEST(PodTime, FollowsAClockThatRunsEvenly) {
  Pod pod;
  Running running(pod);
  EXPECT_EQ(running.time.now(), pod.community.clock.now());
  pod.community.clock.advance(days(20));
  EXPECT_EQ(running.time.now(), pod.community.clock.now());
}

TEST(PodTime, FollowsNoJumpAheadAndWaitsOutOneBack) {
  Pod pod;
  Running running(pod);
  const auto before = pod.community.clock.now();
  pod.community.clock.set(before + days(30));
  EXPECT_EQ(running.time.now(), before);
  pod.community.clock.advance(hours(2));
  EXPECT_EQ(running.time.now(), before + hours(2));
  pod.community.clock.set(before - days(3));
  EXPECT_EQ(running.time.now(), before - days(3)) << "never after the wall clock";
  pod.community.clock.set(before + hours(2));
  EXPECT_EQ(running.time.now(), before + hours(2));
}

TEST(PodTime, BelievesARestartForADay) {
  Pod pod;
  Running(pod).time.remember();
  const auto remembered = pod.community.clock.now();
  EXPECT_EQ(Running::after(pod, hours(5)), remembered + hours(5));
  EXPECT_EQ(Running::after(pod, days(40)), remembered + days(1));
}

TEST(PodTime, IsSetRightByWhoeverSigns) {
  Pod pod;
  Running(pod).time.remember();
  pod.community.clock.advance(days(40));
  pod.start();
  Running running(pod);
  EXPECT_LT(running.time.now(), pod.community.clock.now() - days(38));
  pod.admit("alice@pod.lab");
  EXPECT_EQ(running.time.now(), base::from_seconds(base::to_seconds(pod.community.clock.now())));
}

TEST(PodTime, IsRememberedOnceAnHour) {
  Pod pod;
  Running running(pod);
  running.time.remember();
  const auto first = pod.directory->state()->time();
  EXPECT_EQ(first, pod.community.clock.now());
  pod.community.clock.advance(std::chrono::minutes(59));
  running.time.remember();
  EXPECT_EQ(pod.directory->state()->time(), first);
  pod.community.clock.advance(std::chrono::minutes(1));
  running.time.remember();
  EXPECT_EQ(pod.directory->state()->time(), first + hours(1));
  pod.start();
  EXPECT_EQ(pod.directory->state()->time(), first + hours(1)) << "durably";
}

}  // namespace
}  // namespace mailpod::members
