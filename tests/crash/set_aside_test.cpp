#include <gtest/gtest.h>

#include <set>

#include "unit/journal/journal_place.hpp"

// The syncs behind an unfinished tail: nothing is destroyed unseen, and nothing that was cut off comes back.
namespace mailpod::journal::test {
namespace {

constexpr std::uint64_t seeds = 200;

/// A journal whose last group has no end: whole records that do not count.
struct Torn {
  Torn() {
    const auto journal = place.create();
    put(*journal, "acknowledged");
    segment = place.segments().at(0);
    end = content_of(*place.disk, segment).size();
    journal->stage(first_type, "begun");
    journal->stage(first_type, "never ended");
    journal->commit();
    std::string octets = content_of(*place.disk, segment);
    const std::size_t second = end + (octets.size() - end) / 2;
    tail = octets.substr(end, second - end);
    octets.resize(second);
    overwrite(*place.disk, segment, octets);
    place.disk = place.disk->clean_copy();
  }
  Place place;
  std::string segment;
  std::size_t end = 0;
  std::string tail;
};

std::set<std::string> places() {
  Torn torn;
  torn.place.open().value();
  std::set<std::string> found;
  for (const auto& place : torn.place.disk->sync_places()) {
    if (place.find("set_aside.cpp") != std::string::npos) found.insert(place);
  }
  return found;
}

/// Whether some power loss after the opening leaves the tail nowhere.
bool tail_can_vanish(const std::string& omitted) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Torn torn;
    if (!omitted.empty()) torn.place.disk->omit_sync(omitted);
    torn.place.open().value();
    const auto after = torn.place.disk->crash(seed);
    bool there = false;
    for (const auto& path : after->files())
      there = there || content_of(*after, path).find(torn.tail) != std::string::npos;
    if (!there) return true;
  }
  return false;
}

/// Whether some power loss after a further checkpoint lets the tail count, should that checkpoint be damaged.
bool tail_can_return(const std::string& omitted) {
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    Torn torn;
    if (!omitted.empty()) torn.place.disk->omit_sync(omitted);
    torn.place.open().value()->checkpoint(std::vector<std::string>{"state"});
    torn.place.disk = torn.place.disk->crash(seed);
    torn.place.seen.refuse_checkpoints = true;
    torn.place.open().value();
    if (torn.place.seen.payloads() != std::vector<std::string>{"acknowledged"}) return true;
  }
  return false;
}

TEST(SetAside, NeedsEachOfItsSyncs) {
  ASSERT_EQ(places().size(), 3U);
  EXPECT_FALSE(tail_can_vanish({}));
  EXPECT_FALSE(tail_can_return({}));
  for (const auto& place : places()) {
    EXPECT_TRUE(tail_can_vanish(place) || tail_can_return(place)) << place << " can be left out, and nothing notices";
  }
}

}  // namespace
}  // namespace mailpod::journal::test
