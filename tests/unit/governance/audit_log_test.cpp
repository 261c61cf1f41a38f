#include <cerrno>

#include "audit_household.hpp"

// What is written stays, whatever the disk does.
namespace mailpod::governance {
namespace {

using AuditLogTest = AuditHousehold;

TEST_F(AuditLogTest, IsAChainThatThePodSigned) {
  const auto log = open(disk);
  write_two_days(*log);
  const auto report = examine(disk);
  EXPECT_EQ(faults(disk), "");
  EXPECT_EQ(report.first, 1U);
  EXPECT_EQ(report.last, 7U);
  EXPECT_EQ(report.checkpoints, std::vector<std::uint64_t>{4});
  EXPECT_EQ(known, log->head());
}

TEST_F(AuditLogTest, GoesOnWhereItEnded) {
  write_two_days(*open(disk));
  open(disk)->write(event("g"));
  EXPECT_EQ(faults(disk), "");
  EXPECT_EQ(examine(disk).last, 8U);
}

TEST_F(AuditLogTest, SaysHowTheLastRunEnded) {
  EXPECT_EQ(open(disk)->ended_by(), "first");
  open(disk)->write({AuditEvent::Kind::start, {{"version", "1"}}});
  EXPECT_EQ(open(disk)->ended_by(), "kill");
  open(disk)->write({AuditEvent::Kind::stop, {}});
  open(disk)->write(event("by hand"));
  EXPECT_EQ(open(disk)->ended_by(), "stop");
}

/// Whatever moment the power goes at: what was acknowledged is there, and what follows is one chain with it.
TEST_F(AuditLogTest, LosesNothingThatWasWrittenWhenThePowerGoes) {
  std::size_t states = 0;
  for (std::uint64_t call = 1;; ++call) {
    simulation::Disk machine;
    machine.make_directory("pod");
    machine.sync_directory(".");
    known = {};
    clock.set(base::from_seconds(1767225600));
    const auto log = open(machine);
    machine.crash_at_call(machine.calls() + call);
    // The directory remembers nothing that was not durable: here it always gets to.
    try {
      write_two_days(*log);
    } catch (const simulation::PowerLoss&) {
    }
    const bool survived = machine.has_power();
    for (std::uint64_t seed = 1; seed <= 8; ++seed, ++states) {
      const auto after = machine.crash(seed);
      const auto remembered = known;
      open(*after)->write(event("after"));
      EXPECT_EQ(faults(*after), "") << "call " << call << " seed " << seed;
      EXPECT_GT(examine(*after).last, remembered.size);
      known = remembered;
    }
    if (survived) break;
  }
  std::printf("%zu states after a power loss\n", states);
}

TEST_F(AuditLogTest, SaysWhatAFullDiskKeptFromIt) {
  const auto log = open(disk);
  log->write(event("a"));
  disk.set_capacity(disk.used() + 10);
  log->write(event("b"));
  log->write(event("c"));
  EXPECT_EQ(log->head().size, 1U);
  disk.heal();
  log->write(event("d"));
  EXPECT_EQ(faults(disk), "");
  const auto entries = read_audit(disk, "pod/audit", 100);
  const auto gap = std::ranges::find(entries, AuditEvent::Kind::gap, [](const auto& one) { return one.event.kind; });
  ASSERT_NE(gap, entries.end());
  EXPECT_EQ(gap->event.field("lost"), "2");
  EXPECT_EQ(gap->event.field("reason"), "No-space-left-on-device");
  EXPECT_EQ(entries.back().event, event("d"));
}

TEST_F(AuditLogTest, SurvivesEveryCallThatFails) {
  for (std::uint64_t call = 1; call <= 40; ++call) {
    simulation::Disk machine;
    machine.make_directory("pod");
    known = {};
    clock.set(base::from_seconds(1767225600));
    const auto log = open(machine);
    machine.fail_call(machine.calls() + call, EIO);
    write_two_days(*log);
    machine.heal();
    log->write(event("last"));
    EXPECT_EQ(faults(machine), "") << "call " << call;
    EXPECT_EQ(read_audit(machine, "pod/audit", 1).front().event, event("last"));
  }
}

TEST_F(AuditLogTest, RemovesWhatIsOldBehindACheckpoint) {
  const auto log = open(disk);
  write_two_days(*log);
  clock.advance(std::chrono::days(8));
  log->write(event("g"));
  log->remove_older_than(std::chrono::days(8));
  EXPECT_FALSE(disk.status(first_segment));
  EXPECT_TRUE(disk.status(second_segment));
  EXPECT_EQ(faults(disk), "");
  EXPECT_EQ(examine(disk).first, 5U);
  EXPECT_EQ(read_audit(disk, "pod/audit", 1).front().event.field("through"), "4");
  disk.unlink("pod/audit/000000000004.checkpoint");
  EXPECT_EQ(faults(disk), "entries 1 to 4 were taken out, and no checkpoint stands in for them\n");
}

TEST_F(AuditLogTest, TellsWhatThePodRemovedFromWhatSomebodyElseDid) {
  const auto log = open(disk);
  write_two_days(*log);
  disk.unlink(first_segment);
  EXPECT_EQ(faults(disk), "entries 1 to 4 were taken out, and not by the pod\n");
}

TEST_F(AuditLogTest, SaysThatItRemovesBeforeItDoes) {
  for (std::uint64_t call = 1; call <= 20; ++call) {
    simulation::Disk machine;
    machine.make_directory("pod");
    known = {};
    clock.set(base::from_seconds(1767225600));
    const auto log = open(machine);
    write_two_days(*log);
    clock.advance(std::chrono::days(8));
    log->write(event("g"));
    machine.crash_at_call(machine.calls() + call);
    try {
      log->remove_older_than(std::chrono::days(8));
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 1; seed <= 8; ++seed) {
      const auto after = machine.crash(seed);
      const auto remembered = known;
      open(*after)->write(event("after"));
      EXPECT_EQ(faults(*after), "") << "call " << call << " seed " << seed;
      known = remembered;
    }
  }
}

TEST_F(AuditLogTest, DoesNotCompareWhatWasKeptWithEntriesThatAreGone) {
  const auto log = open(disk);
  log->write(event("a"));
  auto asked = questions();
  asked.kept = {log->checkpoint().value()};
  write_two_days(*log);
  clock.advance(std::chrono::days(8));
  log->write(event("g"));
  log->remove_older_than(std::chrono::days(8));
  EXPECT_EQ(examine_audit(disk, "pod/audit", asked).not_compared, std::vector<std::uint64_t>{1});
}

TEST_F(AuditLogTest, RemovesNothingThatNoCheckpointStandsInFor) {
  const auto log = open(disk);
  write_two_days(*log);
  clock.advance(std::chrono::days(8));
  disk.unlink("pod/audit/000000000004.checkpoint");
  log->remove_older_than(std::chrono::days(1));
  EXPECT_TRUE(disk.status(first_segment));
}

TEST_F(AuditLogTest, KeepsWhatWasCountersigned) {
  const auto log = open(disk);
  log->write(event("a"));
  countersign(*log);
  write_two_days(*log);
  clock.advance(std::chrono::days(30));
  log->write(event("z"));
  log->remove_older_than(std::chrono::days(1));
  EXPECT_TRUE(disk.status("pod/audit/000000000001.checkpoint"));
  EXPECT_EQ(faults(disk), "");
  EXPECT_EQ(examine(disk).countersignatures.size(), 1U);
}

TEST_F(AuditLogTest, TakesNoSignatureButAMaintainersOfThisVeryCheckpoint) {
  const auto log = open(disk);
  log->write(event("a"));
  const auto file = log->checkpoint().value();
  const std::vector<Maintainer> known_ones{maintainer()};
  const auto comment = audit_comment("pod.lab", 1, identity(file.octets));
  const auto stranger = crypto::minisign::SecretKey::random(arena, entropy);
  EXPECT_FALSE(log->countersign(1, crypto::minisign::sign_file(stranger, file.octets, comment), known_ones));
  EXPECT_FALSE(log->countersign(1, crypto::minisign::sign_file(erika, file.octets + "x", comment), known_ones));
  EXPECT_FALSE(log->countersign(1, crypto::minisign::sign_file(erika, file.octets, "mailpod act"), known_ones));
  EXPECT_FALSE(log->countersign(2, crypto::minisign::sign_file(erika, file.octets, comment), known_ones));
  EXPECT_TRUE(log->countersign(1, crypto::minisign::sign_file(erika, file.octets, comment), known_ones));
}

/// What the directory remembers and the folder lost stays a hole that everybody sees.
TEST_F(AuditLogTest, SaysWhatWasCutOffBehindItsBack) {
  write_two_days(*open(disk));
  auto left = lines(second_segment);
  left.pop_back();
  write_lines(second_segment, left);
  for (const auto* name : {"000000000004.checkpoint"}) disk.unlink(std::string("pod/audit/") + name);
  open(disk)->write(event("after"));
  EXPECT_TRUE(faults(disk).starts_with("entry 7 was taken out\n")) << faults(disk);
  const auto entries = read_audit(disk, "pod/audit", 2);
  EXPECT_EQ(entries.front().event, (AuditEvent{AuditEvent::Kind::broken, {{"from", "7"}, {"to", "7"}}}));
}

TEST_F(AuditLogTest, SaysThatItsLastEntryWasExchanged) {
  write_two_days(*open(disk));
  auto all = lines(second_segment);
  all = signed_anew(all, known.root);
  write_lines(second_segment, all);
  open(disk)->write(event("after"));
  EXPECT_NE(faults(disk), "");
  EXPECT_EQ(read_audit(disk, "pod/audit", 2).front().event.kind, AuditEvent::Kind::broken);
}

TEST_F(AuditLogTest, NoticesWhoWritesBesideIt) {
  const auto log = open(disk);
  log->write(event("a"));
  base::replace_file(disk, first_segment, read(disk, first_segment) + "scribble\n");
  log->write(event("b"));
  log->write(event("c"));
  EXPECT_EQ(faults(disk), "");
  const auto entries = read_audit(disk, "pod/audit", 10);
  EXPECT_EQ(std::ranges::count(entries, AuditEvent::Kind::torn, [](const auto& one) { return one.event.kind; }), 1);
  EXPECT_EQ(std::ranges::count(entries, AuditEvent::Kind::gap, [](const auto& one) { return one.event.kind; }), 1);
}

}  // namespace
}  // namespace mailpod::governance
