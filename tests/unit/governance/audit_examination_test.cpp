#include "audit_household.hpp"

// Whoever changes a log behind the pod's back, with pod.key or without.
namespace mailpod::governance {
namespace {

class AlteredAudit : public AuditHousehold {
protected:
  AlteredAudit() : log(open(disk)) { write_two_days(*log); }
  std::unique_ptr<AuditLog> log;
};

TEST_F(AlteredAudit, NamesTheEntryThatWasChanged) {
  auto all = lines(first_segment);
  const auto at = all[2].find("name=b");
  all[2].replace(at, 6, "name=x");
  write_lines(first_segment, all);
  EXPECT_NE(faults(disk).find("entry 3 is not what was written: it is not signed by the pod"), std::string::npos)
      << faults(disk);
}

TEST_F(AlteredAudit, NamesTheEntryThatWasTakenOut) {
  auto all = lines(first_segment);
  all.erase(all.begin() + 1);
  write_lines(first_segment, all);
  EXPECT_NE(faults(disk).find("entry 2 was taken out"), std::string::npos) << faults(disk);
}

TEST_F(AlteredAudit, NamesTheEntriesThatChangedPlaces) {
  auto all = lines(first_segment);
  std::swap(all[1], all[2]);
  write_lines(first_segment, all);
  EXPECT_NE(faults(disk).find("entry 2 stands behind entry 3: put in another order, or twice"), std::string::npos)
      << faults(disk);
}

TEST_F(AlteredAudit, NoticesEveryOctetThatChanges) {
  const auto octets = read(disk, first_segment);
  for (std::size_t at = 0; at < octets.size(); ++at) {
    auto other = octets;
    other[at] = static_cast<char>(other[at] ^ 1);
    base::replace_file(disk, first_segment, other);
    EXPECT_NE(faults(disk), "") << at;
  }
}

TEST_F(AlteredAudit, NamesWhatWasCutOffBehindACountersignedCheckpoint) {
  countersign(*log);
  auto all = lines(second_segment);
  all.resize(1);
  write_lines(second_segment, all);
  EXPECT_NE(faults(disk).find("entries 6 to 7 were cut off: Erika countersigned a checkpoint of 7"), std::string::npos)
      << faults(disk);
}

/// With pod.key everything can be written anew, but what a maintainer countersigned.
TEST_F(AlteredAudit, ByWhoHasThePodsKeyContradictsWhatAMaintainerSigned) {
  const auto kept = countersign(*log);
  auto all = lines(first_segment);
  const auto at = all[2].find("name=b");
  all[2].replace(at, 6, "name=x");
  all = signed_anew(all, Hash{});
  write_lines(first_segment, all);
  auto later = signed_anew(lines(second_segment), audit_hash(all.back()));
  write_lines(second_segment, later);
  disk.unlink("pod/audit/000000000004.checkpoint");
  EXPECT_NE(faults(disk).find("entry 7 or one before it is not what Erika countersigned"), std::string::npos)
      << faults(disk);
  // They take hers away, too; she kept her own.
  for (const auto& file : disk.list("pod/audit")) {
    if (!file.name.ends_with(".log")) disk.unlink("pod/audit/" + file.name);
  }
  EXPECT_EQ(faults(disk), "");
  auto asked = questions();
  asked.kept.push_back(kept);
  const auto report = examine_audit(disk, "pod/audit", asked);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].what, "entry 7 or one before it is not what Erika countersigned");
}

TEST_F(AlteredAudit, BelievesNoCheckpointAndNoCountersignatureOfStrangers) {
  const auto other = crypto::SigningKey::random(arena, entropy);
  Checkpoint checkpoint{"pod.lab/audit", log->head(), {}};
  Note note{checkpoint.text(), {sign_note(other, checkpoint.origin, checkpoint.text())}};
  base::replace_file(disk, "pod/audit/000000000007.checkpoint", note.str());
  EXPECT_NE(faults(disk).find("is not signed by the pod"), std::string::npos);
  disk.unlink("pod/audit/000000000007.checkpoint");
  const auto file = log->checkpoint().value();
  const auto stranger = crypto::minisign::SecretKey::random(arena, entropy);
  base::replace_file(
      disk, "pod/audit/000000000007." + stranger.public_key().id_text() + ".minisig",
      crypto::minisign::sign_file(stranger, file.octets, audit_comment("pod.lab", 7, identity(file.octets))));
  EXPECT_NE(faults(disk), "");
  EXPECT_TRUE(examine(disk).countersignatures.empty());
}

TEST_F(AlteredAudit, BehindANewKeyBelievesTheOldOneNothing) {
  const auto next = crypto::SigningKey::random(arena, entropy);
  auto asked = questions();
  asked.keys.push_back(next.public_key());
  AuditLog by_next({disk, clock, base::silent_log(), "pod/audit", "pod.lab", next, known, [](const TreeHead&) {}});
  by_next.write(event("g"));
  EXPECT_TRUE(examine_audit(disk, "pod/audit", asked).faults.empty());
  known = by_next.head();
  open(disk)->write(event("h"));  // by the old key
  const auto report = examine_audit(disk, "pod/audit", asked);
  ASSERT_EQ(report.faults.size(), 1U);
  EXPECT_EQ(report.faults[0].what, "entry 9 is not what was written: it is not signed by the pod");
}

TEST_F(AlteredAudit, SaysWhatNoMaintainerHasSigned) {
  EXPECT_EQ(examine(disk).uncovered(), 1U);
  countersign(*log);
  log->write(event("g"));
  EXPECT_EQ(examine(disk).uncovered(), 8U);
}

}  // namespace
}  // namespace mailpod::governance
