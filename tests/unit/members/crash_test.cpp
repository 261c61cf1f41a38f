#include <gtest/gtest.h>

#include <algorithm>

#include "household.hpp"
#include "member_folder.hpp"

/// Power is lost at every mutating call of admission, enrolment and making an app password, and the disk comes back in
/// several legal states each; production code must then complete or forget, and never lose a vault or give one to two.
namespace mailpod::members {
namespace {

using Progress = Person::Progress;
constexpr std::uint64_t states_a_call = 8;

TEST(CrashDuringAdmission, LeavesAMemberOrNone) {
  std::uint64_t states = 0;
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      const auto admission = pod.admission("alice@pod.lab");
      pod.disk->crash_at_call(pod.disk->calls() + call);
      std::optional<Invitation> invitation;
      try {
        invitation = pod.admissions().admit({&admission, 1}).value().front();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      ++states;
      const auto id = governance::parse_act(admission.act.octets, "act")->member;
      const auto* person = pod.directory->state()->find(id);
      const bool member = pod.registry->gate().may_receive(id, pod.community.clock.now()).has_value();
      ASSERT_EQ(person != nullptr, member);
      if (invitation) {
        ASSERT_EQ(person->progress, Progress::invited);
        EXPECT_TRUE(pod.logs_in("alice", pod.enrol(*invitation).app->password));
        continue;
      }
      if (person == nullptr) {
        EXPECT_TRUE(pod.logs_in("alice", pod.enrol(pod.admit("alice@pod.lab")).app->password)) << "the address is free";
        continue;
      }
      if (person->progress != Progress::invited) {
        EXPECT_FALSE(find_card(pod.household(), id)) << "no mail may be sealed to a code that nobody saw";
      }
      const auto act = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, id));
      const auto again = pod.admissions().reissue(act);
      ASSERT_TRUE(again) << again.error().text();
      EXPECT_TRUE(pod.logs_in("alice", pod.enrol(*again).app->password));
    }
  }
  EXPECT_GT(states, 200u);
}

bool is_enrolment(const Slot& slot) {
  return slot.label.type == SlotType::enrolment;
}

TEST(CrashDuringEnrolment, TheSameCodeFinishesItUntilItsSlotIsGone) {
  std::uint64_t states = 0;
  std::uint64_t untold = 0;  // enrolled durably, and nobody was given the secrets
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      const auto invitation = pod.admit("alice@pod.lab");
      const EnrolmentChoice choice{"a long password", "phone"};
      pod.disk->crash_at_call(pod.disk->calls() + call);
      std::optional<Enrolled> enrolled;
      try {
        enrolled = pod.keys->enrol({invitation.address, invitation.code, choice}).value();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      ++states;
      const auto progress = pod.directory->state()->find("alice")->progress;
      const auto left = slots_of(pod.household(), invitation.member).list(invitation.member).slots;
      const bool code_is_there = std::ranges::any_of(left, is_enrolment);
      if (enrolled) {
        ASSERT_EQ(progress, Progress::enrolled);
        EXPECT_TRUE(pod.logs_in("alice", enrolled->app->password));
      }
      if (enrolled || !code_is_there) {
        ASSERT_EQ(progress, Progress::enrolled);
        EXPECT_TRUE(pod.logs_in("alice", "a long password"));
        continue;
      }
      if (progress == Progress::enrolled) ++untold;
      const auto again = pod.keys->enrol({invitation.address, invitation.code, choice});
      ASSERT_TRUE(again) << again.error().message() << " call " << call;
      EXPECT_TRUE(pod.logs_in("alice", again->app->password));
      EXPECT_TRUE(pod.logs_in("alice", "a long password"));
      EXPECT_EQ(slots_of(pod.household(), invitation.member).list(invitation.member).slots.size(), 2u)
          << "no slot of the first try is left";
    }
  }
  EXPECT_GT(states, 200u);
  EXPECT_GT(untold, 0u);
}

TEST(CrashDuringEnrolment, NeverChangesTheVaultOnceItsCardWasWritten) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const auto invitation = pod.admit("alice@pod.lab");
    const auto first_card = *find_card(pod.household(), invitation.member);
    pod.disk->crash_at_call(pod.disk->calls() + call);
    try {
      pod.enrol(invitation);
      finished = true;
    } catch (const simulation::PowerLoss&) {
    }
    pod.crash(call);
    const auto card = *find_card(pod.household(), invitation.member);
    if (pod.directory->state()->find("alice")->progress == Progress::enrolled) continue;
    pod.enrol(invitation);
    if (card.drop_key_number == first_card.drop_key_number) continue;
    // Mail may have been sealed to that card in between.
    EXPECT_EQ(find_card(pod.household(), invitation.member)->drop_recipient, card.drop_recipient);
  }
}

TEST(CrashWhileAddingAnAppPassword, KeepsTheOldOne) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      Pod pod;
      const auto phone = pod.enrol(pod.admit("alice@pod.lab")).app->password;
      pod.disk->crash_at_call(pod.disk->calls() + call);
      std::optional<AppPassword> laptop;
      try {
        laptop = pod.keys->add_app_password("alice", phone, "laptop").value();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      pod.crash(seed);
      EXPECT_TRUE(pod.logs_in("alice", phone));
      if (laptop) EXPECT_TRUE(pod.logs_in("alice", laptop->password));
    }
  }
}

TEST(FailureDuringAdmission, LeavesNothingThatTheNextTryStumblesOver) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const auto admission = pod.admission("alice@pod.lab");
    pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
    try {
      finished = pod.admissions().admit({&admission, 1}).has_value();
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    const auto id = governance::parse_act(admission.act.octets, "act")->member;
    if (finished) break;
    if (pod.registry->gate().may_receive(id, pod.community.clock.now())) {
      const auto act = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, id));
      const auto again = pod.admissions().reissue(act);
      ASSERT_TRUE(again) << "call " << call << ": " << again.error().text();
      EXPECT_TRUE(pod.logs_in("alice", pod.enrol(*again).app->password));
    } else {
      EXPECT_TRUE(pod.logs_in("alice", pod.enrol(pod.admit("alice@pod.lab")).app->password)) << "call " << call;
    }
  }
}

TEST(FailureDuringEnrolment, TheSameCodeWorksOnceTheDiskDoes) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    Pod pod;
    const auto invitation = pod.admit("alice@pod.lab");
    pod.disk->fail_call(pod.disk->calls() + call, ENOSPC);
    try {
      pod.enrol(invitation);
      finished = true;
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    if (finished) break;
    const auto again = pod.keys->enrol({invitation.address, invitation.code, {std::nullopt, "phone"}});
    ASSERT_TRUE(again) << "call " << call << ": " << again.error().message();
    EXPECT_TRUE(pod.logs_in("alice", again->app->password));
  }
}

TEST(FailureDuringEnrolment, ASlotThatCouldNotBeRemovedGoesAtTheNextLogin) {
  const auto enrolment_slots = [](Pod& pod, MemberId id) {
    const auto slots = slots_of(pod.household(), id).list(id).slots;
    return std::ranges::count_if(slots, is_enrolment);
  };
  bool seen = false;
  for (std::uint64_t call = 1; !seen && call < 200; ++call) {
    Pod pod;
    const auto invitation = pod.admit("alice@pod.lab");
    pod.disk->fail_call(pod.disk->calls() + call, EIO);
    std::optional<Enrolled> enrolled;
    try {
      enrolled = pod.enrol(invitation);
    } catch (const std::system_error&) {
    }
    pod.disk->heal();
    if (!enrolled || enrolment_slots(pod, invitation.member) == 0) continue;
    seen = true;
    EXPECT_TRUE(pod.logs_in("alice", enrolled->app->password));
    EXPECT_EQ(enrolment_slots(pod, invitation.member), 0);
    EXPECT_EQ(pod.keys->enrol({invitation.address, invitation.code, {{}, "x"}}).error(), Errc::already_enrolled);
  }
  EXPECT_TRUE(seen);
}

}  // namespace
}  // namespace mailpod::members
