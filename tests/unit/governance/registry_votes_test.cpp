// Votes in the record of acts on disk: results enter it by themselves, and whoever has a copy counts the same.

#include <gtest/gtest.h>

#include <mailpod/governance/ledger.hpp>
#include <mailpod/governance/ledger_examination.hpp>
#include <mailpod/governance/registry.hpp>

#include "assembly.hpp"
#include "simulation/disk.hpp"

namespace mailpod::governance {
namespace {

using std::chrono::days;
using std::chrono::hours;

class RegistryVotes : public testing::Test {
protected:
  RegistryVotes() : key(crypto::SigningKey::random(community.arena, community.entropy)) {
    community.charter.federation.pod_key = key.public_key();
    disk.make_directory("pod");
    Registry::found(disk, "pod/governance", community.signed_charter()).value();
    open();
    for (const auto& file : community.enrolment(3)) EXPECT_TRUE(registry->record({&file, 1}, now()));
  }

  Verdict<void> try_open() {
    auto opened = Registry::open({disk, "pod/governance", community.pin(), std::nullopt});
    if (!opened) return opened.error();
    registry = std::move(*opened);
    return {};
  }
  void open() { try_open().value(); }
  base::Time now() { return base::from_seconds(base::to_seconds(community.clock.now())); }
  std::shared_ptr<const Roster> roster() { return registry->gate().roster(); }

  /// An election of ada, in which all vote for her.
  Hash elect_ada() {
    const auto id = registry->record_vote(community.opening(community.election({"ada"}, 1)), now()).value();
    for (std::size_t voter = 0; voter < 3; ++voter)
      registry->record_ballot(community.ballot(voter, id, Approval{{"ada"}}), now()).value();
    return id;
  }
  SignedFile act_of_before() { return community.sign(community.suspension(community.members[0], hours(1))); }
  SignedFile act_of_ada() {
    const auto octets = write_act(community.suspension(community.members[0], hours(1)));
    return {"an act", octets, {governance::sign(community.candidates[0], octets, "an act").value()}};
  }
  std::string path(std::uint64_t number) { return "pod/governance/acts/" + entry_name(number); }
  Entry entry(std::uint64_t number) { return parse_entry(registry->entry(number), "an entry").value(); }

  Assembly community;
  crypto::SigningKey key;
  simulation::Disk disk;
  std::unique_ptr<Registry> registry;
};

TEST_F(RegistryVotes, AResultIsEnteredBeforeTheFirstActThatComesAfterTheEnd) {
  const auto vote = elect_ada();
  const auto before = registry->tally().count;
  const auto early = act_of_before();
  EXPECT_TRUE(registry->record({&early, 1}, now())) << "who is in office while the vote is open";
  EXPECT_EQ(registry->settle_votes(now()).value(), 0U);
  community.clock.advance(days(7));
  const auto refused = act_of_before();
  EXPECT_EQ(registry->examine({&refused, 1}, now()).error().code, Errc::signature_unknown_key);
  EXPECT_EQ(registry->tally().count, before + 1) << "to ask changes nothing";
  EXPECT_EQ(registry->record({&refused, 1}, now()).error().code, Errc::signature_unknown_key);
  EXPECT_EQ(registry->tally().count, before + 2) << "the result stands, though what came after it was refused";
  const auto theirs = act_of_ada();
  EXPECT_TRUE(registry->record({&theirs, 1}, now()));
  const auto result = parse_vote_result(entry(before + 2).octets, "the result").value();
  EXPECT_EQ(result.vote, vote);
  EXPECT_TRUE(result.passed);
  EXPECT_TRUE(entry(before + 2).minisigs.empty());
}

TEST_F(RegistryVotes, WhatWasDecidedIsReadAgain) {
  const auto vote = elect_ada();
  open();
  EXPECT_EQ(roster()->votes().at(vote).cast, 3U);
  community.clock.advance(days(7));
  EXPECT_EQ(registry->settle_votes(now()).value(), 1U);
  const auto result = roster()->votes().at(vote).result;
  open();
  EXPECT_EQ(roster()->votes().at(vote).result, result);
  const auto theirs = act_of_ada();
  EXPECT_TRUE(registry->record({&theirs, 1}, now()));
}

TEST_F(RegistryVotes, ARecordThatLeavesAResultOutIsRefused) {
  elect_ada();
  community.clock.advance(days(7));
  const auto theirs = act_of_ada();
  ASSERT_TRUE(registry->record({&theirs, 1}, now()));
  const auto last = registry->tally().count;
  disk.rename(path(last), path(last - 1));
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::vote_undecided);
}

TEST_F(RegistryVotes, ARecordWithAnotherResultThanItsBallotsIsRefused) {
  elect_ada();
  community.clock.advance(days(7));
  registry->settle_votes(now()).value();
  auto forged = entry(registry->tally().count);
  auto result = parse_vote_result(forged.octets, "r").value();
  result.passed = false;
  result.options[0].elected = false;
  forged.octets = write_vote_result(result);
  base::replace_file(disk, path(registry->tally().count), write_entry(forged));
  const auto refused = try_open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::result_differs);
}

TEST_F(RegistryVotes, WhoeverHasACopyOfTheLedgerCountsTheSame) {
  const auto vote = elect_ada();
  community.clock.advance(days(7));
  registry->settle_votes(now()).value();
  const auto ledger =
      Ledger::open({disk, "pod/governance/ledger", "pod.lab", key, std::nullopt}, record_of(*registry)).value();
  for (const auto* folder : {"pod/governance", "pod/governance/ledger"}) {
    LedgerQuestions questions;
    questions.charter = community.pin();
    const auto report = examine_ledger(disk, folder, questions);
    EXPECT_TRUE(report.faults.empty()) << report.faults.front().text();
    EXPECT_EQ(report.votes.at(vote).result, roster()->votes().at(vote).result);
  }
}

}  // namespace
}  // namespace mailpod::governance
