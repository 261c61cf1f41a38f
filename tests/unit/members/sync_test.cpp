#include <gtest/gtest.h>

#include <algorithm>

#include "household.hpp"
#include "member_folder.hpp"

/// Each sync of admission, enrolment and suspension is needed: without it, some legal state after a power loss lacks
/// what was acknowledged.
namespace mailpod::members {
namespace {

/// Everything that maintainers and a member were told is so; false as soon as something is not.
bool stands_after_power_loss(const std::string& omitted, std::uint64_t seed) {
  Pod pod;
  if (!omitted.empty()) pod.disk->omit_sync(omitted);
  const auto lost = pod.admit("alice@pod.lab");
  const auto reissue = pod.community.sign(pod.community.act(governance::Act::Kind::reissue, lost.member));
  const auto invitation = pod.admissions().reissue(reissue).value();
  const auto phone = pod.enrol(invitation).app->password;
  const auto laptop = pod.keys->add_app_password("alice", phone, "laptop").value().password;
  pod.keys->revoke("alice", laptop, "phone").value();
  const auto bob = pod.admit("bob@pod.lab");
  const auto suspension = pod.community.suspension(bob.member, std::chrono::hours(48));
  pod.admissions().record(pod.community.sign(suspension)).value();
  const auto card = *find_card(pod.household(), lost.member);
  try {
    pod.crash(seed);
    const auto now = pod.community.clock.now();
    const auto found = find_card(pod.household(), lost.member);
    const auto& gate = pod.registry->gate();
    // What was revoked, and the code, are worth nothing by the directory's word; they are gone from the disk as well.
    const auto left = slots_of(pod.household(), lost.member).list(lost.member).slots.size();
    return left == 1 && pod.logs_in("alice", laptop) && !pod.logs_in("alice", phone) && found &&
           found->drop_recipient == card.drop_recipient && !gate.may_receive(bob.member, now) &&
           gate.roster()->find(bob.member) != nullptr &&
           pod.directory->state()->find("alice")->progress == Person::Progress::enrolled &&
           pod.directory->state()->tally().count == 4;
  } catch (const std::exception&) {
    return false;
  }
}

/// Where admission and enrolment sync, beyond what setting up the pod did; and the places of base, which both use. The
/// store's own matter to mail only, and are tried with mail by its tests.
std::vector<std::string> places() {
  Pod pod;
  const auto before = pod.disk->sync_places();
  pod.enrol(pod.admit("alice@pod.lab"));
  std::vector<std::string> out;
  for (const auto& place : pod.disk->sync_places()) {
    const bool is_ours = place.starts_with("members/") || place.starts_with("governance/");
    const bool is_new = std::ranges::find(before, place) == before.end();
    if (place.starts_with("base/") || (is_ours && is_new)) out.push_back(place);
  }
  return out;
}

TEST(PowerLoss, TakesNothingThatWasAcknowledged) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) EXPECT_TRUE(stands_after_power_loss("", seed)) << seed;
}

TEST(PowerLoss, WithoutAnyOneSyncTakesSomething) {
  ASSERT_GE(places().size(), 3u);
  for (const auto& place : places()) {
    bool lost = false;
    for (std::uint64_t seed = 0; seed < 50 && !lost; ++seed) lost = !stands_after_power_loss(place, seed);
    EXPECT_TRUE(lost) << place;
  }
}

}  // namespace
}  // namespace mailpod::members
