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

TEST(CharterChain, TakesExactlyTheFileThatTheMembersVotedFor) {
  Community community(3, 2);
  const auto now = community.clock.now();
  const auto accept = [&](const SignedFile& file, const Mandate& mandate) {
    CharterChain chain = community.chain();
    const auto accepted = chain.accept(file, now, mandate);
    return accepted ? Errc{} : accepted.error().code;
  };
  for (const auto& change : std::vector<std::function<void(Charter&)>>{
           [](Charter& c) { c.votes.quorum_percent = 1; }, [](Charter& c) { c.recovery.wait_days = 1; },
           [](Charter& c) { c.threshold = 1; }, [](Charter& c) { c.privacy.log_days = 90; }}) {
    const auto file = successor(community, change);
    EXPECT_EQ(accept(file, {}), Errc::needs_vote);
    EXPECT_EQ(accept(file, {Hash{1}}), Errc::needs_vote) << "on another file";
    EXPECT_EQ(accept(file, {identity(file.octets)}), Errc{});
  }
  // A vote stands in for nothing else.
  const auto alone = successor(community, [](Charter& c) { c.threshold = 1; }, {0});
  EXPECT_EQ(accept(alone, {identity(alone.octets)}), Errc::below_threshold);
  const auto hasty = successor(community, [](Charter& c) { c.effective = c.issued; });
  EXPECT_EQ(accept(hasty, {identity(hasty.octets)}), Errc::notice_not_kept);
}

TEST(CharterChain, NamesEveryPartThatNeedsAVote) {
  Community community;
  Charter next = community.charter;
  EXPECT_TRUE(parts_that_need_a_vote(community.charter, next).empty());
  next.votes.notice_days = 1;
  next.privacy.log_days = 1;
  next.limits.quota_mib = 1;
  EXPECT_EQ(parts_that_need_a_vote(community.charter, next), (std::vector<std::string_view>{"[votes]", "[privacy]"}));
}

TEST(CharterChain, ElectedMaintainersActAndThoseBeforeThemDoNot) {
  Community community(4, 2);
  const auto all = community.charter.maintainers;
  community.charter.maintainers = {all[0], all[1]};
  const auto first = community.sign(write_charter(community.charter), {0, 1});
  const auto now = community.clock.now();
  Roster before(CharterChain::found(first, community.pin()).value());
  auto chain = before.charters();
  // One that waits for its time, and names those who were in office.
  ASSERT_TRUE(chain.accept(successor(community, {}, {0, 1}), now));
  chain.elect({all[2], all[3]}, now + days(1));
  Roster after(chain);
  const auto admit = [&](Roster roster, base::Time at, std::uint64_t seq, std::vector<std::size_t> signers) {
    auto act = community.admission(community.newcomer());
    act.charter = seq;
    act.expires = act.issued + days(20);
    const auto applied = roster.apply(community.sign(act, std::move(signers)), at);
    return applied ? Errc{} : applied.error().code;
  };
  EXPECT_EQ(admit(before, now + days(1), 1, {0, 1}), Errc{});
  EXPECT_EQ(admit(after, now + days(1), 1, {0, 1}), Errc::signature_unknown_key);
  EXPECT_EQ(admit(after, now + days(1), 1, {2, 3}), Errc{});
  EXPECT_EQ(admit(after, now + days(8), 2, {0, 1}), Errc::signature_unknown_key) << "though charter 2 names them";
  EXPECT_EQ(admit(after, now + days(8), 2, {2, 3}), Errc{});

  // The next charter needs the elected ones, and names whom it likes.
  Charter third = community.charter;
  third.seq = 3;
  third.prev = chain.latest_identity();
  third.effective = third.issued + days(20);
  third.maintainers = {all[0], all[2]};
  EXPECT_FALSE(CharterChain(chain).accept(community.sign(write_charter(third), {0, 1}), now + days(1)));
  EXPECT_TRUE(CharterChain(chain).accept(community.sign(write_charter(third), {0, 2, 3}), now + days(1)));
}

TEST(CharterChain, AnElectionLeavesThePastAsItWas) {
  Community community(4, 2);
  const auto now = community.clock.now();
  auto chain = community.chain();
  ASSERT_TRUE(chain.accept(successor(community), now));
  chain.elect({community.charter.maintainers[3]}, now + days(8));
  EXPECT_EQ(chain.charter(1).maintainers.size(), 4U);
  EXPECT_EQ(chain.charter(2).maintainers.size(), 1U);
  EXPECT_EQ(chain.accepted_at(2), now);
}

TEST(CharterChain, TakesOneSignatureForOneKeyOnly) {
  Community community(3, 2);
  auto file = successor(community, {}, {0});
  file.minisigs.push_back(file.minisigs.front());
  EXPECT_EQ(refusal(community, file, community.clock.now()), Errc::signature_repeated);
}

TEST(CharterChain, CountsNobodyWhoseTermIsOver) {
  Community community(3, 2);
  for (const std::size_t i : {0U, 1U}) community.charter.maintainers[i].to = community.charter.issued + days(5);
  // In term when it is accepted, and not when it takes effect; and the other way round.
  Charter next = community.charter;
  next.seq = 2;
  next.prev = community.pin();
  next.effective = next.issued + days(7);
  EXPECT_EQ(parse_charter(write_charter(next), "next").error().code, Errc::bad_value);
  Community later(3, 2);
  for (const std::size_t i : {0U, 1U}) later.charter.maintainers[i].to = later.charter.issued + days(9);
  EXPECT_EQ(refusal(later, successor(later, {}, {0, 1}), later.clock.now()), Errc{});
  EXPECT_EQ(refusal(later,
                    successor(later,
                              [](Charter& c) {
                                c.effective += days(20);
                                c.threshold = 1;
                              },
                              {0, 1}),
                    later.clock.now() + days(9)),
            Errc::maintainer_out_of_term);
}

}  // namespace
}  // namespace mailpod::governance
