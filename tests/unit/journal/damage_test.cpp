#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>

#include <mailpod/crypto/seal.hpp>

#include "journal_place.hpp"

namespace mailpod::journal::test {
namespace {

/// A small journal with everything in it: single records, groups, a checkpoint, a rewrite, CLOSE. What it says is the
/// list of its records.
struct Small {
  Small() {
    const auto journal = place.create();
    for (int i = 0; i < 3; ++i) say(*journal, "a" + std::to_string(i));
    journal->checkpoint(std::vector<std::string>{"checkpoint of", " two parts"});
    for (int i = 0; i < 3; ++i) journal->stage(first_type, word("group" + std::to_string(i)));
    journal->commit();
    say(*journal, "long " + std::string(300, 'x'));
    journal->close();
    say(*journal, "after a close");
    journal->close();
  }
  void say(Journal& journal, const std::string& what) { put(journal, word(what)); }
  std::string word(const std::string& what) {
    said.push_back(what);
    return what;
  }

  Place place;
  std::vector<std::string> said;
};

bool is_subsequence(const std::vector<std::string>& some, const std::vector<std::string>& all) {
  auto at = all.begin();
  for (const auto& one : some) {
    at = std::find(at, all.end(), one);
    if (at == all.end()) return false;
    ++at;
  }
  return true;
}

/// Everything that the journal still gives, with the records that the checkpoint stands for read one by one.
std::vector<std::string> readable(Place& place) {
  place.seen.refuse_checkpoints = true;
  place.open().value();
  place.seen.refuse_checkpoints = false;
  return place.seen.payloads();
}

TEST(Damage, EveryFlippedBitIsDetectedAndCostsAtMostTheRecordItHit) {
  Small small;
  ASSERT_EQ(readable(small.place), small.said);
  ASSERT_TRUE(small.place.inspect().empty());
  int undetected = 0;
  int worst = 0;
  const auto segments = small.place.segments();
  const auto pristine = small.place.disk->clean_copy();
  for (const auto& path : segments) {
    const std::string octets = content_of(*pristine, path);
    for (std::size_t bit = 0; bit < octets.size() * 8; ++bit) {
      small.place.disk = pristine->clean_copy();
      std::string damaged = octets;
      damaged[bit / 8] = static_cast<char>(damaged[bit / 8] ^ (1 << bit % 8));
      overwrite(*small.place.disk, path, damaged);
      if (small.place.inspect().empty()) ++undetected;

      small.place.seen.refuse_checkpoints = true;
      const auto opened = small.place.open();
      ASSERT_TRUE(opened.has_value()) << path << " bit " << bit;
      const auto payloads = small.place.seen.payloads();
      ASSERT_TRUE(is_subsequence(payloads, small.said)) << path << " bit " << bit;
      const bool noticed = !(*opened)->findings().empty() || !(*opened)->was_closed();
      const int lost = static_cast<int>(small.said.size() - payloads.size());
      worst = std::max(worst, lost);
      ASSERT_TRUE(noticed) << path << " bit " << bit;
    }
  }
  EXPECT_EQ(undetected, 0);
  EXPECT_EQ(worst, 1);
}

TEST(Damage, EveryTruncationIsDetectedAndLeavesWhatStandsBefore) {
  Small small;
  const auto segments = small.place.segments();
  const auto pristine = small.place.disk->clean_copy();
  for (const auto& path : segments) {
    const std::string octets = content_of(*pristine, path);
    for (std::size_t size = 0; size < octets.size(); ++size) {
      small.place.disk = pristine->clean_copy();
      overwrite(*small.place.disk, path, octets.substr(0, size));
      small.place.seen.refuse_checkpoints = true;
      const auto opened = small.place.open();
      ASSERT_TRUE(opened.has_value()) << path << " cut to " << size;
      ASSERT_TRUE(is_subsequence(small.place.seen.payloads(), small.said));
      // A cut at the end of a record leaves no damage, but then CLOSE is missing or a number is.
      ASSERT_TRUE(!(*opened)->findings().empty() || !(*opened)->was_closed()) << path << " cut to " << size;
      put(**opened, "written afterwards");
      ASSERT_TRUE(small.place.open().has_value());
      ASSERT_EQ(small.place.seen.payloads().back(), "written afterwards") << path << " cut to " << size;
    }
  }
}

TEST(Damage, EveryLostSegmentIsDetected) {
  Small small;
  const auto pristine = small.place.disk->clean_copy();
  for (const auto& path : small.place.segments()) {
    small.place.disk = pristine->clean_copy();
    small.place.disk->unlink(path);
    const auto opened = small.place.open();
    ASSERT_TRUE(opened.has_value());
    // What the checkpoint stands for is not needed to open; a full inspection misses it all the same.
    EXPECT_TRUE(!(*opened)->findings().empty() || !(*opened)->was_closed() || !small.place.inspect().empty()) << path;
  }
}

TEST(Damage, UnfinishedTailIsSetAsideAndNotCutSilently) {
  Small small;
  const auto path = small.place.segments().back();
  const std::string octets = content_of(*small.place.disk, path);
  overwrite(*small.place.disk, path, octets + "what a crash left behind");
  const auto journal = small.place.open().value();
  ASSERT_EQ(journal->findings().size(), 1U);
  EXPECT_EQ(journal->findings()[0].kind, Finding::Kind::unfinished_tail);
  EXPECT_EQ(journal->findings()[0].offset, octets.size());
  const auto aside = small.place.files_ending(".tail");
  ASSERT_EQ(aside.size(), 1U);
  EXPECT_EQ(content_of(*small.place.disk, aside[0]), "what a crash left behind");
  EXPECT_EQ(content_of(*small.place.disk, path), octets);
}

/// The last zeros of a record did not reach the disk; the next opening completes them, and a new segment follows.
TEST(Damage, ZerosThatACrashTookAreDurableBeforeANewSegmentFollows) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Place place;
    put(*place.create(), "whole but for its last zeros");
    const auto path = place.segments()[0];
    std::string octets = content_of(*place.disk, path);
    ASSERT_EQ(octets.back(), '\0');
    octets.pop_back();
    overwrite(*place.disk, path, octets);
    place.disk = place.disk->clean_copy();
    place.open().value()->checkpoint(std::vector<std::string>{"state"});
    place.disk = place.disk->crash(seed);
    place.open().value();
    const auto findings = place.inspect();
    ASSERT_TRUE(findings.empty()) << "seed " << seed << ": " << name_for(findings[0].kind);
  }
}

/// A failed sync leaves octets that can be read and that no later sync makes durable; the process died of it.
TEST(Damage, WhatAFailedSyncLeftInMemoryIsDurableOnceItWasRead) {
  int seen_after_the_kill = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Place place(seed);
    {
      const auto journal = place.create();
      put(*journal, "one");
      const std::uint64_t write = place.disk->calls() + 1;
      place.disk->fail_call(write + 1, EIO);
      place.disk->crash_at_call(write + 2);
      EXPECT_ANY_THROW(put(*journal, "two"));  // the power goes while it cuts the failed commit off
    }
    place.disk->revive();
    place.disk->heal();
    place.open().value();
    const auto read = place.seen.payloads();
    seen_after_the_kill += read.size() == 2 ? 1 : 0;
    place.disk = place.disk->crash(seed);
    place.open().value();
    ASSERT_EQ(place.seen.payloads(), read) << "seed " << seed;
  }
  EXPECT_GT(seen_after_the_kill, 0);
}

TEST(Damage, AGroupWithoutItsEndDoesNotCount) {
  Place place;
  std::size_t before = 0;
  {
    const auto journal = place.create();
    put(*journal, "one");
    before = content_of(*place.disk, place.segments()[0]).size();
    for (const auto* word : {"two", "three", "four"}) journal->stage(first_type, word);
    journal->commit();
  }
  const auto path = place.segments()[0];
  const std::string octets = content_of(*place.disk, path);
  const std::size_t frame = (octets.size() - before) / 3;
  for (std::size_t missing = 0; missing < 3; ++missing) {
    std::string torn = octets;
    torn.replace(before + missing * frame, frame, frame, '\0');
    overwrite(*place.disk, path, torn);
    place.open().value();
    EXPECT_THAT(place.seen.payloads(), testing::ElementsAre("one")) << missing;
    EXPECT_EQ(content_of(*place.disk, path).size(), before);
  }
}

TEST(Damage, AGroupWithoutItsEndDoesNotCountBehindADamagedHeaderEither) {
  Place place;
  std::size_t torn_at = 0;
  {
    const auto journal = place.create();
    put(*journal, "one");
    journal->stage(first_type, "two");
    journal->stage(first_type, "three");
    journal->commit();
  }
  const auto path = place.segments()[0];
  std::string octets = content_of(*place.disk, path);
  torn_at = octets.size() - 128;
  octets.replace(torn_at, 128, 128, '\0');
  octets[20] = static_cast<char>(octets[20] ^ 1);
  overwrite(*place.disk, path, octets);
  put(*place.open().value(), "four");
  EXPECT_THAT(place.seen.payloads(), testing::ElementsAre("one"));
  EXPECT_EQ(place.files_ending(".tail").size(), 1U);
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), testing::ElementsAre("one", "four"));
}

TEST(Damage, AHostileSegmentCostsNoMoreThanTheBudget) {
  Place place;
  {
    const auto journal = place.create();
    put(*journal, "one");
  }
  const auto path = place.segments()[0];
  const std::string octets = content_of(*place.disk, path);
  // 16 MiB of frame heads, each promising 64 KiB: without a budget 16 GiB would be decrypted.
  std::string false_frame = "MREC" + base::Encoder().u32(65'000).u64(7).take() + std::string(48, 'x');
  std::string hostile = octets;
  for (std::size_t i = 0; i < (16U << 20) / 64; ++i) hostile += false_frame;
  overwrite(*place.disk, path, hostile);
  const auto begin = std::chrono::steady_clock::now();
  const auto journal = place.open().value();
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_LT(took, std::chrono::seconds(5));
  EXPECT_THAT(place.seen.payloads(), testing::ElementsAre("one"));
  EXPECT_EQ(journal->findings().back().kind, Finding::Kind::over_budget);
  EXPECT_EQ(place.files_ending(".tail").size(), 1U);
  put(*journal, "two");
  place.open().value();
  EXPECT_THAT(place.seen.payloads(), testing::ElementsAre("one", "two"));
}

TEST(Damage, ANewerVersionIsRefusedAndNotTakenForDamage) {
  Place place;
  place.create();
  // The header of a later version, sealed as this one seals: its version octet is 2.
  base::Encoder described;
  described.fixed("MSEG").u8(2).u8(1).u16(0).u32(1).u64(1).u32(0);
  base::Encoder associated;
  associated.var("mailpod/v1/segment").var("owner").u32(1).fixed(described.str());
  const auto nonce = place.entropy.bytes<24>();
  const auto tag = crypto::seal(place.key, nonce, associated.str(), {});
  overwrite(*place.disk, place.segments()[0], described.take() + std::string(base::octets(nonce)) + tag);
  EXPECT_EQ(place.open().error(), Errc::unknown_version);
}

}  // namespace
}  // namespace mailpod::journal::test
