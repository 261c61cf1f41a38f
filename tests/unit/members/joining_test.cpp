#include <gtest/gtest.h>

#include <deque>

#include "newcomers.hpp"

/// Newcomers who come in by files of their own: invited by the maintainers, or by nobody; and power that is
/// lost on the way.
namespace mailpod::members {
namespace {

using governance::Charter;
using governance::Errc;
using Progress = Person::Progress;

constexpr std::uint64_t states_a_call = 4;

TEST(Joining, AnInvitedNewcomerEnrolsByTheCodeTheyDrew) {
  Pod pod;
  const Newcomer alice(pod.community, "alice@pod.lab");
  EXPECT_EQ(pod.admissions().join(request_of(alice)).error().code, Errc::invitation_unknown);
  EXPECT_FALSE(pod.directory->state()->find(alice.drawn.member)) << "nothing is left of who was refused";
  invite(pod, alice);
  const auto joined = pod.admissions().join(request_of(alice));
  ASSERT_TRUE(joined) << joined.error().text();
  EXPECT_EQ(joined->as, Joined::As::member);
  EXPECT_TRUE(takes_mail(pod, alice));
  const auto enrolled = pod.keys->enrol(enrolment_of(alice));
  ASSERT_TRUE(enrolled) << enrolled.error().message();
  EXPECT_TRUE(pod.logs_in("alice", enrolled->app->password));
}

TEST(Joining, TheInvitationIsWantedBeforeAnAddressIsLookedAt) {
  Pod pod;
  pod.admit("bob@pod.lab");
  Newcomer mallory(pod.community, "bob@pod.lab");
  EXPECT_EQ(pod.admissions().join(request_of(mallory)).error().code, Errc::invitation_unknown);
  invite(pod, mallory);
  const auto taken = pod.admissions().join(request_of(mallory));
  EXPECT_NE(taken.error().what.find("is taken"), std::string::npos) << taken.error().text();
  mallory.address = "other@pod.lab";
  EXPECT_TRUE(pod.admissions().join(request_of(mallory))) << "and the invitation is still good";
}

TEST(Joining, AnAddressMustBeTheOneCommittedToAndOfThePod) {
  Pod pod;
  const Newcomer alice(pod.community, "alice@pod.lab");
  const Newcomer eve(pod.community, "eve@elsewhere.lab");
  invite(pod, alice);
  invite(pod, eve);
  auto request = request_of(alice);
  request.address = "bob@pod.lab";
  EXPECT_NE(pod.admissions().join(request).error().what.find("another address"), std::string::npos);
  EXPECT_NE(pod.admissions().join(request_of(eve)).error().what.find("does not serve"), std::string::npos);
}

TEST(Joining, NobodyJoinsUnderWhatIsAnothers) {
  Pod pod;
  const auto ada = pod.admit("ada@pod.lab").member;
  const auto reached = [&] { return pod.directory->state()->find_reached("ada+shop@pod.lab", "+"); };
  for (const auto* name :
       {"ada+shop", "choir-bounces", "Choir-OWNER", "-request", "ADMIN", "administrator", "webmaster", "postmaster",
        "hostmaster", "abuse", "security", "root", "mailer-daemon", "noreply"}) {
    Newcomer mallory(pod.community, std::string(name) + "@pod.lab");
    invite(pod, mallory);
    const auto refused = pod.admissions().join(request_of(mallory));
    ASSERT_FALSE(refused) << name;
    EXPECT_NE(refused.error().what.find("not to be chosen"), std::string::npos) << refused.error().text();
    EXPECT_EQ(pod.directory->state()->find(mallory.drawn.member), nullptr) << name;
  }
  ASSERT_NE(reached(), nullptr);
  EXPECT_EQ(reached()->id, ada);
  pod.admit("ada+shop@pod.lab");
  EXPECT_NE(reached()->id, ada) << "the maintainers look at what they sign";
}

TEST(Joining, WhoWasRefusedAnAddressJoinsUnderAnother) {
  Pod pod;
  Newcomer alice(pod.community, "admin@pod.lab");
  invite(pod, alice);
  ASSERT_FALSE(pod.admissions().join(request_of(alice)));
  alice.address = "administrators@pod.lab";
  EXPECT_TRUE(pod.admissions().join(request_of(alice))) << "and the invitation is still good";
}

TEST(Joining, OfThoseWhoNeedNoInvitationOnlySoManyWaitToEnrol) {
  Pod pod;
  pod.community.charter.members.join = Charter::Join::open;
  pod.found_again();
  std::deque<Newcomer> joined;
  for (int i = 0; i < 100; ++i) {
    joined.emplace_back(pod.community, "n" + std::to_string(i) + "@pod.lab", false);
    ASSERT_TRUE(pod.admissions().join(request_of(joined.back()))) << i;
  }
  const Newcomer alice(pod.community, "alice@pod.lab", false);
  const auto entries = pod.registry->tally().count;
  const auto refused = pod.admissions().join(request_of(alice));
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().what.find("finds no room"), std::string::npos) << refused.error().text();
  EXPECT_EQ(pod.registry->tally().count, entries);
  EXPECT_TRUE(pod.admissions().join(request_of(joined.front()))) << "who goes on takes no more room";
  pod.admit("by-the-maintainers@pod.lab");
  ASSERT_TRUE(pod.keys->enrol(enrolment_of(joined.front())));
  EXPECT_TRUE(pod.admissions().join(request_of(alice)));
}

TEST(Joining, ASecondTryIsTheSameMemberAndNobodyElses) {
  Pod pod;
  const Newcomer alice(pod.community, "alice@pod.lab");
  invite(pod, alice);
  ASSERT_TRUE(pod.admissions().join(request_of(alice)));
  const auto entries = pod.registry->tally().count;
  const auto again = pod.admissions().join(request_of(alice));
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->member, alice.drawn.member);
  EXPECT_EQ(pod.registry->tally().count, entries) << "the record has them";
  Newcomer mallory(pod.community, "alice@pod.lab");
  mallory.secret = alice.secret;
  mallory.drawn = alice.drawn;
  EXPECT_EQ(pod.admissions().join(request_of(mallory)).error().code, Errc::invitation_used) << "another key";
  const EnrolmentRequest enrolment = enrolment_of(alice);
  ASSERT_TRUE(pod.keys->enrol(enrolment));
  pod.keys->forget_codes({&enrolment, 1});
  ASSERT_TRUE(pod.admissions().join(request_of(alice)));
  EXPECT_EQ(pod.keys->enrol(enrolment).error(), members::Errc::already_enrolled) << "by then the code is worth nothing";
}

/// A pod in which a full disk left somebody a member without a code, at the first call where it does.
bool was_interrupted(Pod& pod, const Newcomer& newcomer, std::uint64_t call) {
  invite(pod, newcomer);
  pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
  try {
    static_cast<void>(pod.admissions().join(request_of(newcomer)));
  } catch (const std::system_error&) {
  }
  pod.disk->heal();
  const auto* person = pod.directory->state()->find(newcomer.drawn.member);
  return person != nullptr && person->progress == Progress::admitted;
}

TEST(Joining, WhoHasTheFileFromTheLedgerAloneGoesOnWithNothing) {
  bool seen = false;
  for (std::uint64_t call = 1; !seen && call < 100; ++call) {
    Pod pod;
    const Newcomer alice(pod.community, "alice@pod.lab");
    if (!was_interrupted(pod, alice, call)) continue;
    seen = true;
    auto stolen = request_of(alice);
    stolen.salt = {};
    stolen.code = {6, 6, 6};
    EXPECT_FALSE(pod.admissions().join(stolen));
    EXPECT_EQ(pod.directory->state()->find(alice.drawn.member)->progress, Progress::admitted);
    ASSERT_TRUE(pod.admissions().join(request_of(alice)));
    EXPECT_TRUE(pod.keys->enrol(enrolment_of(alice)));
  }
  EXPECT_TRUE(seen);
}

TEST(CrashDuringJoining, TheSameNewcomerFinishesItAndNobodyElse) {
  std::uint64_t states = 0;
  std::uint64_t members = 0;
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      const Newcomer alice(pod.community, "alice@pod.lab");
      invite(pod, alice);
      pod.disk->crash_at_call(pod.disk->calls() + call);
      try {
        finished = pod.admissions().join(request_of(alice)).has_value();
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      ++states;
      const auto* person = pod.directory->state()->find(alice.drawn.member);
      const bool member = pod.registry->gate().may_receive(alice.drawn.member, pod.community.clock.now()).has_value();
      ASSERT_EQ(person != nullptr, member);
      if (member && !finished) {
        ++members;
        Newcomer mallory(pod.community, "mallory@pod.lab");
        mallory.secret = alice.secret;
        ASSERT_EQ(pod.admissions().join(request_of(mallory)).error().code, Errc::invitation_used);
      }
      const auto again = pod.admissions().join(request_of(alice));
      ASSERT_TRUE(again) << call << ": " << again.error().text();
      const auto enrolled = pod.keys->enrol(enrolment_of(alice));
      ASSERT_TRUE(enrolled) << call << ": " << enrolled.error().message();
      EXPECT_TRUE(pod.logs_in("alice", enrolled->app->password));
    }
  }
  EXPECT_GT(states, 50u);
  EXPECT_GT(members, 0u);
}

TEST(FailureDuringJoining, LeavesNothingThatTheNextTryStumblesOver) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const Newcomer alice(pod.community, "alice@pod.lab");
    invite(pod, alice);
    pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
    try {
      finished = pod.admissions().join(request_of(alice)).has_value();
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    const auto again = pod.admissions().join(request_of(alice));
    ASSERT_TRUE(again) << call << ": " << again.error().text();
    ASSERT_TRUE(pod.keys->enrol(enrolment_of(alice))) << call;
  }
}

}  // namespace
}  // namespace mailpod::members
