#include <mailpod/governance/witness.hpp>

#include "ledger_household.hpp"

namespace mailpod::governance {
namespace {

class WitnessTest : public LedgerHousehold {
protected:
  WitnessTest() : books(open(disk)), own(crypto::SigningKey::random(community.arena, community.entropy)) {
    record(books, 5);
    elsewhere.make_directory("b");
  }
  Witness witness(base::Disk& on) { return Witness({on, community.clock, "b/witnessed", "b.lab", own}); }
  Verdict<Note> cosign(base::Disk& on, const Ledger& ledger, std::optional<std::uint64_t> since = std::nullopt,
                       bool first = false) {
    Witness::Request request;
    request.checkpoint = ledger.checkpoint().str();
    request.file_name = "checkpoint";
    if (since) request.proof = ledger.prove_since(*since).value();
    if (first) request.key = ledger.verifier_key();
    return witness(on).cosign(request);
  }

  Books books;
  crypto::SigningKey own;
  simulation::Disk elsewhere;
};

TEST_F(WitnessTest, CosignsTheFirstByItsKeyAndTheNextByItsProof) {
  EXPECT_EQ(cosign(elsewhere, *books.ledger).error().code, Errc::missing_key);
  const auto first = cosign(elsewhere, *books.ledger, std::nullopt, true);
  ASSERT_TRUE(first) << first.error().text();
  EXPECT_TRUE(is_signed_by(*first, books.ledger->verifier_key(), "note"));
  EXPECT_EQ(cosigned_at(*first, witness(elsewhere).verifier_key(), "note").value(),
            base::to_seconds(community.clock.now()));
  EXPECT_EQ(witness(elsewhere).seen("pod.lab/ledger").value(), 6u);
  record(books, 4);
  EXPECT_EQ(cosign(elsewhere, *books.ledger).error().code, Errc::missing_key);
  EXPECT_EQ(cosign(elsewhere, *books.ledger, 5).error().code, Errc::proof_wrong);
  EXPECT_TRUE(cosign(elsewhere, *books.ledger, 6));
  EXPECT_TRUE(cosign(elsewhere, *books.ledger)) << "the same again, at a later time";
  EXPECT_EQ(witness(elsewhere).seen("pod.lab/ledger").value(), 10u);
}

TEST_F(WitnessTest, WritesNothingForWhatItRemembers) {
  auto watching = witness(elsewhere);
  const Witness::Request again{books.ledger->checkpoint().str(), {}, {}, "checkpoint"};
  auto first = again;
  first.key = books.ledger->verifier_key();
  ASSERT_TRUE(watching.cosign(first));
  const auto before = elsewhere.calls();
  EXPECT_TRUE(watching.cosign(again));
  EXPECT_EQ(elsewhere.calls(), before);
}

TEST_F(WitnessTest, RemembersNothingOfStrangers) {
  auto watching = witness(elsewhere);
  const auto stranger = crypto::SigningKey::random(community.arena, community.entropy);
  auto note = books.ledger->checkpoint();
  note.signatures.push_back(sign_note(stranger, "stranger.lab", note.text));
  ASSERT_TRUE(watching.cosign({note.str(), {}, books.ledger->verifier_key(), "checkpoint"}));
  for (const auto& path : elsewhere.files())
    EXPECT_EQ(base::read_file(elsewhere, path, largest_note).find("stranger"), std::string::npos) << path;
}

TEST_F(WitnessTest, RefusesALedgerThatWasTakenBackOrTellsAnotherStory) {
  const auto before = disk.clean_copy();
  const auto other = disk.clean_copy();
  record(books, 2);
  ASSERT_TRUE(cosign(elsewhere, *books.ledger, std::nullopt, true));
  const auto older = open(*before);
  EXPECT_EQ(cosign(elsewhere, *older.ledger, 6).error().code, Errc::ledger_shorter);
  auto parted = open(*other);
  record(parted, 2);
  EXPECT_EQ(cosign(elsewhere, *parted.ledger, 8).error().code, Errc::ledger_forked);
  std::string evidence;
  for (const auto& path : elsewhere.files()) {
    if (path.ends_with(".fork")) evidence = base::read_file(elsewhere, path, largest_note);
  }
  EXPECT_TRUE(proves_fork(parse_fork_proof(evidence, "fork").value(), {{books.ledger->verifier_key()}}, "fork"));
  record(parted, 9);
  EXPECT_EQ(cosign(elsewhere, *parted.ledger, 8).error().code, Errc::proof_wrong);
  EXPECT_EQ(witness(elsewhere).seen("pod.lab/ledger").value(), 8u) << "a refusal changes nothing";
}

TEST_F(WitnessTest, ALedgerThatGoesOnUnderAnotherKeyMustContinueWhatWasSeen) {
  ASSERT_TRUE(cosign(elsewhere, *books.ledger, std::nullopt, true));
  record(books, 3);
  const auto next = crypto::SigningKey::random(community.arena, community.entropy);
  const auto under_the_next = [&](std::optional<std::uint64_t> since) {
    const std::string text = books.ledger->checkpoint().text;
    Witness::Request request{Note{text, {sign_note(next, "pod.lab/ledger", text)}}.str(),
                             {},
                             VerifierKey{"pod.lab/ledger", VerifierKey::Kind::note, next.public_key()},
                             "checkpoint"};
    if (since) request.proof = books.ledger->prove_since(*since).value();
    return witness(elsewhere).cosign(request);
  };
  EXPECT_EQ(under_the_next(std::nullopt).error().code, Errc::missing_key) << "no proof";
  EXPECT_EQ(under_the_next(4).error().code, Errc::proof_wrong);
  EXPECT_EQ(witness(elsewhere).seen("pod.lab/ledger").value(), 6u);
  ASSERT_TRUE(under_the_next(6));
  EXPECT_EQ(witness(elsewhere).seen("pod.lab/ledger").value(), 9u);
  record(books, 1);
  EXPECT_FALSE(cosign(elsewhere, *books.ledger, 9)) << "the key that was replaced signs nothing new";
}

TEST_F(WitnessTest, WhoeverTellsAnotherStoryUnderTheNextKeyIsConvictedByBoth) {
  const auto other = disk.clean_copy();
  auto parted = open(*other);
  record(books, 2);
  record(parted, 2);
  ASSERT_TRUE(cosign(elsewhere, *books.ledger, std::nullopt, true));
  const auto next = crypto::SigningKey::random(community.arena, community.entropy);
  const VerifierKey earlier = books.ledger->verifier_key();
  const VerifierKey later{"pod.lab/ledger", VerifierKey::Kind::note, next.public_key()};
  const std::string text = parted.ledger->checkpoint().text;
  const auto refused =
      witness(elsewhere)
          .cosign({Note{text, {sign_note(next, "pod.lab/ledger", text)}}.str(), {}, later, "checkpoint"})
          .error();
  EXPECT_EQ(refused.code, Errc::ledger_forked);
  const auto evidence = refused.remedy.substr(0, refused.remedy.find(' '));
  EXPECT_EQ(refused.remedy, evidence + " proves it to anybody: `mailpod ledger fork " + evidence + " --key '" +
                                earlier.str() + "' --key '" + later.str() + "'`");
  const auto proof = parse_fork_proof(base::read_file(elsewhere, evidence, largest_note), "fork").value();
  EXPECT_TRUE(proves_fork(proof, {{earlier, later}}, "fork"));
  EXPECT_TRUE(proves_fork(proof, {{later, earlier}}, "fork"));
  EXPECT_EQ(proves_fork(proof, {{earlier}}, "fork").error().code, Errc::note_unsigned);
  EXPECT_EQ(proves_fork(proof, {{later}}, "fork").error().code, Errc::note_unsigned);
  const VerifierKey of_another{"other.lab/ledger", VerifierKey::Kind::note, next.public_key()};
  EXPECT_EQ(proves_fork(proof, {{earlier, of_another}}, "fork").error().code, Errc::note_unsigned)
      << "nobody is accused by the key of another";
}

TEST_F(WitnessTest, RemembersWhatItCosignedWhateverCrashes) {
  ASSERT_TRUE(cosign(elsewhere, *books.ledger, std::nullopt, true));
  record(books, 3);
  for (std::uint64_t call = 1;; ++call) {
    const auto machine = elsewhere.clean_copy();
    machine->crash_at_call(machine->calls() + call);
    bool cosigned = false;
    try {
      cosigned = cosign(*machine, *books.ledger, 6).has_value();
    } catch (const simulation::PowerLoss&) {
    }
    for (std::uint64_t seed = 0; seed < 12; ++seed) {
      const auto after = machine->crash(seed);
      const auto seen = witness(*after).seen("pod.lab/ledger").value();
      EXPECT_TRUE(seen == 9 || (!cosigned && seen == 6)) << seen;
    }
    if (cosigned) break;
  }
}

TEST_F(WitnessTest, ItsCosignaturesAreKeptUnderTheCheckpoint) {
  const auto cosigned = cosign(elsewhere, *books.ledger, std::nullopt, true)->str();
  const auto key = witness(elsewhere).verifier_key();
  auto& ledger = *books.ledger;
  EXPECT_EQ(ledger.add_cosignatures(cosigned, {}, "note").error().code, Errc::note_unsigned);
  EXPECT_EQ(ledger.add_cosignatures(cosigned, {{key}}, "note").value(), 1u);
  EXPECT_EQ(ledger.add_cosignatures(cosigned, {}, "note").value(), 0u) << "its key is known now";
  EXPECT_TRUE(cosigned_at(ledger.checkpoint(), key, "checkpoint"));
  LedgerQuestions questions;
  questions.witnesses = {key};
  EXPECT_EQ(examine(disk, questions).cosignatures.size(), 1u);
  // Of two times the later stays.
  community.clock.advance(std::chrono::hours(1));
  const auto later = cosign(elsewhere, ledger)->str();
  EXPECT_EQ(ledger.add_cosignatures(later, {}, "note").value(), 1u);
  EXPECT_EQ(ledger.add_cosignatures(cosigned, {}, "note").value(), 0u);
  EXPECT_EQ(ledger.last_cosigned(key), base::to_seconds(community.clock.now()));
  // The next checkpoint is bare, and what was cosigned stays to be seen.
  record(books, 1);
  EXPECT_FALSE(cosigned_at(ledger.checkpoint(), key, "checkpoint"));
  const auto report = examine(disk, questions);
  EXPECT_TRUE(report.faults.empty()) << faults(disk, questions);
  EXPECT_EQ(report.cosignatures.size(), 1u);
  EXPECT_EQ(open(disk).ledger->witnesses(), std::vector<VerifierKey>{key});
  questions.witnesses[0].key[0] ^= 1;
  EXPECT_EQ(examine(disk, questions).faults.front().code, Errc::note_unsigned);
}

TEST_F(WitnessTest, ACheckpointThatLacksWhatWasKeptGetsItWithTheNextTry) {
  const auto cosigned = cosign(elsewhere, *books.ledger, std::nullopt, true)->str();
  const auto key = witness(elsewhere).verifier_key();
  const auto bare = books.ledger->checkpoint().str();
  ASSERT_EQ(books.ledger->add_cosignatures(cosigned, {{key}}, "note").value(), 1u);
  // As a crash between the files leaves them.
  base::replace_file(disk, "pod/governance/ledger/checkpoint", bare);
  auto again = open(disk);
  EXPECT_FALSE(cosigned_at(again.ledger->checkpoint(), key, "checkpoint"));
  EXPECT_EQ(again.ledger->add_cosignatures(cosigned, {}, "note").value(), 0u);
  EXPECT_TRUE(cosigned_at(again.ledger->checkpoint(), key, "checkpoint"));
  EXPECT_TRUE(cosigned_at(open(disk).ledger->checkpoint(), key, "checkpoint"));
}

TEST_F(WitnessTest, MoreCosignaturesThanANoteCanHaveAreRefusedAndTheOthersStay) {
  auto& ledger = *books.ledger;
  const auto add = [&](std::size_t count) {
    Note note = ledger.checkpoint();
    note.signatures.resize(1);
    std::vector<VerifierKey> keys;
    for (std::size_t i = 0; i < count; ++i) {
      const auto one = crypto::SigningKey::random(community.arena, community.entropy);
      keys.push_back({"w.lab/witness", VerifierKey::Kind::cosignature, one.public_key()});
      note.signatures.push_back(cosign_note(one, keys.back().name, note.text, 1'700'000'000));
    }
    return ledger.add_cosignatures(note.str(), keys, "note");
  };
  EXPECT_EQ(add(40).value(), 40u);
  EXPECT_EQ(add(40).error().code, Errc::too_large);
  EXPECT_EQ(add(most_note_signatures - 41).value(), most_note_signatures - 41);
  const auto checkpoint = ledger.checkpoint();
  EXPECT_EQ(checkpoint.signatures.size(), most_note_signatures);
  EXPECT_EQ(open(disk).ledger->checkpoint(), checkpoint);
}

TEST_F(WitnessTest, WhatItHandsOutIsANoteWhoeverElseWroteUnderIt) {
  Note full = books.ledger->checkpoint();
  while (full.signatures.size() < most_note_signatures)
    full.signatures.push_back({"w" + std::to_string(full.signatures.size()) + ".lab/witness", 7, std::string(72, 'x')});
  const auto cosigned =
      witness(elsewhere).cosign({full.str(), std::nullopt, books.ledger->verifier_key(), "checkpoint"});
  ASSERT_TRUE(cosigned) << cosigned.error().text();
  const auto read = parse_note(cosigned->str(), "note");
  ASSERT_TRUE(read) << read.error().text();
  EXPECT_EQ(books.ledger->add_cosignatures(cosigned->str(), {{witness(elsewhere).verifier_key()}}, "note").value(), 1u);
}

TEST_F(WitnessTest, AKeyOfAnotherNameOpensNoLedger) {
  Note note;
  note.text = Checkpoint{"other.lab/ledger", {1, Hash{1}}, {}}.text();
  note.signatures.push_back(sign_note(key, "pod.lab/ledger", note.text));
  const auto refusal = witness(elsewhere).cosign({note.str(), std::nullopt, books.ledger->verifier_key(), "note"});
  EXPECT_EQ(refusal.error().code, Errc::wrong_pod);
  EXPECT_EQ(witness(elsewhere).seen("other.lab/ledger").value(), 0u);
}

TEST_F(WitnessTest, ACosignatureOfAnotherHistoryIsNotTaken) {
  const auto other = disk.clean_copy();
  auto parted = open(*other);
  record(parted, 1);
  record(books, 1);
  const auto cosigned = cosign(elsewhere, *parted.ledger, std::nullopt, true)->str();
  const auto key = witness(elsewhere).verifier_key();
  EXPECT_EQ(books.ledger->add_cosignatures(cosigned, {{key}}, "note").error().code, Errc::ledger_forked);
  record(parted, 5);
  const auto later = cosign(elsewhere, *parted.ledger, 7)->str();
  EXPECT_EQ(books.ledger->add_cosignatures(later, {{key}}, "note").error().code, Errc::ledger_shorter);
}

}  // namespace
}  // namespace mailpod::governance
