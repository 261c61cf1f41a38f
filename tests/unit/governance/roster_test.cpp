#include <gtest/gtest.h>

#include <mailpod/governance/roster.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;
using std::chrono::hours;

class RosterTest : public testing::Test {
protected:
  Errc apply(const Act& act, std::vector<std::size_t> signers = {}) {
    const auto applied = roster.apply(community.sign(act, std::move(signers)), community.clock.now());
    return applied ? Errc{} : applied.error().code;
  }
  MemberId admitted() {
    const MemberId id = community.newcomer();
    EXPECT_EQ(apply(community.admission(id)), Errc{});
    return id;
  }

  Community community{3, 2};
  Roster roster{community.chain()};
};

TEST_F(RosterTest, AdmitsByThreshold) {
  const MemberId id = community.newcomer();
  EXPECT_EQ(apply(community.admission(id), {1}), Errc::below_threshold);
  EXPECT_EQ(roster.find(id), nullptr);
  EXPECT_EQ(apply(community.admission(id), {1, 2}), Errc{});
  ASSERT_NE(roster.find(id), nullptr);
  EXPECT_EQ(roster.find(id)->principal, Principal::member);
  EXPECT_EQ(apply(community.admission(id)), Errc::already_admitted);
}

TEST_F(RosterTest, ExecutesAnActOnce) {
  const Act act = community.admission(community.newcomer());
  EXPECT_EQ(apply(act), Errc{});
  EXPECT_EQ(apply(act), Errc::nonce_seen);
}

TEST_F(RosterTest, JudgesTheFrameOfEveryAct) {
  const auto with = [&](const std::function<void(Act&)>& change) {
    Act act = community.admission(community.newcomer());
    change(act);
    return apply(act);
  };
  EXPECT_EQ(with([](Act& a) { a.pod = "other.lab"; }), Errc::wrong_pod);
  EXPECT_EQ(with([](Act& a) { a.charter = 2; }), Errc::wrong_charter);
  EXPECT_EQ(with([](Act& a) { a.expires = a.issued + days(31); }), Errc::act_valid_too_long);
  EXPECT_EQ(with([](Act& a) { a.issued += std::chrono::minutes(6); }), Errc::not_yet_issued);
  EXPECT_EQ(with([](Act& a) {
              a.issued -= days(8);
              a.expires -= days(7);
            }),
            Errc::act_expired);
}

TEST_F(RosterTest, FreezesActsUnderAnExpiredCharter) {
  const MemberId id = admitted();
  community.clock.advance(days(366));
  EXPECT_EQ(apply(community.admission(community.newcomer())), Errc::charter_expired);
  Gate gate(std::make_shared<Roster>(roster));
  EXPECT_TRUE(gate.may_receive(id, community.clock.now()));  // mail goes on
}

TEST_F(RosterTest, SuspendsForTwoWeeksAtMost) {
  const MemberId id = admitted();
  EXPECT_EQ(apply(community.suspension(id, days(15))), Errc::suspension_too_long);
  EXPECT_EQ(apply(community.suspension(id, days(14))), Errc{});
  EXPECT_TRUE(roster.find(id)->suspended(community.clock.now()));
  EXPECT_FALSE(roster.find(id)->suspended(community.clock.now() + days(14)));
}

TEST_F(RosterTest, FewerThanTheThresholdProtectForADayAndNotAgain) {
  const MemberId id = admitted();
  EXPECT_EQ(apply(community.suspension(id, hours(25)), {0}), Errc::suspension_too_long);
  EXPECT_EQ(apply(community.suspension(id, hours(24)), {0}), Errc{});
  community.clock.advance(hours(24));
  EXPECT_FALSE(roster.find(id)->suspended(community.clock.now()));
  EXPECT_EQ(apply(community.suspension(id, hours(24)), {1}), Errc::suspension_too_long);
  EXPECT_EQ(apply(community.suspension(id, hours(24)), {1, 2}), Errc{});
}

TEST_F(RosterTest, ReinstatesByThresholdOnly) {
  const MemberId id = admitted();
  EXPECT_EQ(apply(community.act(Act::Kind::reinstate, id)), Errc::not_suspended);
  EXPECT_EQ(apply(community.suspension(id, days(3))), Errc{});
  EXPECT_EQ(apply(community.act(Act::Kind::reinstate, id), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(community.act(Act::Kind::reinstate, id)), Errc{});
  EXPECT_FALSE(roster.find(id)->suspended(community.clock.now()));
}

TEST_F(RosterTest, ExpelsByThresholdOnlyWhereTheCharterSaysSo) {
  const MemberId id = admitted();
  EXPECT_EQ(apply(community.act(Act::Kind::expel, id)), Errc::needs_vote) << "what it says if it says nothing";
  community.charter.members.expulsion = Charter::Expulsion::threshold;
  roster = Roster(community.chain());
  const MemberId other = admitted();
  EXPECT_EQ(apply(community.act(Act::Kind::expel, other), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(community.act(Act::Kind::expel, other)), Errc{});
  Gate gate(std::make_shared<Roster>(roster));
  EXPECT_EQ(gate.may_receive(other, community.clock.now()).error(), Errc::not_admitted);
  EXPECT_EQ(gate.may_log_in(other, community.clock.now()).error(), Errc::not_admitted);
  for (const auto kind : {Act::Kind::expel, Act::Kind::reissue, Act::Kind::reinstate})
    EXPECT_EQ(apply(community.act(kind, other)), Errc::not_admitted) << "no act is about them any more";
  EXPECT_EQ(apply(community.admission(other)), Errc::already_admitted) << "an id is somebody's for ever";
}

TEST_F(RosterTest, SetsQuotasByThreshold) {
  const MemberId id = admitted();
  const MemberId other = admitted();
  const auto quota = [&](std::uint32_t mib, std::uint32_t messages) {
    auto act = community.act(Act::Kind::set_quota, id);
    act.quota_mib = mib;
    act.quota_messages = messages;
    return act;
  };
  const auto now = community.clock.now();
  constexpr std::uint64_t mib = 1024 * 1024;
  EXPECT_EQ(roster.allowance(id, now), (Allowance{1024 * mib, 0})) << "the charter's";
  EXPECT_EQ(apply(quota(5, 0), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(quota(5, 0)), Errc{});
  EXPECT_EQ(roster.allowance(id, now), (Allowance{5 * mib, 0}));
  EXPECT_EQ(roster.allowance(other, now), (Allowance{1024 * mib, 0})) << "it is another's";
  EXPECT_EQ(apply(quota(0, 7)), Errc{});
  EXPECT_EQ(roster.allowance(id, now), (Allowance{1024 * mib, 7})) << "the last one counts, as a whole";
}

TEST_F(RosterTest, AddsAndRemovesAliasesByThreshold) {
  const auto alias = [&](Act::Kind kind, MemberId id, unsigned char which) {
    auto act = community.act(kind, id);
    act.address_commitment = Hash{which};
    return act;
  };
  const MemberId id = admitted();
  EXPECT_EQ(apply(alias(Act::Kind::add_alias, id, 1), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(alias(Act::Kind::remove_alias, id, 1)), Errc::not_there);
  EXPECT_EQ(apply(alias(Act::Kind::add_alias, id, 1)), Errc{});
  EXPECT_EQ(apply(alias(Act::Kind::add_alias, id, 1)), Errc::already_added);
  EXPECT_EQ(roster.find(id)->aliases, (std::set<Hash>{Hash{1}}));
  EXPECT_EQ(apply(alias(Act::Kind::remove_alias, admitted(), 1)), Errc::not_there) << "it is another's";
  EXPECT_EQ(apply(alias(Act::Kind::remove_alias, id, 1), {2}), Errc::below_threshold);
  EXPECT_EQ(apply(alias(Act::Kind::remove_alias, id, 1)), Errc{});
  EXPECT_TRUE(roster.find(id)->aliases.empty());
  EXPECT_EQ(apply(alias(Act::Kind::add_alias, community.newcomer(), 1)), Errc::not_admitted);
}

TEST_F(RosterTest, AddsAndRemovesDomainsByThreshold) {
  const auto about = [&](Act::Kind kind, const std::string& domain) {
    auto act = community.act(kind, {});
    act.domain = domain;
    return act;
  };
  EXPECT_EQ(apply(about(Act::Kind::add_domain, "second.lab"), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(about(Act::Kind::remove_domain, "second.lab")), Errc::not_there);
  EXPECT_EQ(apply(about(Act::Kind::add_domain, "second.lab")), Errc{});
  EXPECT_EQ(apply(about(Act::Kind::add_domain, "second.lab")), Errc::already_added);
  EXPECT_EQ(apply(about(Act::Kind::add_domain, "pod.lab")), Errc::already_added);
  EXPECT_EQ(apply(about(Act::Kind::remove_domain, "pod.lab")), Errc::bad_value);
  EXPECT_TRUE(roster.domains().at("second.lab"));
  EXPECT_EQ(apply(about(Act::Kind::remove_domain, "second.lab")), Errc{});
  EXPECT_FALSE(roster.domains().at("second.lab"));
  EXPECT_EQ(apply(about(Act::Kind::add_domain, "second.lab")), Errc{});
  EXPECT_TRUE(roster.standings().empty()) << "a domain is no member";
}

TEST_F(RosterTest, SetsAndRemovesGroupsByThreshold) {
  const auto about = [&](Act::Kind kind, unsigned char id, std::optional<Hash> commitment) {
    auto act = community.act(kind, {});
    act.group = GroupId{id};
    act.group_commitment = commitment;
    return act;
  };
  EXPECT_EQ(apply(about(Act::Kind::set_group, 1, Hash{1}), {0}), Errc::below_threshold);
  EXPECT_EQ(apply(about(Act::Kind::remove_group, 1, {})), Errc::not_there);
  EXPECT_EQ(apply(about(Act::Kind::set_group, 1, Hash{1})), Errc{});
  EXPECT_EQ(apply(about(Act::Kind::set_group, 1, Hash{2})), Errc{});
  EXPECT_EQ(roster.groups(), (std::map<GroupId, Hash>{{GroupId{1}, Hash{2}}}));
  EXPECT_EQ(apply(about(Act::Kind::remove_group, 1, {}), {1}), Errc::below_threshold);
  EXPECT_EQ(apply(about(Act::Kind::remove_group, 1, {})), Errc{});
  EXPECT_TRUE(roster.groups().empty());
  EXPECT_TRUE(roster.standings().empty()) << "a group is no member";
}

TEST_F(RosterTest, KnowsNobodyWhoWasNotAdmitted) {
  EXPECT_EQ(apply(community.suspension(community.newcomer(), days(1))), Errc::not_admitted);
  EXPECT_EQ(apply(community.act(Act::Kind::reissue, community.newcomer())), Errc::not_admitted);
}

TEST_F(RosterTest, TheGateAnswersFourQuestions) {
  const MemberId id = admitted();
  const MemberId stranger = community.newcomer();
  const auto now = community.clock.now();
  Gate gate(std::make_shared<Roster>(roster));
  EXPECT_TRUE(gate.may_receive(id, now) && gate.may_log_in(id, now) && gate.may_submit(id, now) &&
              gate.may_be_enrolled(id, now));
  EXPECT_EQ(gate.may_receive(stranger, now).error(), Errc::not_admitted);
  EXPECT_EQ(apply(community.suspension(id, days(3))), Errc{});
  gate.publish(std::make_shared<Roster>(roster));
  EXPECT_EQ(gate.may_receive(id, now).error(), Errc::suspended);
  EXPECT_EQ(gate.may_log_in(id, now).error(), Errc::suspended);
  EXPECT_EQ(gate.may_submit(id, now).error(), Errc::suspended);
  EXPECT_TRUE(gate.may_submit(id, now + days(3)));
}

TEST(Act, SurvivesWritingAndReading) {
  Community community;
  auto act = community.suspension(community.newcomer(), hours(3));
  act.reason = "keys lost: \"phone\" stolen";
  const auto again = parse_act(write_act(act), "act.toml");
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(*again, act);
}

TEST(Act, IsAboutAMemberADomainOrAGroup) {
  Community community;
  auto alias = community.act(Act::Kind::add_alias, community.newcomer());
  alias.address_commitment = Hash{7};
  auto domain = community.act(Act::Kind::add_domain, {});
  domain.domain = "second.lab";
  auto group = community.act(Act::Kind::set_group, {});
  group.group = GroupId{1, 2};
  group.group_commitment = Hash{3};
  auto farewell = community.act(Act::Kind::remove_group, {});
  farewell.group = GroupId{1, 2};
  for (const auto& act : {alias, domain, group, farewell}) {
    const auto again = parse_act(write_act(act), "act.toml");
    ASSERT_TRUE(again) << again.error().text();
    EXPECT_EQ(*again, act);
  }
  EXPECT_EQ(write_act(domain).find("member"), std::string::npos);
  EXPECT_EQ(parse_act(write_act(domain) + "member = \"" + alias.member.str() + "\"\n", "a").error().code,
            Errc::unknown_key);
  EXPECT_EQ(parse_act(write_act(alias) + "domain = \"second.lab\"\n", "a").error().code, Errc::unknown_key);
  alias.address_commitment.reset();
  EXPECT_EQ(parse_act(write_act(alias), "a").error().code, Errc::missing_key);
}

TEST(Act, HasNoOtherOctetsThanItsWriterMakes) {
  Community community;
  const auto octets = write_act(community.admission(community.newcomer()));
  EXPECT_TRUE(parse_act(octets, "a"));
  EXPECT_EQ(parse_act(octets + "# a comment\n", "a").error().code, Errc::not_canonical);
  EXPECT_EQ(parse_act("# a comment\n" + octets, "a").error().code, Errc::not_canonical);
}

TEST(Act, NamesNoAddress) {
  Community community;
  auto act = community.suspension(community.newcomer(), hours(3));
  act.reason = "a@pod.lab sent spam";
  EXPECT_EQ(parse_act(write_act(act), "a").error().code, Errc::bad_value);
}

}  // namespace
}  // namespace mailpod::governance
