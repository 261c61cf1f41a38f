#include <gtest/gtest.h>

#include <deque>

#include <mailpod/text/base32.hpp>

#include "household.hpp"
#include "member_folder.hpp"
#include "simulation/newcomer.hpp"

/// Newcomers who come in by files of their own: invited by the maintainers, or vouched for; and power that is lost on
/// the way.
namespace mailpod::members {
namespace {

using governance::Charter;
using governance::Errc;
using governance::Vouch;
using simulation::Newcomer;
using Progress = Person::Progress;
using std::chrono::days;
using std::chrono::hours;

constexpr std::uint64_t states_a_call = 4;

JoinRequest request_of(const Newcomer& newcomer) {
  return {newcomer.joining(), newcomer.address, newcomer.drawn.salt, newcomer.drawn.code};
}

EnrolmentRequest enrolment_of(const Newcomer& newcomer) {
  return {newcomer.address, text::write_code(base::octets(newcomer.drawn.code)), {std::nullopt, "phone"}};
}

void invite(Pod& pod, const Newcomer& newcomer) {
  ASSERT_TRUE(pod.admissions().record(pod.community.sign(newcomer.invite_act())));
}

bool takes_mail(Pod& pod, const Newcomer& newcomer) {
  const auto* person = pod.directory->state()->find(newcomer.address);
  return person != nullptr && person->has_card() &&
         pod.registry->gate().may_receive(person->id, pod.community.clock.now()).has_value();
}

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
  const Newcomer alice(pod.community, "alice@pod.lab"), eve(pod.community, "eve@elsewhere.lab");
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
  std::uint64_t states = 0, members = 0;
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

/// A pod where two vouches and three days make a member, with two founders who have keys.
struct VouchedPod : Pod {
  explicit VouchedPod(std::uint32_t objection_days = 3) {
    community.charter.members.join = Charter::Join::vouches;
    community.charter.members.vouches = 2;
    community.charter.members.objection_days = objection_days;
    found_again();
    for (const char* address : {"ada@pod.lab", "bea@pod.lab"}) {
      auto& founder = founders.emplace_back(community, address);
      const Admission wanted{community.sign(community.admission(founder.drawn.member, founder.drawn.salt, address)),
                             address, founder.drawn.salt};
      enrol(admissions().admit({&wanted, 1}).value().front());
      auto act = community.act(governance::Act::Kind::set_citizen_key, founder.drawn.member);
      act.citizen_key = founder.key.public_key();
      EXPECT_TRUE(admissions().record(community.sign(act)));
    }
  }
  void say(const Newcomer& by, Vouch::Kind kind, const Newcomer& of) {
    const auto said = admissions().record_vouch(by.vouching(kind, of));
    ASSERT_TRUE(said) << said.error().text();
  }
  /// Asked to join, with both vouches.
  void stand(const Newcomer& candidate) {
    say(founders[0], Vouch::Kind::invite, candidate);
    const auto joined = admissions().join(request_of(candidate));
    ASSERT_TRUE(joined) << joined.error().text();
    EXPECT_EQ(joined->as, Joined::As::candidate);
    say(founders[1], Vouch::Kind::vouch, candidate);
  }
  std::vector<MemberId> settle() { return admissions().settle(community.clock.now()); }

  std::deque<Newcomer> founders;
};

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
  const Newcomer dot(pod.community, "dot@pod.lab"), other(pod.community, "dot@pod.lab");
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
  const Newcomer dot(pod.community, "dot@pod.lab"), eve(pod.community, "eve@pod.lab");
  pod.stand(dot);
  pod.stand(eve);
  pod.directory->remove({&dot.drawn.member, 1});
  pod.community.clock.advance(days(3));
  EXPECT_EQ(pod.settle(), std::vector<MemberId>{eve.drawn.member}) << "and nobody waits for it";
  EXPECT_EQ(pod.registry->gate().roster()->find(dot.drawn.member), nullptr);
}

/// Full from the call on at which the entry is durable, so that the directory cannot say what the record says.
TEST(FailureAsACandidateComesIn, IsMadeGoodByTheNextLook) {
  bool finished = false, behind = false;
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
  std::uint64_t candidates = 0, members = 0;
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
