#include <gtest/gtest.h>

#include <mailpod/governance/registry.hpp>

#include "simulation/community.hpp"
#include "simulation/disk.hpp"
#include "simulation/newcomer.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;

class RegistryTest : public testing::Test {
protected:
  RegistryTest() {
    disk.make_directory("pod");
    Registry::found(disk, "pod/governance", community.signed_charter()).value();
    disk.sync_directory("pod");
  }
  Verdict<std::unique_ptr<Registry>> open(base::Disk& on, std::optional<Tally> known = std::nullopt) {
    return Registry::open({on, "pod/governance", community.pin(), known});
  }
  std::vector<SignedFile> admissions(std::size_t count) {
    std::vector<SignedFile> out;
    for (std::size_t i = 0; i < count; ++i) {
      members.push_back(community.newcomer());
      out.push_back(community.sign(community.admission(members.back())));
    }
    return out;
  }

  simulation::Disk disk;
  Community community;
  std::vector<MemberId> members;
};

TEST(Entry, SurvivesWritingAndReading) {
  Community community(3, 2);
  const auto file = community.sign(community.admission(community.newcomer()));
  const Entry entry{community.clock.now(), file.octets, in_key_order(file.minisigs)};
  const auto octets = write_entry(entry);
  EXPECT_EQ(parse_entry(octets, "e").value(), entry);
  for (std::size_t cut = 0; cut < octets.size(); ++cut) EXPECT_FALSE(parse_entry(octets.substr(0, cut), "e"));
  EXPECT_FALSE(parse_entry(octets + '\0', "e"));
}

TEST(Entry, KeepsItsSignaturesInOneOrder) {
  Community community(2, 1);
  const auto file = community.sign(community.admission(community.newcomer()));
  auto reversed = in_key_order(file.minisigs);
  std::swap(reversed[0], reversed[1]);
  EXPECT_EQ(write_entry({community.clock.now(), file.octets, reversed}),
            write_entry({community.clock.now(), file.octets, in_key_order(file.minisigs)}));
  base::Encoder wrong;
  wrong.u8(1).u64(1).var(file.octets).u16(2).var(reversed[0]).var(reversed[1]);
  EXPECT_EQ(parse_entry(wrong.str(), "e").error().code, Errc::record_damaged);
}

TEST(Entry, ItsLeafIsThatOfRfc6962) {
  // SHA-256 of one zero octet: the leaf hash of an empty entry.
  EXPECT_EQ(base::hex(base::octets(leaf_hash(""))), "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
}

TEST_F(RegistryTest, RemembersActsAcrossARestart) {
  const auto registry = open(disk).value();
  ASSERT_TRUE(registry->record(admissions(3), community.clock.now()));
  EXPECT_EQ(registry->tally().count, 3u);
  const auto again = open(disk).value();
  EXPECT_EQ(again->tally(), registry->tally());
  for (const auto id : members) EXPECT_TRUE(again->gate().may_receive(id, community.clock.now()));
}

TEST_F(RegistryTest, ReplayJudgesExpiryAtTheTimeOfAcceptance) {
  ASSERT_TRUE(open(disk).value()->record(admissions(1), community.clock.now()));
  community.clock.advance(days(300));  // the act expired long ago
  EXPECT_TRUE(open(disk).value()->gate().may_receive(members[0], community.clock.now()));
}

TEST_F(RegistryTest, RecordsAllOfAGroupOrNone) {
  auto group = admissions(2);
  group.push_back(group[0]);
  const auto registry = open(disk).value();
  EXPECT_EQ(registry->record(group, community.clock.now()).error().code, Errc::nonce_seen);
  EXPECT_EQ(registry->tally().count, 0u);
  EXPECT_EQ(registry->gate().may_receive(members[0], community.clock.now()).error(), Errc::not_admitted);
}

TEST_F(RegistryTest, ExaminingChangesNothing) {
  const auto registry = open(disk).value();
  EXPECT_TRUE(registry->examine(admissions(1), community.clock.now()));
  EXPECT_EQ(registry->tally().count, 0u);
}

TEST_F(RegistryTest, NoticesADeletedLastAct) {
  const auto registry = open(disk).value();
  ASSERT_TRUE(registry->record(admissions(1), community.clock.now()));
  ASSERT_TRUE(registry->record({{community.sign(community.suspension(members[0], days(3)))}}, community.clock.now()));
  const Tally known = registry->tally();
  disk.unlink("pod/governance/acts/000002.entry");
  EXPECT_TRUE(open(disk)) << "by itself the record cannot know";
  EXPECT_EQ(open(disk, known).error().code, Errc::record_shorter_than_known);
}

TEST_F(RegistryTest, NoticesADeletedMiddleActAndAnExchangedOne) {
  const auto registry = open(disk).value();
  ASSERT_TRUE(registry->record(admissions(3), community.clock.now()));
  const Tally known = registry->tally();
  const auto copy = disk.clean_copy();
  copy->unlink("pod/governance/acts/000002.entry");
  EXPECT_EQ(open(*copy, known).error().code, Errc::record_gap);
  EXPECT_EQ(open(*copy).error().code, Errc::record_gap);
  disk.rename("pod/governance/acts/000002.entry", "pod/governance/acts/x");
  disk.rename("pod/governance/acts/000003.entry", "pod/governance/acts/000002.entry");
  disk.rename("pod/governance/acts/x", "pod/governance/acts/000003.entry");
  EXPECT_TRUE(open(disk)) << "each act stands alone";
  EXPECT_EQ(open(disk, known).error().code, Errc::record_differs_from_known);
}

TEST_F(RegistryTest, NoticesEveryChangedOctetOfAnEntry) {
  const auto registry = open(disk).value();
  ASSERT_TRUE(registry->record(admissions(1), community.clock.now()));
  const Tally known = registry->tally();
  const std::string path = "pod/governance/acts/000001.entry";
  const std::string octets = base::read_file(disk, path, 1 << 20);
  for (std::size_t i = 0; i < octets.size(); ++i) {
    std::string changed = octets;
    changed[i] = static_cast<char>(changed[i] ^ 4);
    base::replace_file(disk, path, changed);
    EXPECT_FALSE(open(disk, known)) << "octet " << i;
  }
}

TEST_F(RegistryTest, NoticesADeletedSignatureOfACharter) {
  for (const auto& path : disk.files()) {
    if (path.ends_with(".minisig")) disk.unlink(path);
  }
  EXPECT_EQ(open(disk).error().code, Errc::no_signatures);
}

TEST_F(RegistryTest, ComplainsWhenTheFirstCharterIsMissing) {
  disk.unlink("pod/governance/charter-0001.toml");
  EXPECT_EQ(open(disk).error().code, Errc::not_the_pinned_charter);
}

TEST_F(RegistryTest, AcceptsTheNextCharterAndRemembersIt) {
  const auto registry = open(disk).value();
  const Hash first = community.pin();
  const auto pin = first;
  community.charter.seq = 2;
  community.charter.prev = first;
  community.charter.effective += days(7);
  community.charter.limits.quota_mib = 5;
  ASSERT_TRUE(registry->record_charter(community.signed_charter(), community.clock.now()));
  const auto again = Registry::open({disk, "pod/governance", pin, registry->tally()});
  ASSERT_TRUE(again) << again.error().text();
  const auto roster = (*again)->gate().roster();
  EXPECT_EQ(roster->charters().at(community.clock.now()).seq, 1u);
  EXPECT_EQ(roster->charters().at(community.clock.now() + days(8)).limits.quota_mib, 5u);
  base::replace_file(disk, "pod/governance/charter-0002.toml", write_charter(community.charter) + "# more\n");
  EXPECT_EQ(Registry::open({disk, "pod/governance", pin, std::nullopt}).error().code, Errc::record_damaged);
}

TEST_F(RegistryTest, TimeOfAcceptanceNeverGoesBackwards) {
  const auto registry = open(disk).value();
  const auto now = community.clock.now();
  ASSERT_TRUE(registry->record(admissions(1), now + std::chrono::minutes(4)));
  ASSERT_TRUE(registry->record(admissions(1), now));
  EXPECT_TRUE(open(disk));
}

TEST_F(RegistryTest, AJumpOfTheClockDoesNotBecomeTheRecordsTime) {
  auto& clock = community.clock;
  const auto watching = [&] {
    return Registry::open({disk, "pod/governance", community.pin(), std::nullopt, &clock}).value();
  };
  const auto registry = watching();
  clock.advance(days(3));
  ASSERT_TRUE(registry->record(admissions(1), clock.now())) << "time that went by is no jump";
  const auto right = clock.now();
  clock.set(right + days(60));
  const auto late = admissions(1);
  EXPECT_EQ(registry->examine(late, clock.now()).error().code, Errc::clock_jumped);
  EXPECT_EQ(registry->record(late, clock.now()).error().code, Errc::clock_jumped);
  clock.set(right);
  EXPECT_TRUE(registry->record(admissions(1), clock.now()));
  clock.set(right + days(60));
  EXPECT_TRUE(watching()->record(admissions(1), clock.now())) << "a restart confirms the time";
}

TEST_F(RegistryTest, AClockThatIsSetRightIsBelieved) {
  auto& clock = community.clock;
  const auto right = clock.now();
  ASSERT_TRUE(open(disk).value()->record(admissions(1), right));
  clock.set(right - days(9000));  // a machine without a battery, before it was told the time
  const auto registry = Registry::open({disk, "pod/governance", community.pin(), std::nullopt, &clock}).value();
  clock.set(right + days(2));
  EXPECT_TRUE(registry->record(admissions(1), clock.now()));
}

TEST_F(RegistryTest, AStrangersWordDoesNotMoveTheRecordIntoNextYear) {
  using Kind = Vouch::Kind;
  community.charter.members.join = Charter::Join::vouches;
  community.charter.members.vouches = 1;
  disk.make_directory("other");
  Registry::found(disk, "other/governance", community.signed_charter()).value();
  auto& clock = community.clock;
  const auto open = [&] {
    return Registry::open({disk, "other/governance", community.pin(), std::nullopt, &clock}).value();
  };
  const simulation::Newcomer ada(community, "ada@pod.lab");
  const simulation::Newcomer dot(community, "dot@pod.lab");
  auto with_key = community.act(Act::Kind::set_citizen_key, ada.drawn.member);
  with_key.citizen_key = ada.key.public_key();
  const std::vector admitted{community.sign(community.admission(ada.drawn.member)), community.sign(with_key)};
  const auto right = clock.now();
  ASSERT_TRUE(open()->record(admitted, right));

  clock.set(right + days(200));
  const auto registry = open();
  auto lived = right + days(1);
  registry->doubt_clock_by([&lived] { return lived; });
  const auto invites = ada.vouching(Kind::invite, dot);
  EXPECT_EQ(registry->examine_word(invites, clock.now()).error().code, Errc::clock_jumped);
  EXPECT_EQ(registry->record_word(invites, clock.now()).error().code, Errc::clock_jumped);
  EXPECT_EQ(registry->record_ballot(invites, clock.now()).error().code, Errc::clock_jumped);
  EXPECT_EQ(registry->tally().count, 2u);
  EXPECT_TRUE(registry->examine(admissions(1), clock.now())) << "maintainers answer for the clock";
  clock.set(lived);
  EXPECT_TRUE(registry->record_word(ada.vouching(Kind::invite, dot), clock.now()));
}

TEST_F(RegistryTest, WhereTheMaintainersInviteThePodsTimeIsNotAsked) {
  const auto registry = open(disk).value();
  const auto long_ago = community.clock.now();
  registry->doubt_clock_by([long_ago] { return long_ago; });
  community.clock.advance(days(90));
  const simulation::Newcomer dot(community, "dot@pod.lab");
  ASSERT_TRUE(registry->record({{community.sign(dot.invite_act())}}, community.clock.now()));
  EXPECT_TRUE(registry->record_word(dot.joining(), community.clock.now()));
}

TEST_F(RegistryTest, SaysWhenAnActIsLateOnlyByTheRecordsTime) {
  auto& clock = community.clock;
  const auto right = clock.now();
  const auto registry = open(disk).value();
  clock.set(right + days(60));
  ASSERT_TRUE(registry->record(admissions(1), clock.now()));
  clock.set(right);
  const auto refusal = registry->record(admissions(1), clock.now()).error();
  EXPECT_EQ(refusal.code, Errc::act_expired);
  EXPECT_NE(refusal.text().find("the last act was accepted at"), std::string::npos) << refusal.text();
}

TEST_F(RegistryTest, AFailedCallLeavesNoActInForce) {
  const auto group = admissions(2);
  const auto base_calls = disk.calls();
  {
    const auto copy = disk.clean_copy();
    ASSERT_TRUE(open(*copy).value()->record(group, community.clock.now()));
  }
  for (std::uint64_t k = 1; k <= 8; ++k) {
    const auto copy = disk.clean_copy();
    const auto registry = open(*copy).value();
    copy->fail_call(copy->calls() + k, ENOSPC);
    bool threw = false;
    try {
      ASSERT_TRUE(registry->record(group, community.clock.now()));
    } catch (const std::system_error&) {
      threw = true;
    }
    EXPECT_EQ(registry->gate().may_receive(members[0], community.clock.now()).has_value(), !threw);
    EXPECT_EQ(open(*copy).value()->tally(), registry->tally()) << "call " << k;
    if (threw) EXPECT_TRUE(registry->record(group, community.clock.now())) << "it works again once the disk does";
  }
  static_cast<void>(base_calls);
}

TEST_F(RegistryTest, ACharterThatTheDiskRefusedLeavesNoFiles) {
  const auto files_of_2 = [](const simulation::Disk& on) {
    auto files = on.files();
    std::erase_if(files, [](const auto& path) { return path.find("charter-0002") == std::string::npos; });
    return files;
  };
  const auto pin = community.pin();
  community.charter.seq = 2;
  community.charter.prev = pin;
  community.charter.effective += days(7);
  const auto next = community.signed_charter();
  const auto reopen = [&](base::Disk& on) { return Registry::open({on, "pod/governance", pin, {}}); };
  std::uint64_t refused = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto copy = disk.clean_copy();
    const auto registry = reopen(*copy).value();
    copy->fail_call(copy->calls() + call, ENOSPC);
    try {
      ASSERT_TRUE(registry->record_charter(next, community.clock.now()));
      break;
    } catch (const std::system_error&) {
      ++refused;
    }
    const auto read_again = reopen(*copy);
    ASSERT_TRUE(read_again) << read_again.error().text();
    if (read_again.value()->gate().roster()->charters().size() == 1 &&
        files_of_2(*copy).size() == next.minisigs.size() + 1)
      ADD_FAILURE() << "the whole of it lies there after call " << call;
    // Another charter 2, by other signers: what lies beside it is theirs.
    community.charter.text += "Another.\n";
    ASSERT_TRUE(registry->record_charter(community.signed_charter(), community.clock.now()));
    EXPECT_EQ(files_of_2(*copy).size(), next.minisigs.size() + 1);
  }
  EXPECT_GT(refused, 5u);
}

TEST_F(RegistryTest, WhatAKilledDaemonLeftIsDurableOnceItWasRead) {
  ASSERT_TRUE(open(disk).value()->record(admissions(1), community.clock.now()));
  const auto machine = disk.clean_copy();
  // As the kill left it: the entry has its name, and nobody synced the folder.
  const std::string entry = "pod/governance/acts/000001.entry";
  machine->rename(entry, entry + ".tmp");
  machine->sync_directory("pod/governance/acts");
  machine->rename(entry + ".tmp", entry);
  const Tally known = open(*machine).value()->tally();
  ASSERT_EQ(known.count, 1u);
  for (std::uint64_t seed = 0; seed < 20; ++seed) EXPECT_TRUE(open(*machine->crash(seed), known)) << seed;
}

TEST_F(RegistryTest, ACrashAtAnyCallKeepsAcknowledgedActsAndLeavesAReadableRecord) {
  const auto before = admissions(2);
  const auto group = admissions(3);
  ASSERT_TRUE(open(disk).value()->record(before, community.clock.now()));
  const Tally known = open(disk).value()->tally();
  std::uint64_t states = 0;
  for (std::uint64_t k = 1;; ++k) {
    const auto machine = disk.clean_copy();
    const auto registry = open(*machine).value();
    machine->crash_at_call(machine->calls() + k);
    bool acknowledged = false;
    try {
      acknowledged = registry->record(group, community.clock.now()).has_value();
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 20; ++seed) {
      const auto after = machine->crash(seed);
      const auto reopened = open(*after, known);
      ASSERT_TRUE(reopened) << reopened.error().text();
      ++states;
      const auto count = (*reopened)->tally().count;
      EXPECT_TRUE(acknowledged ? count == 5 : count >= 2 && count <= 5);
      ASSERT_TRUE(reopened.value()->record(admissions(1), community.clock.now()));
    }
    if (acknowledged) break;
  }
  EXPECT_GT(states, 100u);
}

}  // namespace
}  // namespace mailpod::governance
