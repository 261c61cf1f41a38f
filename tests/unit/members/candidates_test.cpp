#include <gtest/gtest.h>

#include "newcomers.hpp"

/// Candidates, whom members vouch for, and how they come in.
namespace mailpod::members {
namespace {

using governance::Vouch;
using std::chrono::days;
using std::chrono::hours;

constexpr std::uint64_t states_a_call = 4;

TEST(Candidates, ComeInWhenTheirTimeHasComeAndTheirMailFromThatMoment) {
  VouchedPod pod;
  const Newcomer dot(pod.community, "dot@pod.lab");
  pod.stand(dot);
  EXPECT_FALSE(takes_mail(pod, dot));
  EXPECT_EQ(pod.keys->enrol(enrolment_of(dot)).error(), members::Errc::not_a_member);
  pod.community.clock.advance(days(3) - hours(1));
  EXPECT_TRUE(pod.settle().empty());
  pod.start();
  EXPECT_TRUE(pod.settle().empty()) << "a restart changes nothing";
  EXPECT_NE(pod.directory->state()->find(dot.drawn.member), nullptr);
  pod.community.clock.advance(hours(1));
  EXPECT_EQ(pod.settle(), std::vector<MemberId>{dot.drawn.member});
  EXPECT_TRUE(takes_mail(pod, dot)) << "before they enrolled: their card was ready";
  EXPECT_TRUE(pod.settle().empty());
  const auto enrolled = pod.keys->enrol(enrolment_of(dot));
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_TRUE(pod.logs_in("dot", enrolled->app->password));
}

TEST(Candidates, HaveTheirAddressToThemselvesUntilTheirCandidacyEnds) {
  VouchedPod pod;
  const Newcomer dot(pod.community, "dot@pod.lab");
  const Newcomer other(pod.community, "dot@pod.lab");
  pod.say(pod.founders[0], Vouch::Kind::invite, dot);
  pod.say(pod.founders[0], Vouch::Kind::invite, other);
  ASSERT_TRUE(pod.admissions().join(request_of(dot)));
  EXPECT_FALSE(pod.admissions().join(request_of(other)));
  pod.community.clock.advance(governance::longest_candidacy);
  pod.settle();
  EXPECT_EQ(pod.directory->state()->find(dot.drawn.member), nullptr);
  const Newcomer third(pod.community, "dot@pod.lab");
  pod.say(pod.founders[1], Vouch::Kind::invite, third);
  EXPECT_TRUE(pod.admissions().join(request_of(third)));
}

TEST(Candidates, WaitWhileSomebodyObjects) {
  VouchedPod pod;
  const Newcomer dot(pod.community, "dot@pod.lab");
  pod.stand(dot);
  pod.say(pod.founders[0], Vouch::Kind::withdraw, dot);
  pod.say(pod.founders[0], Vouch::Kind::object, dot);
  pod.community.clock.advance(days(10));
  EXPECT_TRUE(pod.settle().empty());
  pod.say(pod.founders[0], Vouch::Kind::withdraw, dot);
  EXPECT_TRUE(pod.settle().empty()) << "one vouch is missing again";
  pod.say(pod.founders[0], Vouch::Kind::vouch, dot);
  pod.community.clock.advance(days(3));
  EXPECT_EQ(pod.settle().size(), 1u);
}

TEST(Candidates, OutliveAStartInNextYear) {
  VouchedPod pod;
  const Newcomer dot(pod.community, "dot@pod.lab");
  pod.stand(dot);
  pod.community.clock.advance(days(365));
  pod.start();
  EXPECT_NE(pod.directory->state()->find(dot.drawn.member), nullptr);
  EXPECT_TRUE(pod.registry->gate().roster()->candidates().contains(dot.drawn.member));
  // As the daemon's pod time has it, and then as the clock has it once it is right again.
  const auto right = pod.community.clock.now() - days(365);
  EXPECT_TRUE(pod.admissions().settle(right + days(1)).empty());
  EXPECT_EQ(pod.admissions().settle(right + days(3)).size(), 1u);
  EXPECT_TRUE(takes_mail(pod, dot));
}

TEST(Candidates, WhomTheDirectoryDoesNotKnowAreMadeNoMembers) {
  VouchedPod pod;
  const Newcomer dot(pod.community, "dot@pod.lab");
  const Newcomer eve(pod.community, "eve@pod.lab");
  pod.stand(dot);
  pod.stand(eve);
  pod.directory->remove({&dot.drawn.member, 1});
  pod.community.clock.advance(days(3));
  EXPECT_EQ(pod.settle(), std::vector<MemberId>{eve.drawn.member}) << "and nobody waits for it";
  EXPECT_EQ(pod.registry->gate().roster()->find(dot.drawn.member), nullptr);
}

/// Full from the call on at which the entry is durable, so that the directory cannot say what the record says.
TEST(FailureAsACandidateComesIn, IsMadeGoodByTheNextLook) {
  bool finished = false;
  bool behind = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    VouchedPod pod;
    const Newcomer dot(pod.community, "dot@pod.lab");
    pod.stand(dot);
    pod.community.clock.advance(days(3));
    pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
    try {
      pod.settle();
      finished = true;
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    const bool member = pod.registry->gate().roster()->find(dot.drawn.member) != nullptr;
    behind = behind || (member && !takes_mail(pod, dot));
    // An entry of which nobody knows whether it is there is found at the next start.
    const auto admission_in_doubt = [&] {
      try {
        pod.settle();
        return false;
      } catch (const std::system_error&) {
        return true;
      }
    };
    if (admission_in_doubt()) {
      pod.start();
      pod.settle();
    }
    ASSERT_TRUE(takes_mail(pod, dot)) << call;
    ASSERT_TRUE(pod.keys->enrol(enrolment_of(dot))) << call;
  }
  EXPECT_TRUE(behind) << "the case in question never came";
}

TEST(CrashAsACandidateComesIn, LeavesACandidateOrAMember) {
  std::uint64_t candidates = 0;
  std::uint64_t members = 0;
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      VouchedPod pod;
      const Newcomer dot(pod.community, "dot@pod.lab");
      pod.stand(dot);
      pod.community.clock.advance(days(3));
      pod.disk->crash_at_call(pod.disk->calls() + call);
      try {
        pod.settle();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      const bool member = pod.registry->gate().roster()->find(dot.drawn.member) != nullptr;
      ++(member ? members : candidates);
      ASSERT_EQ(takes_mail(pod, dot), member);
      pod.settle();
      ASSERT_TRUE(takes_mail(pod, dot));
      ASSERT_TRUE(pod.keys->enrol(enrolment_of(dot)));
    }
  }
  EXPECT_GT(candidates, 0u);
  EXPECT_GT(members, 0u);
}

TEST(CrashAsSomebodyBecomesACandidate, LeavesOneWhoCanGoOnOrNobody) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      VouchedPod pod(0);
      const Newcomer dot(pod.community, "dot@pod.lab");
      pod.say(pod.founders[0], Vouch::Kind::invite, dot);
      pod.disk->crash_at_call(pod.disk->calls() + call);
      try {
        finished = pod.admissions().join(request_of(dot)).has_value();
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      pod.settle();
      const bool candidate = pod.registry->gate().roster()->candidates().contains(dot.drawn.member);
      ASSERT_EQ(pod.directory->state()->find(dot.drawn.member) != nullptr, candidate);
      ASSERT_TRUE(pod.admissions().join(request_of(dot))) << call;
      pod.say(pod.founders[1], Vouch::Kind::vouch, dot);
      ASSERT_EQ(pod.settle().size(), 1u);
      ASSERT_TRUE(takes_mail(pod, dot));
      ASSERT_TRUE(pod.keys->enrol(enrolment_of(dot)));
    }
  }
}

}  // namespace
}  // namespace mailpod::members
