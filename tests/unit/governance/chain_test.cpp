#include <gtest/gtest.h>

#include <functional>

#include <mailpod/governance/charter.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;

/// The community's charter 2, as good as it can be; `change` spoils or alters it.
SignedFile successor(const Community& community, const std::function<void(Charter&)>& change = {},
                     std::vector<std::size_t> signers = {}) {
  Charter next = community.charter;
  next.seq = 2;
  next.prev = community.pin();
  next.effective = next.issued + days(community.charter.votes.notice_days);
  if (change) change(next);
  return community.sign(write_charter(next), std::move(signers));
}

Errc refusal(const Community& community, const SignedFile& file, base::Time at) {
  CharterChain chain = community.chain();
  const auto accepted = chain.accept(file, at);
  EXPECT_EQ(chain.size(), accepted ? 2u : 1u);
  return accepted ? Errc{} : accepted.error().code;
}

TEST(CharterChain, BeginsWithThePinnedCharterOnly) {
  Community community;
  const auto file = community.signed_charter();
  EXPECT_TRUE(CharterChain::found(file, community.pin()));
  EXPECT_EQ(CharterChain::found(file, Hash{1}).error().code, Errc::not_the_pinned_charter);
}

TEST(CharterChain, NoticesEveryChangedOctetOfTheFirstCharter) {
  Community community;
  const auto file = community.signed_charter();
  for (std::size_t i = 0; i < file.octets.size(); ++i) {
    auto changed = file;
    changed.octets[i] = static_cast<char>(changed.octets[i] ^ 1);
    EXPECT_EQ(CharterChain::found(changed, community.pin()).error().code, Errc::not_the_pinned_charter);
    // Even to somebody who pinned the forgery, the signature does not fit.
    EXPECT_FALSE(CharterChain::found(changed, identity(changed.octets)));
  }
}

TEST(CharterChain, AcceptsASuccessorAndLetsItRuleOnceItTakesEffect) {
  Community community(3, 2);
  CharterChain chain = community.chain();
  const auto now = community.clock.now();
  const auto accepted = chain.accept(successor(community), now);
  ASSERT_TRUE(accepted) << accepted.error().text();
  EXPECT_EQ(chain.at(now).seq, 1u);
  EXPECT_EQ(chain.at(now + days(7)).seq, 2u);
  EXPECT_EQ(chain.latest().seq, 2u);
}

TEST(CharterChain, RefusesEachBreachWithItsOwnReason) {
  Community community(3, 2);
  const auto now = community.clock.now();
  const auto after = [&](const std::function<void(Charter&)>& change) {
    return refusal(community, successor(community, change), now);
  };
  EXPECT_EQ(after({}), Errc{});
  EXPECT_EQ(after([](Charter& c) { c.seq = 3; }), Errc::sequence_gap);
  EXPECT_EQ(after([](Charter& c) { c.prev = Hash{7}; }), Errc::wrong_previous);
  EXPECT_EQ(after([](Charter& c) { c.pod = "other.lab"; }), Errc::wrong_pod);
  EXPECT_EQ(after([](Charter& c) { c.expires = c.issued + days(401); }), Errc::valid_too_long);
  EXPECT_EQ(after([](Charter& c) { c.expires = c.issued + days(400); }), Errc{});
  EXPECT_EQ(after([](Charter& c) { c.effective -= std::chrono::seconds(1); }), Errc::notice_not_kept);
  EXPECT_EQ(after([](Charter& c) { c.issued += std::chrono::minutes(6); }), Errc::not_yet_issued);
  EXPECT_EQ(after([](Charter& c) { c.votes.quorum_percent = 1; }), Errc::needs_vote);
  EXPECT_EQ(after([](Charter& c) { c.recovery.wait_days = 1; }), Errc::needs_vote);
  EXPECT_EQ(after([](Charter& c) { c.threshold = 1; }), Errc::needs_vote);
  EXPECT_EQ(after([](Charter& c) { c.privacy.passwords = Charter::Passwords::any; }), Errc::needs_vote);
  EXPECT_EQ(after([](Charter& c) { c.limits.quota_mib = 5; }), Errc{});
  EXPECT_EQ(refusal(community, successor(community), now + days(366)), Errc::already_expired);
  EXPECT_EQ(refusal(community, successor(community), now + days(1)), Errc::notice_not_kept);
}

TEST(CharterChain, NeedsTheThresholdOfTheOldAndOfTheNewMaintainers) {
  Community community(4, 2);
  // Maintainers 1 and 2 rule charter 1; 3 and 4 take over in charter 2.
  const auto all = community.charter.maintainers;
  community.charter.maintainers = {all[0], all[1]};
  const auto first = community.sign(write_charter(community.charter), {0, 1});
  const auto next = [&](std::vector<std::size_t> signers) {
    auto chain = CharterChain::found(first, community.pin()).value();
    const auto file = successor(community, [&](Charter& c) { c.maintainers = {all[2], all[3]}; }, std::move(signers));
    const auto accepted = chain.accept(file, community.clock.now());
    return accepted ? Errc{} : accepted.error().code;
  };
  EXPECT_EQ(next({0, 1}), Errc::below_threshold);
  EXPECT_EQ(next({2, 3}), Errc::below_threshold);
  EXPECT_EQ(next({0, 2, 3}), Errc::below_threshold);
  EXPECT_EQ(next({0, 1, 2}), Errc::below_threshold);
  EXPECT_EQ(next({0, 1, 2, 3}), Errc{});
}

TEST(CharterChain, GoesOnAfterItsCharterExpired) {
  Community community;
  community.charter.maintainers[0].to += days(400);
  const auto late = community.clock.now() + days(370);
  const auto file = successor(community, [&](Charter& c) {
    c.issued = late;
    c.effective = late + days(7);
    c.expires = late + days(300);
  });
  EXPECT_EQ(refusal(community, file, late), Errc{});
}

}  // namespace
}  // namespace mailpod::governance
