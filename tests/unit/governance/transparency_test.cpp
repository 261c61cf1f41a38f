#include <mailpod/governance/transparency.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/governance/registry.hpp>

#include "simulation/community.hpp"

/// A year in numbers.
namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;
using std::chrono::hours;
using testing::Contains;
using testing::HasSubstr;

std::uint32_t year_of(base::Time time) {
  return static_cast<std::uint32_t>(
      static_cast<int>(std::chrono::year_month_day(std::chrono::floor<days>(time)).year()));
}

class TransparencyTest : public testing::Test {
protected:
  TransparencyTest() { community.charter.members.expulsion = Charter::Expulsion::threshold; }

  void enter(const Act& act, std::vector<std::size_t> signers = {}) {
    const auto file = community.sign(act, std::move(signers));
    const auto applied = roster().apply(file, community.clock.now());
    ASSERT_TRUE(applied) << applied.error().text();
    year.note(file, community.clock.now(), roster());
  }
  MemberId admitted() {
    const auto id = community.newcomer();
    enter(community.admission(id));
    return id;
  }
  Roster& roster() {
    if (!roster_) roster_.emplace(community.chain());
    return *roster_;
  }

  Community community{3, 2};
  std::optional<Roster> roster_;
  YearInNumbers year{year_of(community.clock.now())};
};

TEST_F(TransparencyTest, SuspensionsAreAsLongAsTheyWere) {
  const auto one = admitted();
  const auto two = admitted();
  enter(community.suspension(one, hours(48)));
  enter(community.suspension(two, hours(24)), {0});
  community.clock.advance(hours(6));
  enter(community.act(Act::Kind::reinstate, one));
  const auto numbers = year.numbers();
  EXPECT_EQ(numbers.members, 2U);
  EXPECT_EQ(numbers.admissions.by_maintainers, 2U);
  ASSERT_EQ(numbers.suspensions.size(), 2U);
  EXPECT_EQ(numbers.suspensions[0].length, hours(6));
  EXPECT_TRUE(numbers.suspensions[0].by_threshold && numbers.suspensions[0].ended_early);
  EXPECT_EQ(numbers.suspensions[1].length, hours(24));
  EXPECT_FALSE(numbers.suspensions[1].by_threshold || numbers.suspensions[1].ended_early);
}

TEST_F(TransparencyTest, DisputesSayHowLongTheyTook) {
  Act act = community.act(Act::Kind::dispute_open, {});
  act.dispute = DisputeId{3};
  act.text_commitment = Hash{1};
  act.until = act.issued + days(14);
  enter(act);
  community.clock.advance(days(5));
  act.kind = Act::Kind::dispute_answer;
  act.nonce = {2};
  act.until.reset();
  enter(act);
  EXPECT_EQ(year.numbers().disputes_open, 1U);
  act.kind = Act::Kind::dispute_close;
  act.nonce = {3};
  act.outcome = DisputeOutcome::upheld;
  enter(act);
  const auto numbers = year.numbers();
  EXPECT_EQ(numbers.disputes_opened, 1U);
  EXPECT_EQ(numbers.disputes_open, 0U);
  ASSERT_EQ(numbers.disputes_closed.size(), 1U);
  EXPECT_EQ(numbers.disputes_closed[0].took, days(5));
  EXPECT_THAT(in_plain_words(numbers), Contains(HasSubstr("upheld after 5 days, with 1 answer")));
}

TEST_F(TransparencyTest, AnotherYearIsNotCounted) {
  const auto id = admitted();
  community.clock.advance(days(366));
  community.charter.expires += days(400);
  const auto file = community.sign(community.suspension(id, hours(5)));
  auto after = roster();
  year.note(file, community.clock.now(), after);
  EXPECT_TRUE(year.numbers().suspensions.empty());
  YearInNumbers next(year_of(community.clock.now()));
  next.note(file, community.clock.now(), after);
  EXPECT_EQ(next.numbers().suspensions.size(), 1U);
  EXPECT_EQ(next.numbers().admissions.by_maintainers, 0U);
  EXPECT_EQ(next.numbers().members, 1U);
}

TEST_F(TransparencyTest, NobodyIsNamed) {
  const auto id = admitted();
  enter(community.suspension(id, hours(5)));
  Act upgrade = community.act(Act::Kind::upgrade, {});
  upgrade.version = "1.2";
  upgrade.program = Hash{1};
  enter(upgrade);
  enter(community.act(Act::Kind::expel, id));
  for (const auto& line : in_plain_words(year.numbers())) {
    EXPECT_EQ(line.find(id.str()), std::string::npos);
    EXPECT_EQ(line.find("Maintainer 1"), std::string::npos);
  }
  EXPECT_EQ(year.numbers().upgrades, std::vector<std::string>{"1.2"});
  EXPECT_EQ(year.numbers().expulsions, 1U);
  EXPECT_EQ(year.numbers().members, 0U);
}

}  // namespace
}  // namespace mailpod::governance
