#include <algorithm>
#include <set>

#include "ledger_household.hpp"

namespace mailpod::governance {
namespace {

using std::chrono::days;

using LedgerTest = LedgerHousehold;

const std::string tiles = "pod/governance/ledger/tile/";

TEST_F(LedgerTest, BeginsWithTheFirstCharter) {
  const auto books = open(disk);
  EXPECT_EQ(books.ledger->size(), 1u);
  const auto entry = parse_entry(books.registry->entry(0), "leaf 0").value();
  EXPECT_EQ(identity(entry.octets), pin);
  EXPECT_EQ(entry.accepted_at, community.charter.issued);
  EXPECT_EQ(books.ledger->head().root, leaf_hash(books.registry->entry(0)));
  EXPECT_EQ(faults(disk), "");
}

TEST_F(LedgerTest, EveryActAndCharterIsALeaf) {
  auto books = open(disk);
  record(books, 3);
  community.charter.seq = 2;
  community.charter.prev = pin;
  community.charter.effective += days(7);
  ASSERT_TRUE(books.registry->record_charter(community.signed_charter(), community.clock.now()));
  EXPECT_EQ(books.ledger->size(), 5u);
  const auto report = examine(disk);
  EXPECT_EQ(report.faults.size(), 0u) << faults(disk);
  EXPECT_EQ(report.charters, 2u);
  EXPECT_EQ(report.charter, pin);
  EXPECT_EQ(report.head, books.ledger->head());
  EXPECT_EQ(report.newest, books.registry->gate().roster()->find(members[0])->admitted);
}

TEST_F(LedgerTest, IsTheSameHoweverTheActsCameInBatches) {
  const auto acts = admissions(700);
  const auto live = [&](std::size_t batch) {
    const auto copy = disk.clean_copy();
    auto books = open(*copy);
    for (std::size_t i = 0; i < acts.size(); i += batch) {
      const auto some = std::span(acts).subspan(i, std::min(batch, acts.size() - i));
      EXPECT_TRUE(books.registry->record(some, community.clock.now()));
    }
    EXPECT_EQ(faults(*copy), "") << batch;
    return books.ledger->head();
  };
  const auto at_once = live(700);
  EXPECT_EQ(live(1), at_once);
  EXPECT_EQ(live(97), at_once);
}

TEST_F(LedgerTest, APodFromBeforeTheLedgerGetsOneAtItsStart) {
  auto books = open(disk);
  record(books, 300);
  const auto head = books.ledger->head();
  for (const auto& path : disk.files()) {
    if (path.find("/ledger/") != std::string::npos) disk.unlink(path);
  }
  EXPECT_EQ(open(disk).ledger->head(), head);
  EXPECT_EQ(faults(disk), "");
}

TEST_F(LedgerTest, PartialTilesGoOnlyOnceTheFullOneIsThere) {
  auto books = open(disk);
  for (int i = 0; i < 3; ++i) record(books, 1);
  for (const auto* path : {"0/000.p/1", "0/000.p/2", "0/000.p/4", "entries/000.p/3"})
    EXPECT_TRUE(disk.status(tiles + path));
  record(books, 252);
  EXPECT_TRUE(disk.status(tiles + "0/000"));
  EXPECT_FALSE(disk.status(tiles + "0/000.p"));
  EXPECT_FALSE(disk.status(tiles + "entries/000.p"));
  EXPECT_TRUE(disk.status(tiles + "1/000.p/1"));
}

TEST_F(LedgerTest, ALostTileIsMadeAnewAndALostCheckpointIsSignedAnew) {
  auto books = open(disk);
  record(books, 300);
  const auto head = books.ledger->head();
  for (const auto& path : disk.files()) {
    if (path.find("/ledger/") == std::string::npos) continue;
    const auto copy = disk.clean_copy();
    copy->unlink(path);
    const auto again = try_open(*copy, head);
    ASSERT_TRUE(again) << path << ": " << again.error().text();
    EXPECT_EQ(again->ledger->head(), head);
    EXPECT_EQ(faults(*copy), "") << path;
  }
}

TEST_F(LedgerTest, ARecordThatLostOrChangedALeafIsRefused) {
  auto books = open(disk);
  record(books, 5);
  const auto head = books.ledger->head();
  const auto shorter = disk.clean_copy();
  shorter->unlink("pod/governance/acts/000005.entry");
  EXPECT_EQ(try_open(*shorter).error().code, Errc::record_shorter_than_known);
  const auto swapped = disk.clean_copy();
  swapped->rename("pod/governance/acts/000002.entry", "pod/governance/acts/x");
  swapped->rename("pod/governance/acts/000003.entry", "pod/governance/acts/000002.entry");
  swapped->rename("pod/governance/acts/x", "pod/governance/acts/000003.entry");
  const auto refusal = try_open(*swapped);
  EXPECT_EQ(refusal.error().code, Errc::record_differs_from_known);
  EXPECT_NE(refusal.error().text().find("they part at leaf 2"), std::string::npos) << refusal.error().text();
  // Record and ledger both taken back: only who remembers can tell.
  const auto older = shorter->clean_copy();
  for (const auto& path : older->files()) {
    if (path.find("/ledger/") != std::string::npos) older->unlink(path);
  }
  EXPECT_TRUE(try_open(*older));
  EXPECT_EQ(try_open(*older, head).error().code, Errc::record_shorter_than_known);
}

TEST_F(LedgerTest, ASignatureThatIsPutBesideTheFirstCharterLaterChangesNoLeaf) {
  simulation::Community two(2, 1, 9);
  two.charter.federation.pod_key = key.public_key();
  simulation::Disk place;
  place.make_directory("pod");
  Registry::found(place, "pod/governance", two.signed_charter({0})).value();
  pin = two.pin();
  const auto head = open(place).ledger->head();
  const auto late = two.signed_charter({1});
  base::replace_file(place, "pod/governance/charter-0001." + two.keys[1].public_key().id_text() + ".minisig",
                     late.minisigs[0]);
  auto books = open(place);
  EXPECT_EQ(books.ledger->head(), head);
  EXPECT_EQ(faults(place), "");
  // Nor does it where the bundle is written again from the files.
  books.registry->follow_with({});
  ASSERT_TRUE(books.registry->record({{two.sign(two.admission(two.newcomer()))}}, two.clock.now()));
  books.ledger->follow(record_of(*books.registry));
  EXPECT_EQ(faults(place), "");
}

TEST_F(LedgerTest, NeitherDoesItWhereTheCheckpointOrATileIsGone) {
  simulation::Community two(2, 1, 9);
  two.charter.federation.pod_key = key.public_key();
  simulation::Disk place;
  place.make_directory("pod");
  Registry::found(place, "pod/governance", two.signed_charter({0})).value();
  pin = two.pin();
  const auto head = open(place).ledger->head();
  base::replace_file(place, "pod/governance/charter-0001." + two.keys[1].public_key().id_text() + ".minisig",
                     two.signed_charter({1}).minisigs[0]);
  for (const auto* path : {"checkpoint", "tile/0/000.p/1", "tile/entries/000.p/1"}) {
    const auto copy = place.clean_copy();
    copy->unlink(std::string("pod/governance/ledger/") + path);
    const auto again = try_open(*copy, head);
    ASSERT_TRUE(again) << path << ": " << again.error().text();
    EXPECT_EQ(again->ledger->head(), head);
    EXPECT_EQ(faults(*copy), "") << path;
  }
}

TEST_F(LedgerTest, ADamagedTileOfHashesKeepsNobodyFromTheirMail) {
  auto books = open(disk);
  record(books, 4);
  const auto head = books.ledger->head();
  auto octets = base::read_file(disk, tiles + "0/000.p/5", 1 << 20);
  octets[0] = static_cast<char>(octets[0] ^ 1);
  base::replace_file(disk, tiles + "0/000.p/5", octets);
  const auto again = try_open(disk, head);
  ASSERT_TRUE(again) << again.error().text();
  EXPECT_EQ(again->ledger->head(), head);
  EXPECT_NE(faults(disk).find("leaf 0"), std::string::npos) << "it is for `verify` to name it";
}

TEST_F(LedgerTest, ACheckpointOfTheKeyOfAnEarlierCharterIsSignedAnewByTheNewOne) {
  auto books = open(disk);
  record(books, 2);
  const auto old_key = key.public_key();
  crypto::SigningKey next = crypto::SigningKey::random(community.arena, community.entropy);
  community.charter.seq = 2;
  community.charter.prev = pin;
  community.charter.effective += days(7);
  community.charter.federation.pod_key = next.public_key();
  ASSERT_TRUE(books.registry->record_charter(community.signed_charter(), community.clock.now()));
  const auto head = books.ledger->head();
  books = {};
  key = std::move(next);
  EXPECT_EQ(open(disk).ledger->head(), head);
  const auto report = examine(disk);
  EXPECT_EQ(report.faults.size(), 0u) << faults(disk);
  EXPECT_EQ(report.signer->key, key.public_key());
  EXPECT_NE(report.signer->key, old_key);
}

TEST_F(LedgerTest, ProvesEachLeafAndEachSizeFromItsOwnWordsAlone) {
  auto books = open(disk);
  record(books, 20);
  for (std::uint64_t index = 0; index < 21; ++index) {
    const auto text = write_proof(books.ledger->prove(index).value());
    const auto proof = parse_inclusion_proof(text, "proof").value();
    const auto note = parse_note(proof.checkpoint, "proof").value();
    EXPECT_TRUE(is_signed_by(note, books.ledger->verifier_key(), "proof"));
    const auto head = parse_checkpoint(note.text, "proof")->head;
    EXPECT_EQ(root_by_inclusion(leaf_hash(books.registry->entry(index)), index, head.size, proof.hashes), head.root);
  }
  EXPECT_EQ(books.ledger->prove(21).error().code, Errc::bad_value);
  const auto older = books.ledger->head();
  record(books, 10);
  const auto proof = parse_consistency_proof(write_proof(books.ledger->prove_since(older.size).value()), "p").value();
  EXPECT_TRUE(is_consistent(older, books.ledger->head(), proof.hashes));
  EXPECT_EQ(books.ledger->prove_since(32).error().code, Errc::bad_value);
}

TEST_F(LedgerTest, AFailingDiskLeavesTheLedgerAsItWasAndItCatchesUp) {
  auto books = open(disk);
  record(books, 20);
  const auto acts = admissions(10);
  for (std::uint64_t call = 1;; ++call) {
    const auto copy = disk.clean_copy();
    auto again = open(*copy);
    again.registry->follow_with({});
    ASSERT_TRUE(again.registry->record(acts, community.clock.now()));
    const auto before = again.ledger->head();
    copy->fail_call(copy->calls() + call, ENOSPC);
    bool failed = false;
    try {
      again.ledger->follow(record_of(*again.registry));
    } catch (const std::system_error&) {
      failed = true;
      EXPECT_TRUE(again.ledger->head() == before || again.ledger->size() == 31u);
    }
    copy->heal();
    again.ledger->follow(record_of(*again.registry));
    EXPECT_EQ(again.ledger->size(), 31u);
    EXPECT_EQ(faults(*copy), "") << call;
    if (!failed && call > 40) break;
  }
}

TEST_F(LedgerTest, WhatAFullDiskKeepsFromItAtTheStartKeepsNobodyFromTheirMail) {
  auto books = open(disk);
  books.registry->follow_with({});
  ASSERT_TRUE(books.registry->record(admissions(10), community.clock.now()));
  disk.unlink(tiles + "entries/000.p/1");
  std::uint64_t behind = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto copy = disk.clean_copy();
    auto registry = Registry::open({*copy, "pod/governance", pin, {}}).value();
    copy->fail_call(copy->calls() + call, ENOSPC);
    const auto ledger = Ledger::open({*copy, "pod/governance/ledger", "pod.lab", key, {}}, record_of(*registry));
    copy->heal();
    ASSERT_TRUE(ledger) << call << ": " << ledger.error().text();
    if ((*ledger)->behind().empty()) {
      EXPECT_EQ(faults(*copy), "");
      break;
    }
    ++behind;
    (*ledger)->follow(record_of(*registry));
    EXPECT_EQ((*ledger)->behind(), "");
    EXPECT_EQ(faults(*copy), "") << call;
  }
  EXPECT_GT(behind, 10u);
}

TEST_F(LedgerTest, ACrashWhileAnActIsEnteredIsMadeUpForAtTheNextStart) {
  auto books = open(disk);
  record(books, 3);
  const auto before = books.ledger->head();
  const auto tally = books.registry->tally();
  const auto group = admissions(2);
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = disk.clean_copy();
    auto living = open(*machine);
    machine->crash_at_call(machine->calls() + call);
    bool done = false;
    try {
      ASSERT_TRUE(living.registry->record(group, community.clock.now()));
      done = true;
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 8; ++seed) {
      const auto after = machine->crash(seed);
      for (const auto& fault : examine(*after).faults)
        EXPECT_EQ(fault.code, Errc::ledger_shorter) << fault.text();  // an act that is no leaf yet
      const auto again = try_open(*after, done ? living.ledger->head() : before, tally);
      ASSERT_TRUE(again) << again.error().text();
      EXPECT_EQ(again->ledger->size(), again->registry->leaves().size());
      EXPECT_EQ(faults(*after), "") << "call " << call << " seed " << seed;
    }
    if (done) break;
  }
}

/// A ledger of entries that nobody signed: what is asked is only whether they are there.
struct PlainLedger {
  explicit PlainLedger(const crypto::SigningKey& its_key) : key(its_key) {}
  static std::string entry(std::uint64_t i) { return "entry " + std::to_string(i); }
  std::unique_ptr<Ledger> open(base::Disk& on, std::uint64_t count, std::optional<TreeHead> known = std::nullopt) {
    leaves.clear();
    for (std::uint64_t i = 0; i < count; ++i) leaves.push_back(leaf_hash(entry(i)));
    return Ledger::open({on, "ledger", "pod.lab", key, known}, {leaves, entry, {}}).value();
  }
  static void append(Ledger& ledger, std::uint64_t count) {
    std::vector<std::string> entries;
    for (std::uint64_t i = 0; i < count; ++i) entries.push_back(entry(ledger.size() + i));
    ledger.append(entries);
  }
  /// What is wrong with it but for the signatures.
  std::string faults(base::Disk& on) const {
    LedgerQuestions questions;
    questions.key = VerifierKey{"pod.lab/ledger", VerifierKey::Kind::note, key.public_key()};
    std::string out;
    for (const auto& fault : examine_ledger(on, "ledger", questions).faults) {
      if (fault.code != Errc::record_damaged) out += fault.text() + "\n";
    }
    return out;
  }
  const crypto::SigningKey& key;
  std::vector<Hash> leaves;
};

/// Whatever moment the power goes at: the checkpoint on the disk speaks of tiles that are there, nothing that was
/// acknowledged is missing, and the next start completes the rest.
TEST_F(LedgerTest, ACrashAtAnyCallKeepsWhatWasSigned) {
  PlainLedger plain(key);
  simulation::Disk place;
  constexpr std::uint64_t at_first = 254;
  plain.open(place, at_first);
  std::uint64_t states = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = place.clean_copy();
    const auto living = plain.open(*machine, at_first);
    machine->crash_at_call(machine->calls() + call);
    TreeHead promised = living->head();
    bool done = false;
    try {
      for (const std::uint64_t batch : {1U, 1U, 2U, 300U}) {
        PlainLedger::append(*living, batch);
        promised = living->head();
      }
      done = true;
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto after = machine->crash(seed);
      ASSERT_EQ(plain.faults(*after), "") << "call " << call << " seed " << seed;
      const auto again = plain.open(*after, at_first + 304, promised);
      EXPECT_EQ(again->size(), at_first + 304);
      ASSERT_EQ(plain.faults(*after), "") << "call " << call << " seed " << seed;
      ++states;
    }
    if (done) break;
  }
  EXPECT_GT(states, 500u);
  std::printf("%llu states after a power loss\n", static_cast<unsigned long long>(states));
}

/// Whether some power loss shows that the sync at `place` is missing.
bool is_missed(const std::string& place, const simulation::Disk& disk,
               const std::function<bool(simulation::Disk&)>& live,
               const std::function<bool(simulation::Disk&)>& is_sound) {
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    const auto machine = disk.clean_copy();
    machine->omit_sync(place);
    if (!live(*machine)) return true;
    if (!is_sound(*machine->crash(seed))) return true;
  }
  return false;
}

TEST_F(LedgerTest, EverySyncOfItsFilesIsNeeded) {
  const auto acts = admissions(3);
  std::optional<TreeHead> promised;
  const auto live = [&](simulation::Disk& machine) {
    auto books = open(machine);
    EXPECT_TRUE(books.registry->record(acts, community.clock.now()));
    promised = books.ledger->head();
    return true;
  };
  const auto is_sound = [&](simulation::Disk& after) {
    try {
      const auto report = examine(after);
      return report.faults.empty() && report.head == *promised;
    } catch (const std::system_error&) {
      return false;
    }
  };
  ASSERT_FALSE(is_missed("nowhere", disk, live, is_sound));
  const auto machine = disk.clean_copy();
  live(*machine);
  std::size_t tried = 0;
  for (const auto& place : machine->sync_places()) {
    if (place.find("file_batch.cpp") == std::string::npos) continue;
    ++tried;
    EXPECT_TRUE(is_missed(place, disk, live, is_sound)) << place;
  }
  EXPECT_EQ(tried, 2u);
}

}  // namespace
}  // namespace mailpod::governance
