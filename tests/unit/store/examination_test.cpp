// Each kind of fault made on a folder, and named; and what a repair makes of it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/crypto/age.hpp>
#include <mailpod/store/examination.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using Kind = Fault::Kind;
using Outcome = Vault::Mended::Outcome;
using testing::Contains;
using testing::ElementsAre;
using testing::IsEmpty;

struct ExaminationOf : testing::Test {
  ExaminationOf() {
    house.deliver(mail("delivered"));
    vault = house.open();
    Household::merge_all(*vault);
    for (const auto* subject : {"one", "two"}) Household::append(*vault, mail(subject));
  }

  static std::vector<Fault> all(Examination& examination) {
    while (examination.more()) {
    }
    examination.confirm();
    return examination.faults();
  }
  std::vector<Fault> inside() { return all(*vault->examine()); }
  std::vector<Fault> outside() {
    const auto& who = house.members[0];
    return all(*examine_folder({*house.disk, house.clock, who.folder, who.id, house.pod_key.public_key()}));
  }
  static std::vector<Kind> kinds(const std::vector<Fault>& faults) {
    std::vector<Kind> kinds;
    for (const auto& fault : faults) kinds.push_back(fault.kind);
    return kinds;
  }
  std::string folder() const { return house.members[0].folder; }
  std::string in_cur(std::size_t number) const { return house.files_below("Maildir/cur").at(number); }
  void flip(const std::string& path, std::uint64_t at) const {
    const auto file = house.disk->open(path, base::Disk::Open::read_write);
    char octet = 0;
    file->read_at(at, {&octet, 1});
    octet = static_cast<char>(octet ^ 1);
    file->write_at(at, {&octet, 1});
  }
  void put(const std::string& path, const std::string& octets) const {
    house.disk->open(path, base::Disk::Open::create_new)->write_at(0, octets);
  }
  Vault::Mended mend(const Fault& fault, Vault::Lost lost = Vault::Lost::kept) { return vault->mend(fault, lost); }

  Household house;
  std::unique_ptr<Vault> vault;
};

TEST_F(ExaminationOf, AHealthyVaultFindsNothing) {
  EXPECT_THAT(inside(), IsEmpty());
  EXPECT_THAT(outside(), IsEmpty());
}

TEST_F(ExaminationOf, AFlippedOctetNamesTheMessageByMailboxAndDate) {
  const auto path = in_cur(0);
  flip(path, house.disk->status(path)->size - 20);
  const auto faults = inside();
  ASSERT_THAT(kinds(faults), ElementsAre(Kind::file_damaged));
  EXPECT_TRUE(faults[0].place.starts_with("INBOX, UID ")) << faults[0].place;
  EXPECT_GT(faults[0].size, 0U);
  EXPECT_GT(faults[0].internal_date, 0U);
}

TEST_F(ExaminationOf, AMissingFileIsKeptInTheListingUntilItIsLetGo) {
  house.disk->unlink(in_cur(0));
  const auto faults = inside();
  ASSERT_THAT(kinds(faults), ElementsAre(Kind::file_missing));
  EXPECT_EQ(mend(faults[0]).outcome, Outcome::left);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 3U);
  EXPECT_EQ(mend(faults[0], Vault::Lost::dropped).outcome, Outcome::mended);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 2U);
  EXPECT_THAT(inside(), IsEmpty());
  EXPECT_EQ(mend(faults[0], Vault::Lost::dropped).outcome, Outcome::gone);
}

TEST_F(ExaminationOf, ADamagedFileThatIsLetGoLiesInQuarantine) {
  flip(in_cur(0), 300);
  const auto faults = inside();
  ASSERT_EQ(mend(faults.at(0), Vault::Lost::dropped).outcome, Outcome::mended);
  EXPECT_THAT(kinds(inside()), ElementsAre(Kind::quarantined));
  EXPECT_EQ(empty_quarantine(*house.disk, folder()), 1U);
  EXPECT_THAT(inside(), IsEmpty());
}

TEST_F(ExaminationOf, AForeignFileIsPutAside) {
  put(folder() + "/Maildir/cur/cat.jpg", "meow");
  put(folder() + "/log/notes.txt", "x");
  put(folder() + "/Maildir/tmp/x", "x");
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::foreign_file, Kind::foreign_file, Kind::foreign_file));
  for (const auto& fault : outside()) EXPECT_EQ(mend(fault).outcome, Outcome::mended) << fault.path;
  EXPECT_EQ(quarantined_files(*house.disk, folder()).size(), 3U);
  EXPECT_THAT(kinds(inside()), Contains(Kind::quarantined).Times(3));
}

TEST_F(ExaminationOf, ACardThatWasBeingWrittenIsNotForeign) {
  put(folder() + "/card.tmp-4711-1", "MC");
  put(folder() + "/card.next.tmp-4711-2", "MC");
  EXPECT_THAT(outside(), IsEmpty());
  put(folder() + "/card.tmp", "MC");
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::foreign_file));
}

TEST_F(ExaminationOf, AFileThatThePodVouchesForIsListedAgain) {
  // As if the journal had lost it: the file of a message that arrived and was never merged.
  house.deliver(mail("forgotten"));
  const auto path = house.files_below("Maildir/new").at(0);
  house.disk->rename(path, folder() + "/Maildir/cur" + path.substr(path.rfind('/')));
  const auto faults = inside();
  ASSERT_THAT(kinds(faults), ElementsAre(Kind::file_without_record));
  EXPECT_EQ(mend(faults[0]).outcome, Outcome::mended);
  EXPECT_THAT(Household::read_all(*vault), Contains(mail("forgotten")));
  EXPECT_THAT(inside(), IsEmpty());
}

TEST_F(ExaminationOf, AFileThatNobodyVouchesForIsPutAside) {
  const auto name = base::hex(base::octets(house.entropy.bytes<16>()));
  put(folder() + "/Maildir/cur/" + name, base::read_file(*house.disk, in_cur(1), 1 << 20));
  const auto faults = inside();
  ASSERT_THAT(kinds(faults), ElementsAre(Kind::file_without_record));
  EXPECT_EQ(mend(faults[0]).outcome, Outcome::mended);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 3U);
  EXPECT_THAT(quarantined_files(*house.disk, folder()), ElementsAre(name));
}

TEST_F(ExaminationOf, WhatIsExpungedMeanwhileIsNoFault) {
  const auto examination = vault->examine();
  vault->expunge(vault->state()->find("INBOX")->id, Household::uids(*vault), Vault::Expunge::all).value();
  Household::append(*vault, mail("later"));
  EXPECT_THAT(all(*examination), IsEmpty());
  EXPECT_EQ(examination->progress().went, 3U);
}

TEST_F(ExaminationOf, AJournalThatIsRewrittenMeanwhileFindsNothing) {
  const auto examination = vault->examine();
  examination->more();
  vault->compact();
  Household::append(*vault, mail("later"));
  EXPECT_THAT(all(*examination), IsEmpty());
  EXPECT_EQ(examination->progress().done, 3U);
}

TEST_F(ExaminationOf, AStoppedVaultEnds) {
  const auto examination = vault->examine();
  const auto looked = vault->examine();
  while (looked->more()) {
  }
  vault->stop();
  EXPECT_THROW(examination->more(), std::system_error);
  EXPECT_THROW(looked->confirm(), std::system_error);
}

TEST_F(ExaminationOf, AHoleInTheJournalIsWrittenOver) {
  const auto segment = house.files_below(".seg").at(0);
  vault.reset();
  const auto octets = base::read_file(*house.disk, segment, 1 << 20);
  const auto second = octets.find("MREC", octets.find("MREC", octets.find("MREC") + 1) + 1);
  flip(segment, second + 45);
  EXPECT_THAT(outside(), IsEmpty());
  vault = house.open();
  const auto faults = inside();
  ASSERT_THAT(kinds(faults), Contains(Kind::journal_damaged));
  for (const auto& fault : faults) {
    if (fault.kind == Kind::journal_damaged) mend(fault);
  }
  EXPECT_THAT(kinds(inside()), testing::Not(Contains(Kind::journal_damaged)));
  EXPECT_FALSE(quarantined_files(*house.disk, folder()).empty());
}

TEST_F(ExaminationOf, FramesIsDoneWithoutAKey) {
  vault.reset();
  const auto segment = house.files_below(".seg").at(0);
  const auto octets = base::read_file(*house.disk, segment, 1 << 20);
  flip(segment, octets.find("MREC", 200));
  flip(segment, 0);
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::segment_unreadable, Kind::segment_unreadable));
}

TEST_F(ExaminationOf, SealedFilesWithoutAKeyNamesTheCutAndTheExtended) {
  const auto path = in_cur(0);
  house.disk->open(path, base::Disk::Open::read_write)->truncate(house.disk->status(path)->size - 1);
  const auto other = in_cur(1);
  house.disk->open(other, base::Disk::Open::read_write)->write_at(house.disk->status(other)->size, "x");
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::not_a_sealed_file, Kind::not_a_sealed_file));
}

TEST_F(ExaminationOf, ACardThatIsMissingDamagedOrOfAnotherKey) {
  house.disk->unlink(folder() + "/card");
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::card_missing));
  put(folder() + "/card", "MCRD");
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::card_damaged));
  EXPECT_THAT(kinds(inside()), ElementsAre(Kind::card_damaged));
  auto card = house.members[0].card;
  card.archive_recipient = crypto::AgeIdentity::random(house.arena, house.entropy).recipient().point;
  write_card(*house.disk, folder(), card, house.pod_key);
  EXPECT_THAT(kinds(outside()), IsEmpty());
  EXPECT_THAT(kinds(inside()), ElementsAre(Kind::card_disagrees));
}

TEST_F(ExaminationOf, AFileWithThreeRecipientsOrALongHeaderIsPutAside) {
  const auto& who = house.members[0];
  const auto some = [&] { return crypto::AgeIdentity::random(house.arena, house.entropy).recipient(); };
  const std::vector<crypto::AgeRecipient> three{{who.card.drop_recipient}, some(), some()};
  std::string octets;
  crypto::AgeWriter writer(house.entropy, three, [&](std::string_view more) { octets += more; });
  writer.write("mail");
  writer.finish();
  put(folder() + "/Maildir/new/" + base::hex(base::octets(house.entropy.bytes<16>())), octets);
  std::string long_header = "age-encryption.org/v1\n-> grease";
  while (long_header.size() < 1 << 20) long_header += " AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
  put(folder() + "/Maildir/new/" + base::hex(base::octets(house.entropy.bytes<16>())), long_header);
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::not_a_sealed_file, Kind::not_a_sealed_file));
  Household::merge_all(*vault);
  EXPECT_EQ(vault->state()->find("INBOX")->count, 3U);
  EXPECT_EQ(quarantined_files(*house.disk, folder()).size(), 2U);
}

TEST_F(ExaminationOf, AnUnfinishedFileIsOldBeforeItIsNamed) {
  const auto name =
      fmt::format("{}.{}", base::hex(base::octets(house.entropy.bytes<16>())), base::to_seconds(house.clock.now()));
  put(folder() + "/Maildir/tmp/" + name, "half");
  EXPECT_THAT(outside(), IsEmpty());
  house.clock.advance(std::chrono::hours(37));
  EXPECT_THAT(kinds(outside()), ElementsAre(Kind::unfinished_file));
}

TEST_F(ExaminationOf, MeasuringCountsWhatLiesThere) {
  house.deliver(mail("waits"));
  const auto figures = measure_folder(*house.disk, folder());
  EXPECT_EQ(figures.messages, 4U);
  EXPECT_EQ(figures.waiting, 1U);
  EXPECT_EQ(figures.segments, 1U);
  EXPECT_GT(figures.octets, figures.padded_octets);
  const auto inside = vault->figures();
  EXPECT_EQ(inside.journal_octets, figures.journal_octets);
  EXPECT_EQ(inside.mail_octets, mail("delivered").size() + 2 * mail("one").size());
}

TEST(Compaction, LeavesEveryOlderStateReadable) {
  Household house;
  const auto vault = house.open();
  for (int i = 0; i < 5; ++i) Household::append(*vault, mail(std::to_string(i)));
  const auto old = vault->state()->find("INBOX");
  for (int round = 0; round < 3; ++round) {
    Household::leave_garbage(*vault);
    const auto before = vault->figures().journal_octets;
    vault->compact();
    EXPECT_LT(vault->figures().journal_octets, before / 2);
    for (std::uint32_t n = 1; n <= 5; ++n)
      EXPECT_EQ(Household::read(*vault, old->at({n})), mail(std::to_string(n - 1)));
  }
  EXPECT_THAT(vault->check(), IsEmpty());
}

TEST(Compaction, ThatFailsLeavesEveryStateReadable) {
  Household house;
  auto vault = house.open();
  for (int i = 0; i < 3; ++i) Household::append(*vault, mail(std::to_string(i)));
  const auto old = vault->state()->find("INBOX");
  vault->compact();
  std::size_t failed = 0;
  for (std::uint64_t call = 1; call < 40; ++call) {
    Household::append(*vault, mail("more"), "Junk");
    house.disk->fail_call(house.disk->calls() + call, EIO);
    try {
      vault->compact();
    } catch (const std::system_error&) {
      ++failed;
    }
    house.disk->heal();
    for (std::uint32_t n = 1; n <= 3; ++n)
      ASSERT_EQ(Household::read(*vault, old->at({n})), mail(std::to_string(n - 1))) << call;
    ASSERT_THAT(vault->check(), IsEmpty()) << call;
  }
  EXPECT_GT(failed, 3U);
  vault.reset();
  EXPECT_THAT(house.open()->check(), IsEmpty());
}

}  // namespace
}  // namespace mailpod::store::test
