#include <mailpod/governance/witness.hpp>

#include "ledger_household.hpp"
#include "simulation/frozen.hpp"

/// What version 1 wrote of ledgers must be read, and mean the same, for ever.
namespace mailpod::governance {
namespace {

using simulation::frozen;

class FrozenLedger : public LedgerHousehold {
protected:
  FrozenLedger() {
    auto books = open(disk);
    record(books, 4);
    note = books.ledger->checkpoint().str();
    verifier = books.ledger->verifier_key();
  }
  std::string note;
  VerifierKey verifier;
};

TEST_F(FrozenLedger, OfVersion1IsSound) {
  simulation::Disk place;
  for (const auto* folder : {"l", "l/tile", "l/tile/0", "l/tile/0/000.p", "l/tile/entries", "l/tile/entries/000.p"})
    place.make_directory(folder);
  for (const std::string name : {"checkpoint", "tile/0/000.p/5", "tile/entries/000.p/5"}) {
    const auto octets =
        frozen("ledger-1/" + name, [&] { return base::read_file(disk, "pod/governance/ledger/" + name, 1 << 20); });
    base::replace_file(place, "l/" + name, octets);
  }
  LedgerQuestions questions;
  questions.charter = pin;
  questions.key = parse_verifier_key(frozen("ledger-1/key", [&] { return verifier.str(); }), "key").value();
  const auto report = examine_ledger(place, "l", questions);
  EXPECT_TRUE(report.faults.empty()) << report.faults.front().text();
  EXPECT_EQ(report.head.size, 5u);
  EXPECT_EQ(report.charters, 1u);
}

TEST_F(FrozenLedger, AWitnessRemembersWhatVersion1Saw) {
  const auto own = crypto::SigningKey::random(community.arena, community.entropy);
  simulation::Disk place;
  Witness witness({place, community.clock, "w", "b.lab", own});
  const std::string name = "w/" + base::hex(base::octets(identity("pod.lab/ledger")).substr(0, 16));
  const auto octets = frozen("witnessed-1", [&] {
    witness.cosign({note, std::nullopt, verifier, "note"}).value();
    return base::read_file(place, name, 1 << 20);
  });
  place.make_directory("w");
  base::replace_file(place, name, octets);
  EXPECT_EQ(witness.seen("pod.lab/ledger").value(), 5u);
  EXPECT_TRUE(witness.cosign({note, std::nullopt, std::nullopt, "note"}));
}

}  // namespace
}  // namespace mailpod::governance
