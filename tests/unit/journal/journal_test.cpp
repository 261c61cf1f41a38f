#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

#include "frame.hpp"
#include "journal_place.hpp"

namespace mailpod::journal::test {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Journal, GivesBackWhatWasCommittedInOrder) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "one");
    journal->stage(first_type, "two");
    journal->stage(first_type + 1, "three");
    journal->commit();
    journal->close();
  }
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "two", "three"));
  EXPECT_EQ(place.seen.records[2].type, first_type + 1);
  EXPECT_EQ(place.seen.records[0].sequence, 1U);
  EXPECT_THAT(journal->findings(), IsEmpty());
  EXPECT_TRUE(journal->was_closed());
}

TEST(Journal, ReadsOneRecordByTheSequenceItWasStagedAt) {
  Place place;
  const auto journal = place.create();
  const std::string large(max_payload, 'x');
  const auto small_at = journal->stage(first_type, "small");
  const auto large_at = journal->stage(first_type + 1, large);
  const auto empty_at = journal->stage(first_type + 2, "");
  journal->commit();
  EXPECT_EQ(journal->read(small_at)->payload, "small");
  EXPECT_EQ(journal->read(large_at)->payload, large);
  EXPECT_EQ(journal->read(large_at)->type, first_type + 1);
  EXPECT_EQ(journal->read(empty_at)->payload, "");
}

TEST(Journal, RefusesAPositionWhereNoRecordBegins) {
  Place place;
  const auto journal = place.create();
  const auto at = journal->stage(first_type, std::string(200, 'x'));
  journal->commit();
  EXPECT_EQ(journal->read({at.value + 1}).error(), Errc::damaged);
  EXPECT_EQ(journal->read({at.value + (std::uint64_t{1} << 32)}).error(), Errc::damaged);
  EXPECT_EQ(journal->read({0}).error(), Errc::damaged);
}

TEST(Journal, RefusesARecordThatWasCopiedToAnotherPlaceOfItsSegment) {
  Place place;
  const auto journal = place.create();
  const auto first = journal->stage(first_type, "first");
  const auto second = journal->stage(first_type, "other");
  journal->commit();
  std::string octets = content_of(*place.disk, place.segments()[0]);
  const auto begin = (first.value & 0xffffffff) * 64;
  const auto other = (second.value & 0xffffffff) * 64;
  octets.replace(other, 128, octets.substr(begin, 128));
  overwrite(*place.disk, place.segments()[0], octets);
  EXPECT_EQ(journal->read(second).error(), Errc::damaged);
}

TEST(Journal, RefusesARecordLongerThan64KiB) {
  Place place;
  const auto journal = place.create();
  EXPECT_THROW(journal->stage(first_type, std::string(max_payload + 1, 'x')), std::length_error);
}

TEST(Journal, IsEmptyUntilSomethingIsCommitted) {
  Place place;
  {
    const auto journal = place.create();
    journal->stage(first_type, "never committed");
  }
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.records, IsEmpty());
  EXPECT_FALSE(journal->was_closed());
}

TEST(Journal, RefusesAFolderWithoutSegments) {
  Place place;
  EXPECT_EQ(place.open().error(), Errc::no_journal);
}

TEST(Journal, RefusesAnotherKeyAndAnotherOwnerAndLeavesEverythingAsItWas) {
  Place place;
  put(*place.create(), "one");
  const auto before = content_of(*place.disk, place.segments()[0]);
  const auto other = crypto::Key::random(place.arena, place.entropy);
  const Journal::Settings settings;
  EXPECT_EQ(Journal::open(place.ports(), place.identity(), other, settings, place.seen).error(), Errc::wrong_key);
  EXPECT_EQ(Journal::open(place.ports(), {"log", "someone"}, place.key, settings, place.seen).error(), Errc::wrong_key);
  EXPECT_EQ(content_of(*place.disk, place.segments()[0]), before);
}

TEST(Journal, RefusesASegmentUnderTheNumberOfAnother) {
  Place place;
  put(*place.create(), "one");
  place.disk->rename("log/00000001.seg", "log/00000002.seg");
  EXPECT_EQ(place.open().error(), Errc::wrong_key);
}

TEST(Journal, ReplacesAnotherJournalOnCreation) {
  Place place;
  put(*place.create(), "old");
  put(*place.create(), "new");
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("new"));
  EXPECT_EQ(place.segments().size(), 1U);
}

TEST(Journal, HeadMovesWithEveryRecordAndIsTheSameAfterReopening) {
  Place place;
  Head head;
  {
    const auto journal = place.create();
    EXPECT_EQ(journal->head().sequence, 0U);
    put(*journal, "one");
    const auto first = journal->head();
    put(*journal, "two");
    head = journal->head();
    EXPECT_EQ(head.sequence, 2U);
    EXPECT_NE(head.tag, first.tag);
  }
  EXPECT_EQ(place.open().value()->head(), head);
}

TEST(Journal, ForgetsWhatWasUnstaged) {
  Place place;
  const auto journal = place.create();
  journal->stage(first_type, "no");
  EXPECT_TRUE(journal->anything_staged());
  journal->unstage();
  EXPECT_FALSE(journal->anything_staged());
  put(*journal, "yes");
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("yes"));
}

TEST(Checkpoint, ReplacesWhatCameBeforeItAndLeavesPositionsGood) {
  Place place;
  Position early;
  {
    const auto journal = place.create();
    early = journal->stage(first_type, "early");
    journal->commit();
    journal->stage(first_type, "staged");
    const std::vector<std::string> parts{"part one", std::string(max_payload, 'p'), "part three"};
    journal->checkpoint(parts);
    EXPECT_EQ(journal->tail_size(), 0U);
    EXPECT_GT(journal->checkpoint_size(), max_payload);
    put(*journal, "late");
    EXPECT_GT(journal->tail_size(), 0U);
    EXPECT_EQ(journal->read(early)->payload, "early");
  }
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("late"));
  ASSERT_EQ(place.seen.parts.size(), 3U);
  EXPECT_EQ(place.seen.parts[2], "part three");
  EXPECT_EQ(journal->read(early)->payload, "early");
  EXPECT_GT(journal->tail_size(), 0U);
}

TEST(Checkpoint, OlderOneServesWhenTheNewestIsDamaged) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "zero");
    journal->checkpoint(std::vector<std::string>{"first"});
    put(*journal, "one");
    journal->checkpoint(std::vector<std::string>{"second"});
    put(*journal, "two");
  }
  std::string octets = content_of(*place.disk, place.segments()[2]);
  octets[64 + 50] ^= 1;
  overwrite(*place.disk, place.segments()[2], octets);
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.parts, ElementsAre("first"));
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "two"));
  ASSERT_FALSE(journal->findings().empty());
  EXPECT_EQ(journal->findings()[0].kind, Finding::Kind::bad_checkpoint);
}

TEST(Checkpoint, ThatBreaksOffLeavesNothingOfItsFirstParts) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "zero");
    journal->checkpoint(std::vector<std::string>{"first"});
    put(*journal, "one");
    journal->checkpoint(std::vector<std::string>{"second", "and more"});
    put(*journal, "two");
  }
  const auto damage_last_part = [&](std::size_t segment, std::uint64_t frame) {
    std::string octets = content_of(*place.disk, place.segments()[segment]);
    octets[frame + 50] ^= 1;
    overwrite(*place.disk, place.segments()[segment], octets);
  };
  damage_last_part(2, 64 + frame_size(std::string_view("second").size()));
  place.open().value();
  EXPECT_THAT(place.seen.parts, ElementsAre("first"));
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "two"));
  damage_last_part(1, 64);
  place.open().value();
  EXPECT_THAT(place.seen.parts, IsEmpty());
  EXPECT_THAT(place.seen.payloads(), ElementsAre("zero", "one", "two"));
}

TEST(Checkpoint, RefusedByItsReaderGivesWayToTheRecordsThemselves) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "one");
    journal->checkpoint(std::vector<std::string>{"nonsense"});
    put(*journal, "two");
  }
  place.seen.refuse_checkpoints = true;
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "two"));
}

TEST(Rewrite, PutsANewChainInPlaceOfTheOldOne) {
  Place place;
  Position kept;
  Head before;
  {
    const auto journal = place.create();
    for (int i = 0; i < 50; ++i) put(*journal, std::string(1000, 'x'));
    journal->checkpoint(std::vector<std::string>{"old"});
    before = journal->head();
    const auto old_size = journal->total_size();
    const auto rewrite = journal->rewrite();
    kept = rewrite->add(first_type, "kept");
    rewrite->install(std::vector<std::string>{"new"});
    EXPECT_LT(journal->total_size(), old_size);
    put(*journal, "after");
    EXPECT_EQ(journal->read(kept)->payload, "kept");
  }
  EXPECT_EQ(place.segments().size(), 1U);
  const auto journal = place.open().value();
  EXPECT_THAT(place.seen.parts, ElementsAre("new"));
  EXPECT_THAT(place.seen.payloads(), ElementsAre("after"));
  EXPECT_EQ(journal->read(kept)->payload, "kept");
  EXPECT_GT(journal->head().sequence, before.sequence);
}

TEST(Rewrite, GivesTheSameStateByItsRecordsWhenItsCheckpointIsDamaged) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "old");
    const auto rewrite = journal->rewrite();
    rewrite->add(first_type, "kept");
    rewrite->install(std::vector<std::string>{"new"});
    put(*journal, "after");
  }
  std::string octets = content_of(*place.disk, place.segments()[0]);
  octets[64 + 128 + 45] ^= 1;
  overwrite(*place.disk, place.segments()[0], octets);
  place.open().value();
  EXPECT_THAT(place.seen.parts, IsEmpty());
  EXPECT_THAT(place.seen.payloads(), ElementsAre("kept", "after"));
}

TEST(Rewrite, LeavesNoTraceWhenItIsGivenUp) {
  Place place;
  const auto journal = place.create();
  put(*journal, "one");
  const auto files = place.disk->files();
  journal->rewrite()->add(first_type, "half");
  EXPECT_EQ(place.disk->files(), files);
  put(*journal, "two");
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "two"));
}

TEST(Commit, ThatFailsLeavesNothingAndTheNextOneWorks) {
  for (std::uint64_t call = 1; call <= 4; ++call) {
    Place place;
    const auto journal = place.create();
    put(*journal, "one");
    place.disk->fail_call(place.disk->calls() + call, ENOSPC);
    journal->stage(first_type, "two");
    try {
      journal->commit();
    } catch (const std::system_error&) {
      EXPECT_FALSE(journal->in_doubt());
    }
    place.disk->heal();
    put(*journal, "three");
    place.open().value();
    const auto payloads = place.seen.payloads();
    if (call <= 2) {
      EXPECT_THAT(payloads, ElementsAre("one", "three")) << call;
    } else {
      EXPECT_THAT(payloads, ElementsAre("one", "two", "three")) << call;
    }
  }
}

TEST(Commit, ThatCannotBeTakenBackIsInDoubtUntilTheNextOneSucceeds) {
  Place place;
  const auto journal = place.create();
  put(*journal, "one");
  place.disk->fail_from_call(place.disk->calls() + 2, EIO);
  journal->stage(first_type, "two");
  EXPECT_THROW(journal->commit(), std::system_error);
  EXPECT_TRUE(journal->in_doubt());
  journal->stage(first_type, "three");
  EXPECT_THROW(journal->commit(), std::system_error);
  place.disk->heal();
  put(*journal, "four");
  EXPECT_FALSE(journal->in_doubt());
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), ElementsAre("one", "four"));
}

TEST(Checkpoint, ThatFailsAtAnyCallLeavesAUsableJournal) {
  for (std::uint64_t call = 1; call <= 8; ++call) {
    for (const bool for_good : {false, true}) {
      Place place;
      const auto journal = place.create();
      put(*journal, "one");
      const auto at = place.disk->calls() + call;
      for_good ? place.disk->fail_from_call(at, EIO) : place.disk->fail_call(at, EIO);
      try {
        journal->checkpoint(std::vector<std::string>{"state"});
      } catch (const std::system_error&) {
      }
      place.disk->heal();
      put(*journal, "two");
      place.open().value();
      auto all = place.seen.parts;
      for (const auto& payload : place.seen.payloads()) all.push_back(payload);
      EXPECT_THAT(all, testing::AnyOf(ElementsAre("one", "two"), ElementsAre("state", "two"))) << call;
    }
  }
}

}  // namespace
}  // namespace mailpod::journal::test
