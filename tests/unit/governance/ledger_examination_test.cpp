#include "ledger_household.hpp"

namespace mailpod::governance {
namespace {

class Examined : public LedgerHousehold {
protected:
  Examined() {
    auto books = open(disk);
    record(books, 300);
    ledger_key = books.ledger->verifier_key();
    checkpoint = books.ledger->checkpoint().str();
  }
  void change(base::Disk& on, const std::string& path, const std::function<void(std::string&)>& how) {
    auto octets = base::read_file(on, "pod/governance/" + path, 1 << 24);
    how(octets);
    base::replace_file(on, "pod/governance/" + path, octets);
  }
  void expect_named(base::Disk& on, const std::string& name) {
    const auto all = faults(on);
    EXPECT_NE(all.find(name), std::string::npos) << "wanted " << name << " in\n" << all;
  }
  VerifierKey ledger_key;
  std::string checkpoint;
};

TEST_F(Examined, NamesEachFileThatIsMissing) {
  for (const auto& path : disk.files()) {
    if (!path.starts_with("pod/governance/") && !path.starts_with("/pod/governance/")) continue;
    if (path.find(".p/") != std::string::npos && path.find("001.p/45") == std::string::npos &&
        path.find("1/000.p/1") == std::string::npos)
      continue;                                // what only earlier checkpoints speak of
    if (path.ends_with(".minisig")) continue;  // they are in the leaf, too
    if (path.ends_with(".entry") && path.find("47.entry") == std::string::npos) continue;  // some are enough
    const auto copy = disk.clean_copy();
    copy->unlink(path);
    expect_named(*copy, path.substr(path.find("governance/") + 11));
  }
}

TEST_F(Examined, NamesTheLeafThatWasChangedOrSwapped) {
  const auto changed = disk.clean_copy();
  change(*changed, "ledger/tile/entries/000", [](std::string& octets) { octets[octets.size() / 2] ^= 1; });
  expect_named(*changed, "leaf 1");
  const auto swapped = disk.clean_copy();
  change(*swapped, "ledger/tile/entries/001.p/45", [](std::string& octets) {
    const auto read = parse_bundle(octets, 45).value();
    std::vector<std::string> entries(read.begin(), read.end());
    std::swap(entries[3], entries[9]);
    octets = write_bundle(entries);
  });
  expect_named(*swapped, "leaf 259 is not what was entered");
  expect_named(*swapped, "leaf 265 is not what was entered");
}

TEST_F(Examined, NamesTheActThatWasChangedOrSwapped) {
  const auto swapped = disk.clean_copy();
  swapped->rename("pod/governance/acts/000017.entry", "pod/governance/acts/x");
  swapped->rename("pod/governance/acts/000018.entry", "pod/governance/acts/000017.entry");
  swapped->rename("pod/governance/acts/x", "pod/governance/acts/000018.entry");
  expect_named(*swapped, "acts/000017.entry: is not leaf 17");
  expect_named(*swapped, "acts/000018.entry: is not leaf 18");
}

TEST_F(Examined, NamesATileThatDoesNotFitThoseBelow) {
  const auto copy = disk.clean_copy();
  change(*copy, "ledger/tile/1/000.p/1", [](std::string& octets) { octets[0] ^= 1; });
  expect_named(*copy, "ledger/tile/1/000.p/1: does not hold");
  const auto leaves = disk.clean_copy();
  change(*leaves, "ledger/tile/0/001.p/45", [](std::string& octets) { octets[32 * 5] ^= 1; });
  expect_named(*leaves, "leaf 261 is not what was entered");
  expect_named(*leaves, "do not add up");
}

TEST_F(Examined, ASizeThatNoLedgerHasEndsSoon) {
  Note note;
  note.text = Checkpoint{"pod.lab/ledger", {std::uint64_t{1} << 61U, Hash{1}}, {}}.text();
  note.signatures.push_back(sign_note(key, "pod.lab/ledger", note.text));
  base::replace_file(disk, "pod/governance/ledger/checkpoint", note.str());
  const auto report = examine(disk);
  EXPECT_FALSE(report.signer);
  EXPECT_FALSE(report.faults.empty());
  EXPECT_LE(report.faults.size(), 1000u);
}

TEST_F(Examined, ALeafReplacedEverywhereDoesNotAddUpToTheSignedRoot) {
  const auto copy = disk.clean_copy();
  const auto forged = write_entry({community.clock.now(), admissions(1)[0].octets, {}});
  change(*copy, "ledger/tile/entries/001.p/45", [&](std::string& octets) {
    const auto read = parse_bundle(octets, 45).value();
    std::vector<std::string> entries(read.begin(), read.end());
    entries[0] = forged;
    octets = write_bundle(entries);
  });
  change(*copy, "ledger/tile/0/001.p/45",
         [&](std::string& octets) { octets.replace(0, 32, base::octets(leaf_hash(forged))); });
  base::replace_file(*copy, "pod/governance/acts/000256.entry", forged);
  expect_named(*copy, "do not add up to the root that was signed");
  expect_named(*copy, "leaf 256: is not signed");
}

TEST_F(Examined, NeedsNothingButTheLedgersOwnFolder) {
  LedgerQuestions questions;
  questions.charter = pin;
  const auto report = examine_ledger(disk, "pod/governance/ledger", questions);
  EXPECT_TRUE(report.faults.empty());
  EXPECT_EQ(report.signer, ledger_key);
  questions.charter = Hash{7};
  EXPECT_EQ(examine_ledger(disk, "pod/governance/ledger", questions).faults.front().code, Errc::not_the_pinned_charter);
  questions.charter = pin;
  questions.key = ledger_key;
  questions.key->key[3] ^= 1;
  EXPECT_EQ(examine_ledger(disk, "pod/governance/ledger", questions).faults.front().code, Errc::note_unsigned);
}

TEST_F(Examined, FindsTheLeafThatCommitsToAnAddress) {
  LedgerQuestions questions;
  questions.commitment = address_commitment({}, "17@pod.lab");
  EXPECT_EQ(examine(disk, questions).committed, std::vector<std::uint64_t>{17});
  questions.commitment = address_commitment({1}, "17@pod.lab");
  EXPECT_TRUE(examine(disk, questions).committed.empty());
}

TEST_F(Examined, GrewOutOfWhatWasSeenBefore) {
  auto books = open(disk);
  record(books, 100);
  LedgerQuestions questions;
  questions.since.push_back({"seen", checkpoint});
  EXPECT_EQ(faults(disk, questions), "");
  questions.since[0].octets = books.ledger->checkpoint().str();
  EXPECT_EQ(faults(disk, questions), "");
  questions.since[0].octets.replace(0, 3, "pad");
  EXPECT_NE(faults(disk, questions), "");
}

TEST_F(Examined, AnOlderOneThanWasSeenIsNoticed) {
  const auto before = disk.clean_copy();
  auto books = open(disk);
  record(books, 1);
  LedgerQuestions questions;
  questions.since.push_back({"seen", books.ledger->checkpoint().str()});
  const auto report = examine(*before, questions);
  ASSERT_EQ(report.faults.size(), 1u);
  EXPECT_EQ(report.faults[0].code, Errc::ledger_shorter);
  EXPECT_FALSE(report.fork) << "being old is no lie by itself";
}

TEST_F(Examined, AForkIsProvedToAnybodyByItself) {
  const auto other = disk.clean_copy();
  auto books = open(disk);
  record(books, 3);
  const auto seen = books.ledger->checkpoint().str();
  auto parted = open(*other);
  record(parted, 40);
  LedgerQuestions questions;
  questions.since.push_back({"seen", seen});
  const auto report = examine(*other, questions);
  ASSERT_TRUE(report.fork);
  EXPECT_EQ(report.faults.at(0).code, Errc::ledger_forked);
  const auto handed_on = parse_fork_proof(write_proof(*report.fork), "fork").value();
  EXPECT_EQ(handed_on, *report.fork);
  EXPECT_TRUE(proves_fork(handed_on, ledger_key, "fork"));
  auto other_key = ledger_key;
  other_key.key[0] ^= 1;
  EXPECT_EQ(proves_fork(handed_on, other_key, "fork").error().code, Errc::note_unsigned);
  // Nobody is accused by two checkpoints that belong together.
  auto harmless = handed_on;
  harmless.older = checkpoint;
  EXPECT_EQ(proves_fork(harmless, ledger_key, "fork").error().code, Errc::proof_wrong);
  harmless = handed_on;
  harmless.root[0] ^= 1;
  EXPECT_EQ(proves_fork(harmless, ledger_key, "fork").error().code, Errc::proof_wrong);
}

TEST_F(Examined, AKeyThatWasReplacedSignsNothingThatCameAfter) {
  auto books = open(disk);
  const auto next = crypto::SigningKey::random(community.arena, community.entropy);
  community.charter.seq = 2;
  community.charter.prev = pin;
  community.charter.effective += std::chrono::days(7);
  community.charter.federation.pod_key = next.public_key();
  ASSERT_TRUE(books.registry->record_charter(community.signed_charter(), community.clock.now()));
  EXPECT_EQ(faults(disk), "") << "until it takes effect the old key signs";
  const auto before = books.ledger->checkpoint().str();
  community.clock.advance(std::chrono::days(8));
  record(books, 1);  // signed by the old key still
  EXPECT_EQ(examine(disk).faults.front().code, Errc::note_unsigned) << faults(disk);
  const auto text = books.ledger->checkpoint().text;
  base::replace_file(disk, "pod/governance/ledger/checkpoint",
                     Note{text, {sign_note(next, "pod.lab/ledger", text)}}.str());
  LedgerQuestions questions;
  questions.since.push_back({"before", before});
  EXPECT_EQ(faults(disk, questions), "") << "what it signed while it counted is believed";
  questions.since[0].octets = Note{text, {sign_note(key, "pod.lab/ledger", text)}}.str();
  EXPECT_EQ(examine(disk, questions).faults.front().code, Errc::note_unsigned);
}

}  // namespace
}  // namespace mailpod::governance
