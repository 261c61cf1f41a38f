#include <mailpod/governance/federation.hpp>

#include <gtest/gtest.h>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using std::chrono::days;
using Line = FederationRule::Line;

class FederationTest : public testing::Test {
protected:
  FederationTest() { community.charter.votes.notice_days = 0; }

  void found() { roster.emplace(community.chain()); }
  Errc apply(Act::Kind kind, const std::string& domain, const std::string& reason = "spam") {
    auto act = community.act(kind, {});
    act.domain = domain;
    act.reason = reason;
    last_act = community.sign(act);
    const auto applied = roster->apply(last_act, community.clock.now());
    return applied ? Errc{} : applied.error().code;
  }
  /// The charter as it is now, as the successor of the last one.
  void succeed() {
    const auto last = roster->charters().latest_identity();
    ++community.charter.seq;
    community.charter.prev = last;
    community.charter.issued = community.charter.effective = community.clock.now();
    const auto accepted = roster->apply_charter(community.signed_charter(), community.clock.now());
    ASSERT_TRUE(accepted) << accepted.error().text();
  }
  FederationRule rule(std::string_view domain) { return federation_rule(*roster, domain, community.clock.now()); }
  /// What decides, in short: `no deny bad.example`.
  std::string decided(std::string_view domain) {
    const auto found = rule(domain);
    return (found.exchanges ? "yes " : "no ") + std::string(name_of(found.line)) +
           (found.entry.empty() ? "" : " " + found.entry) + (found.needs_proof ? " proved" : "");
  }

  simulation::Community community;
  std::optional<Roster> roster;
  SignedFile last_act;
};

TEST_F(FederationTest, IsOpenWhereNothingIsSaid) {
  found();
  EXPECT_EQ(decided("any.example"), "yes policy");
  EXPECT_TRUE(is_federation_open(*roster, community.clock.now()));
  EXPECT_TRUE(federation_entries(*roster, community.clock.now()).empty());
}

TEST_F(FederationTest, TheLongestEntryDecidesAndCoversWhatIsBelow) {
  community.charter.federation.policy = Charter::Federate::deny;
  community.charter.federation.deny = {"bad.example", "x.good.example", "both.example"};
  community.charter.federation.allow = {"good.example", "fine.bad.example", "both.example"};
  found();
  const std::pair<const char*, const char*> cases[] = {
      {"bad.example", "no deny bad.example"},
      {"mail.bad.example", "no deny bad.example"},
      {"notbad.example", "yes policy"},
      {"example", "yes policy"},
      {"bad.example.org", "yes policy"},
      {"fine.bad.example", "yes allow fine.bad.example proved"},
      {"mx.fine.bad.example", "yes allow fine.bad.example proved"},
      {"good.example", "yes allow good.example"},
      {"x.good.example", "no deny x.good.example"},
      {"both.example", "no deny both.example"},
      {"", "yes policy"},
  };
  for (const auto& [domain, wanted] : cases) EXPECT_EQ(decided(domain), wanted) << domain;
  EXPECT_FALSE(is_federation_open(*roster, community.clock.now()));
  EXPECT_EQ(place_of(rule("mail.bad.example")), "charter 1, [federation] deny");
}

TEST_F(FederationTest, WhatIsDeniedIsDeniedUnderEveryPolicy) {
  for (const auto policy : {Charter::Federate::open, Charter::Federate::allow, Charter::Federate::deny}) {
    community.charter.federation = {};
    community.charter.federation.policy = policy;
    community.charter.federation.deny = {"bad.example"};
    found();
    EXPECT_EQ(decided("bad.example"), "no deny bad.example");
    EXPECT_FALSE(is_federation_open(*roster, community.clock.now()));
  }
}

TEST_F(FederationTest, AnAllowListLetsInWhatItNamesAndAsksForProof) {
  community.charter.federation.policy = Charter::Federate::allow;
  community.charter.federation.allow = {"good.example"};
  found();
  EXPECT_EQ(decided("lists.good.example"), "yes allow good.example proved");
  EXPECT_EQ(decided("other.example"), "no policy");
  EXPECT_EQ(place_of(rule("other.example")), "charter 1, [federation] policy = allow");
  EXPECT_FALSE(is_federation_open(*roster, community.clock.now()));
}

TEST_F(FederationTest, ActsOutweighTheCharterUntilTheNextOne) {
  community.charter.federation.deny = {"bad.example"};
  found();
  EXPECT_EQ(apply(Act::Kind::defederate, "worse.example"), Errc{});
  EXPECT_EQ(decided("mx.worse.example"), "no defederate worse.example");
  EXPECT_EQ(rule("worse.example").act->reason, "spam");
  EXPECT_EQ(rule("worse.example").act->act, identity(last_act.octets));
  EXPECT_EQ(apply(Act::Kind::defederate, "worse.example"), Errc::already_added);
  EXPECT_EQ(apply(Act::Kind::federate, "bad.example", ""), Errc{});
  EXPECT_EQ(decided("bad.example"), "yes federate bad.example proved") << "the charter would refuse it";
  EXPECT_EQ(apply(Act::Kind::federate, "worse.example", ""), Errc{}) << "it made peace";
  EXPECT_EQ(decided("worse.example"), "yes federate worse.example");
  EXPECT_EQ(apply(Act::Kind::defederate, "worse.example", "and broke it"), Errc{});
  EXPECT_EQ(decided("worse.example"), "no defederate worse.example");
  EXPECT_EQ(roster->federation_acts(), 4U);
}

TEST_F(FederationTest, AnActOutlivesCharters) {
  found();
  EXPECT_EQ(apply(Act::Kind::defederate, "bad.example"), Errc{});
  EXPECT_EQ(apply(Act::Kind::defederate, "worse.example"), Errc{});
  community.charter.federation.allow = {"bad.example"};
  community.charter.federation.deny = {"sub.worse.example"};
  succeed();
  EXPECT_EQ(decided("bad.example"), "yes allow bad.example") << "the charter speaks of it, and is newer";
  EXPECT_EQ(decided("worse.example"), "no defederate worse.example") << "nobody comes back by a renewal";
  EXPECT_EQ(place_of(rule("worse.example")).substr(0, 27), "charter 1, defederate of 20");
  EXPECT_EQ(apply(Act::Kind::defederate, "bad.example"), Errc{}) << "the old act counts no more";
  EXPECT_EQ(decided("bad.example"), "no defederate bad.example");
  EXPECT_EQ(rule("bad.example").charter, 2U);
}

TEST_F(FederationTest, AnActThatACharterEndedDoesNotComeBack) {
  found();
  EXPECT_EQ(apply(Act::Kind::federate, "bad.example", ""), Errc{});
  community.charter.federation.policy = Charter::Federate::allow;
  succeed();
  EXPECT_EQ(decided("bad.example"), "yes federate bad.example proved");
  community.charter.federation.deny = {"bad.example"};
  succeed();
  EXPECT_EQ(decided("bad.example"), "no deny bad.example");
  community.charter.federation.deny = {};
  succeed();
  EXPECT_EQ(decided("bad.example"), "no policy");
  EXPECT_TRUE(federation_entries(*roster, community.clock.now()).empty());
}

TEST_F(FederationTest, ACharterAcceptedBeforeTheActDoesNotEndIt) {
  found();
  community.charter.federation.allow = {"bad.example"};
  community.charter.prev = roster->charters().latest_identity();
  community.charter.seq = 2;
  community.charter.effective = community.clock.now() + days(3);
  ASSERT_TRUE(roster->apply_charter(community.signed_charter(), community.clock.now()));
  community.clock.advance(days(1));
  auto act = community.act(Act::Kind::defederate, {});
  act.charter = 1;
  act.domain = "bad.example";
  act.reason = "spam";
  ASSERT_TRUE(roster->apply(community.sign(act), community.clock.now()));
  community.clock.advance(days(3));
  EXPECT_EQ(rule("elsewhere.example").charter, 2U);
  EXPECT_EQ(decided("bad.example"), "no defederate bad.example");
  EXPECT_FALSE(is_federation_open(*roster, community.clock.now()));
}

TEST_F(FederationTest, ARenewalThatCopiesTheListsEndsNoAct) {
  community.charter.federation.allow = {"bad.example"};
  community.charter.federation.deny = {"good.example"};
  found();
  EXPECT_EQ(apply(Act::Kind::defederate, "bad.example"), Errc{});
  EXPECT_EQ(apply(Act::Kind::federate, "good.example", ""), Errc{});
  community.clock.advance(days(300));
  community.charter.expires = community.clock.now() + days(365);
  for (auto& maintainer : community.charter.maintainers) maintainer.to = community.charter.expires;
  succeed();
  EXPECT_EQ(decided("bad.example"), "no defederate bad.example");
  EXPECT_EQ(decided("good.example"), "yes federate good.example proved");
  community.charter.federation.allow = {};
  succeed();
  EXPECT_EQ(decided("bad.example"), "no defederate bad.example") << "a name left out lets nobody in";
}

TEST_F(FederationTest, ActsNeedTheThresholdAndAreNotAboutOurselves) {
  simulation::Community three(3, 2);
  roster.emplace(three.chain());
  const auto judged = [&](const std::string& domain, std::vector<std::size_t> signers) {
    auto act = three.act(Act::Kind::defederate, {});
    act.domain = domain;
    act.reason = "spam";
    const auto applied = roster->apply(three.sign(act, std::move(signers)), three.clock.now());
    return applied ? Errc{} : applied.error().code;
  };
  EXPECT_EQ(judged("bad.example", {0}), Errc::below_threshold);
  EXPECT_TRUE(is_federation_open(*roster, three.clock.now()));
  EXPECT_EQ(judged("pod.lab", {0, 1}), Errc::bad_value);
  EXPECT_EQ(judged("bad.example", {0, 1}), Errc{});
}

TEST_F(FederationTest, WhoeverCutsOthersOffSaysWhy) {
  auto act = community.act(Act::Kind::defederate, {});
  act.domain = "bad.example";
  const auto read = parse_act(write_act(act), "an act");
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::missing_key);
  act.kind = Act::Kind::federate;
  EXPECT_TRUE(parse_act(write_act(act), "an act")) << "peace needs no reason";
}

TEST_F(FederationTest, AListShowsEachNameOnceAsItCounts) {
  community.charter.federation.allow = {"a.example", "both.example"};
  community.charter.federation.deny = {"b.example", "both.example"};
  found();
  EXPECT_EQ(apply(Act::Kind::defederate, "a.example"), Errc{});
  std::string all;
  for (const auto& entry : federation_entries(*roster, community.clock.now()))
    all += entry.entry + " " + std::string(name_of(entry.line)) + "; ";
  EXPECT_EQ(all, "a.example defederate; b.example deny; both.example deny; ");
}

}  // namespace
}  // namespace mailpod::governance
