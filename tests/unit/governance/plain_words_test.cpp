#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/governance/plain_words.hpp>

#include "simulation/community.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;
using testing::HasSubstr;
using testing::Not;

/// What `change` makes different, as people read it.
std::string change_of(const std::function<void(Charter&)>& change) {
  Community community(3, 2);
  Charter next = community.charter;
  next.seq = 2;
  next.effective = next.issued + days(7);
  change(next);
  return explain_change(community.charter, next);
}

TEST(PlainWords, SayEveryRuleThatDiffers) {
  const std::vector<std::function<void(Charter&)>> changes = {
      [](Charter& c) { c.threshold = 3; },
      [](Charter& c) { c.maintainers.pop_back(); },
      [](Charter& c) { c.maintainers[0].name = "Bob"; },
      [](Charter& c) { c.maintainers[0].to += days(1); },
      [](Charter& c) { c.maintainers[0].member = MemberId{{7}}; },
      [](Charter& c) { c.members.join = Charter::Join::open; },
      [](Charter& c) { c.members.suspension_days = 3; },
      [](Charter& c) { c.members.expulsion = Charter::Expulsion::threshold; },
      [](Charter& c) { c.votes.ballot = Charter::Ballot::secret; },
      [](Charter& c) { c.votes.method = Charter::Method::schulze; },
      [](Charter& c) { c.votes.quorum_percent = 1; },
      [](Charter& c) { c.votes.pass_percent = 1; },
      [](Charter& c) { c.votes.amend_percent = 99; },
      [](Charter& c) { c.votes.notice_days = 1; },
      [](Charter& c) { c.recovery.share_percent = 51; },
      [](Charter& c) { c.recovery.wait_days = 1; },
      [](Charter& c) { c.privacy.retention_days = 1; },
      [](Charter& c) { c.privacy.log_days = 1; },
      [](Charter& c) { c.privacy.vault_closes_after_hours = 1; },
      [](Charter& c) { c.privacy.passwords = Charter::Passwords::any; },
      [](Charter& c) { c.federation.pod_key = Hash{3}; },
      [](Charter& c) { c.federation.policy = Charter::Federate::deny; },
      [](Charter& c) { c.federation.allow = {"a.lab"}; },
      [](Charter& c) { c.federation.deny = {"a.lab"}; },
      [](Charter& c) { c.federation.witnesses = {"a.lab"}; },
      [](Charter& c) { c.federation.replicas = {"a.lab"}; },
      [](Charter& c) { c.limits.quota_mib = 1; },
      [](Charter& c) { c.limits.quota_messages = 1; },
      [](Charter& c) { c.limits.messages_a_day = 1; },
      [](Charter& c) { c.limits.recipients = 1; },
      [](Charter& c) { c.limits.message_mib = 1; },
      [](Charter& c) { c.addresses.roles = {{"info", true, {}}}; },
      [](Charter& c) { c.addresses.fallback = MemberId{{7}}; },
      [](Charter& c) { c.authentication.dmarc_reject = Charter::Unshown::junk; },
      [](Charter& c) { c.authentication.dmarc_quarantine = Charter::Unshown::refuse; },
      [](Charter& c) { c.authentication.spf_fail = Charter::Unshown::accept; },
      [](Charter& c) { c.text = "Another."; },
  };
  for (std::size_t i = 0; i < changes.size(); ++i)
    EXPECT_THAT(change_of(changes[i]), Not(HasSubstr("No rule changes"))) << "change " << i;
  EXPECT_THAT(change_of([](Charter&) {}), HasSubstr("No rule changes"));
}

TEST(PlainWords, SayEveryRuleOfVouching) {
  Community community;
  auto& members = community.charter.members;
  members = {Charter::Join::vouches, 2, 90, 7, 14, Charter::Expulsion::vote, 5};
  const auto before = statements(community.charter);
  for (auto* field : {&members.vouches, &members.voucher_age_days, &members.objection_days, &members.voucher_budget}) {
    ++*field;
    EXPECT_NE(statements(community.charter), before);
    --*field;
  }
  EXPECT_THAT(explain(community.charter), HasSubstr("One joins when 2 members vouch for one; who vouches has been a "
                                                    "member for 90 days; one member vouches for at most 5 newcomers a "
                                                    "year; others may object for 7 days."));
}

TEST(PlainWords, SayWhatAChangeNeeds) {
  EXPECT_THAT(change_of([](Charter& c) { c.limits.quota_mib = 5; }), HasSubstr("  no vote\n"));
  const auto privacy = change_of([](Charter& c) { c.privacy.log_days = 30; });
  EXPECT_THAT(privacy, HasSubstr("[privacy] (needs a vote)\n  - Logs are to be kept for 7 days.\n"
                                 "  + Logs are to be kept for 30 days.\n"));
  EXPECT_THAT(privacy, HasSubstr("for it changes [privacy]: at least 67 % yes, and 50 % of the members"));
  EXPECT_THAT(change_of([](Charter& c) { c.threshold = 1; }),
              HasSubstr("the signatures of 2 of charter 1's maintainers in term, and of 1 of its own"));
}

TEST(PlainWords, ShowTheLinesOfTheConstitutionThatChange) {
  Community community;
  Charter last = community.charter;
  last.text = "One\nTwo\nThree\n";
  Charter next = last;
  next.text = "One\nTwo and a half\nThree\n";
  EXPECT_THAT(explain_change(last, next), HasSubstr("[text]\n  from line 2:\n  - Two\n  + Two and a half\n\n"));
  next.text = "One\nTwo\nTwo\nThree\n";
  EXPECT_THAT(explain_change(last, next), HasSubstr("  from line 3:\n  + Two\n\n"));
  next.text = "";
  EXPECT_THAT(explain_change(last, next), HasSubstr("  from line 1:\n  - One\n  - Two\n  - Three\n"));
}

TEST(PlainWords, SayWhatTheRulesAllowNow) {
  Community community(3, 2);
  Roster roster(community.chain());
  const auto now = community.clock.now();
  EXPECT_THAT(explain_situation(roster, now),
              HasSubstr("In term: Maintainer 1, Maintainer 2, Maintainer 3. Any 2 of them can admit"));
  EXPECT_THAT(explain_situation(roster, now), HasSubstr("sealed or secret ballots"));
  EXPECT_THAT(explain_situation(roster, now), Not(HasSubstr(", open votes"))) << "nothing that nobody can do";
  EXPECT_THAT(explain_situation(roster, now + days(366)),
              HasSubstr("Mail goes on; admissions and all other acts wait"));
  Charter next = community.charter;
  next.seq = 2;
  next.prev = community.pin();
  next.effective = next.issued + days(7);
  ASSERT_TRUE(roster.apply_charter(community.sign(write_charter(next)), now));
  EXPECT_THAT(explain_situation(roster, now), HasSubstr("Charter 2 is accepted and takes effect by itself at "));
  EXPECT_THAT(explain_situation(roster, now + days(7)), HasSubstr("charter 2 is in force"));
}

TEST(PlainWords, SayThatTooFewMaintainersAreInTerm) {
  Community community(3, 2);
  for (auto& maintainer : community.charter.maintainers) maintainer.to = community.charter.issued + days(10);
  EXPECT_THAT(explain_situation(Roster(community.chain()), community.clock.now() + days(20)),
              HasSubstr("Only 0 of its maintainers are in term and 2 must sign: no act can be made"));
}

}  // namespace
}  // namespace mailpod::governance
