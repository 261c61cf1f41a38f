#pragma once

#include <deque>

#include <mailpod/text/base32.hpp>

#include "household.hpp"
#include "simulation/newcomer.hpp"

namespace mailpod::members {

using simulation::Newcomer;

inline JoinRequest request_of(const Newcomer& newcomer) {
  return {newcomer.joining(), newcomer.address, newcomer.drawn.salt, newcomer.drawn.code};
}

inline EnrolmentRequest enrolment_of(const Newcomer& newcomer) {
  return {newcomer.address, text::write_code(base::octets(newcomer.drawn.code)), {std::nullopt, "phone"}};
}

inline void invite(Pod& pod, const Newcomer& newcomer) {
  ASSERT_TRUE(pod.admissions().record(pod.community.sign(newcomer.invite_act())));
}

inline bool takes_mail(Pod& pod, const Newcomer& newcomer) {
  const auto* person = pod.directory->state()->find(newcomer.address);
  return person != nullptr && person->has_card() &&
         pod.registry->gate().may_receive(person->id, pod.community.clock.now()).has_value();
}

/// A pod where two vouches and three days make a member, with two founders who have keys.
struct VouchedPod : Pod {
  explicit VouchedPod(std::uint32_t objection_days = 3) {
    community.charter.members.join = governance::Charter::Join::vouches;
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
  void say(const Newcomer& by, governance::Vouch::Kind kind, const Newcomer& of) {
    const auto said = admissions().record_vouch(by.vouching(kind, of));
    ASSERT_TRUE(said) << said.error().text();
  }
  /// Asked to join, with both vouches.
  void stand(const Newcomer& candidate) {
    say(founders[0], governance::Vouch::Kind::invite, candidate);
    const auto joined = admissions().join(request_of(candidate));
    ASSERT_TRUE(joined) << joined.error().text();
    EXPECT_EQ(joined->as, Joined::As::candidate);
    say(founders[1], governance::Vouch::Kind::vouch, candidate);
  }
  std::vector<MemberId> settle() { return admissions().settle(community.clock.now()); }

  std::deque<Newcomer> founders;
};

}  // namespace mailpod::members
