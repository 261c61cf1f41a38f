#include <gtest/gtest.h>

#include <mailpod/governance/vote.hpp>
#include <mailpod/governance/waiting_files.hpp>

#include "assembly.hpp"
#include "simulation/community.hpp"
#include "simulation/disk.hpp"

/// Maintainers who sign one after the other.
namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;
using std::chrono::hours;

class WaitingFilesTest : public testing::Test {
protected:
  WaitingFilesTest() {
    disk.make_directory("/pod");
    member = community.newcomer();
    EXPECT_TRUE(roster.apply(community.sign(community.admission(member)), community.clock.now()));
  }
  Errc keep(const SignedFile& file) {
    const auto kept = waiting.keep(file, roster, community.clock.now());
    return kept ? Errc{} : kept.error().code;
  }
  SignedFile suspension(std::vector<std::size_t> signers) {
    return community.sign(community.suspension(member, hours(100)), std::move(signers));
  }
  std::vector<WaitingFiles::Waiting> listed() { return waiting.list(roster, community.clock.now()); }

  Community community{3, 3};
  Roster roster{community.chain()};
  simulation::Disk disk;
  WaitingFiles waiting{disk, "/pod/waiting"};
  MemberId member;
};

TEST_F(WaitingFilesTest, SignaturesAreGatheredByTheFile) {
  const auto octets = write_act(community.suspension(member, hours(100)));
  EXPECT_EQ(keep(community.sign(octets, {0})), Errc{});
  const auto second = waiting.gathered(community.sign(octets, {1}));
  EXPECT_EQ(second.minisigs.size(), 2U);
  const auto kept = waiting.keep(second, roster, community.clock.now());
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->signatures, 2U);
  EXPECT_EQ(kept->needed, 3U);
  const auto third = waiting.gathered(community.sign(octets, {2}));
  EXPECT_TRUE(roster.apply(third, community.clock.now())) << "all three";
  EXPECT_EQ(waiting.gathered(community.sign(octets, {1})).minisigs.size(), 2U) << "the same key once";
  ASSERT_EQ(listed().size(), 1U);
  EXPECT_EQ(listed().front().file.octets, octets);
  waiting.forget(identity(octets));
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(waiting.gathered(community.sign(octets, {1})).minisigs.size(), 1U);
}

TEST_F(WaitingFilesTest, WhatNoMaintainerSignedIsNotKept) {
  Community strangers(1, 1, 77);
  auto file = suspension({0});
  file.minisigs = strangers.sign(file.octets).minisigs;
  EXPECT_EQ(keep(file), Errc::signature_unknown_key);
  file.minisigs.clear();
  EXPECT_EQ(keep(file), Errc::no_signatures);
  file = suspension({0});
  file.octets.replace(file.octets.find("pod.lab"), 7, "pod.lob");
  EXPECT_EQ(keep(file), Errc::signature_invalid);
  // A charter that names its own signer is nobody's yet.
  auto charter = community.charter;
  charter.seq = 2;
  charter.prev = community.pin();
  charter.threshold = 2;
  charter.maintainers.push_back({"Stranger", strangers.keys[0].public_key(), charter.issued, charter.expires, {}});
  SignedFile next{"next", write_charter(charter), {}};
  next.minisigs = {governance::sign(strangers.keys[0], next.octets, "next").value()};
  EXPECT_EQ(keep(next), Errc::below_threshold);
  next.minisigs.push_back(governance::sign(community.keys[0], next.octets, "next").value());
  EXPECT_EQ(keep(next), Errc{}) << "with a maintainer's";
  EXPECT_EQ(listed().size(), 1U);
}

TEST_F(WaitingFilesTest, WhatCanNeverComeIntoForceIsForgotten) {
  EXPECT_EQ(keep(suspension({0})), Errc{});
  const auto before = community.clock.now();
  community.clock.advance(days(7));
  EXPECT_TRUE(listed().empty());
  EXPECT_EQ(waiting.list(roster, before).size(), 1U) << "a clock that jumped and came back loses nothing";
  EXPECT_TRUE(roster.apply(community.sign(community.suspension(member, hours(2))), community.clock.now()));
  EXPECT_TRUE(listed().empty());
  EXPECT_TRUE(disk.list("/pod/waiting").empty()) << "somebody signed later";
  auto late = community.suspension(member, hours(100));
  community.clock.advance(days(8));
  EXPECT_EQ(keep(community.sign(late, {0})), Errc::act_expired);
  late = community.suspension(member, hours(100));
  late.charter = 2;
  EXPECT_EQ(keep(community.sign(late, {0})), Errc::act_expired) << "of a charter that is not in force";
  EXPECT_EQ(keep({"ballot", "type = \"ballot\"\n", {}}), Errc::wrong_type);
}

TEST_F(WaitingFilesTest, WhatOnlyTheClockSaysIsOverDoesNotHeapUp) {
  for (int i = 0; i < 120; ++i) {
    auto act = community.suspension(member, hours(100));
    act.expires = act.issued + hours(1);
    EXPECT_EQ(keep(community.sign(act, {0})), Errc{});
    if (i % 15 == 0) community.clock.advance(hours(2));
  }
  EXPECT_LE(disk.list("/pod/waiting").size(), 2U * (64 + 16 + 1));
}

TEST_F(WaitingFilesTest, AVoteThatWasOpenedDoesNotWaitAgain) {
  Assembly assembly(2, 2);
  Roster theirs(assembly.chain());
  for (const auto& file : assembly.enrolment(2)) ASSERT_TRUE(theirs.apply(file, assembly.clock.now()));
  const auto vote = assembly.vote(Vote::Kind::amendment);
  const auto now = vote.issued;
  EXPECT_TRUE(waiting.keep(assembly.opening(vote, {0}), theirs, now));
  EXPECT_EQ(waiting.list(theirs, now).size(), 1U);
  ASSERT_TRUE(theirs.open_vote(assembly.opening(vote), now));
  EXPECT_TRUE(waiting.list(theirs, now).empty()) << "it was opened by another way";
  const auto copied = waiting.keep(assembly.opening(vote, {0}), theirs, now);
  ASSERT_FALSE(copied) << "anybody can copy it from the record, with one of its signatures";
  EXPECT_EQ(copied.error().code, Errc::act_expired);
}

TEST_F(WaitingFilesTest, NobodyKeepsOthersFromIt) {
  for (int i = 0; i < 16; ++i) EXPECT_EQ(keep(suspension({0})), Errc{});
  EXPECT_EQ(keep(suspension({0})), Errc::too_many_waiting);
  EXPECT_EQ(keep(suspension({1})), Errc{}) << "another maintainer's";
  EXPECT_EQ(keep(suspension({1, 0})), Errc::too_many_waiting);
}

TEST_F(WaitingFilesTest, WhateverDiesMeanwhileAFileWaitsWithItsSignaturesOrNotAtAll) {
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < 4; ++seed) {
      simulation::Disk machine;
      machine.make_directory("/pod");
      machine.sync_directory("/");
      machine.crash_at_call(machine.calls() + call);
      const auto file = suspension({0, 1});
      bool kept = false;
      try {
        kept = WaitingFiles(machine, "/pod/waiting").keep(file, roster, community.clock.now()).has_value();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      const auto after = machine.crash(seed);
      WaitingFiles again(*after, "/pod/waiting");
      const auto found = again.list(roster, community.clock.now());
      if (kept) ASSERT_EQ(found.size(), 1U);
      if (!found.empty()) EXPECT_EQ(found.front().signatures, 2U) << "call " << call;
    }
  }
}

}  // namespace
}  // namespace mailpod::governance
