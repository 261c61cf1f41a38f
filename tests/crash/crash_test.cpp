#include <gtest/gtest.h>

#include <cstdlib>
#include <exception>
#include <ostream>

#include "world.hpp"

#ifndef __has_feature  // clang's
#define __has_feature(x) 0
#endif
#ifndef MAILPOD_CRASH_SEEDS
#define MAILPOD_CRASH_SEEDS 24
#endif

namespace mailpod::store::crash {
namespace {

/// States tried for each call at which the power goes.
std::uint64_t seeds_per_call() {
  const char* wish = std::getenv("MAILPOD_CRASH_SEEDS");
  return wish != nullptr ? std::strtoull(wish, nullptr, 10) : MAILPOD_CRASH_SEEDS;
}

const std::string small = test::mail("small");
const std::string large = test::mail("large", std::string(70'000, 'x'));

/// Mail arrives, is appended, merged, copied, moved, flagged and expunged; checkpoints are written on the way.
void life_of_messages(World& world) {
  world.append("INBOX", {small});
  world.deliver({0}, "one " + small);
  world.append("INBOX", {"first of two " + small, "second of two " + small});
  world.merge();
  world.copy("INBOX", {1, 2}, "Archive");
  world.flag("INBOX", {1, 2}, Flags::flagged);
  world.flush();
  world.flag("INBOX", {1}, Flags::answered);
  world.expunge("INBOX", {2});
  world.deliver({0}, "two " + small);
  world.deliver({0}, large);
  world.deliver({0}, "three " + small);
  world.move("INBOX", {1}, "Trash");
  world.merge();
  world.expunge("Archive", {1, 2});
  world.append("Sent", {large});
  world.flag("Sent", {1}, Flags::flagged);
  world.reopen();
  world.expunge("Trash", {1});
  world.deliver({0}, "last " + small);
}

void life_of_mailboxes(World& world) {
  world.create("a/b");
  world.append("a/b", {small});
  world.rename("a/b", "c/d");
  world.subscribe("c/d");
  world.annotate("c/d", {{"/private/comment", small}, {"/shared/comment", "for all"}});
  world.annotate("", {{"/private/comment", "of the vault"}});
  world.rename("c/d", "c/e");
  world.annotate("c/e", {{"/private/comment", "another"}});
  world.create("a/b");
  world.reopen();
  world.remove("c/e");
  world.create("c/e");
  world.append("a/b", {"again " + small});
  world.remove("a/b");
  world.create("a/b");
  world.change_card();
}

void life_of_several(World& world) {
  world.admit();
  world.admit();
  world.deliver({0, 1, 2}, "to all " + small);
  world.merge();
  world.deliver({2, 0}, "to two " + small);
  world.deliver({1}, "to one " + small);
}

/// So much is expunged that the journal is rewritten when the vault is opened again.
void life_of_a_rewrite(World& world) {
  for (int i = 0; i < 3; ++i) world.append("INBOX", {small, small, small});
  std::vector<std::uint32_t> most;
  for (std::uint32_t uid = 2; uid < 9; ++uid) most.push_back(uid);
  world.copy("INBOX", {9}, "Archive");
  world.expunge("INBOX", most);
  world.reopen();
  world.append("INBOX", {"after " + small});
  world.reopen();
}

/// The disk fails once, the client is told, and then the power goes.
void life_with_failures(World& world) {
  world.tolerate_failures();
  world.append("INBOX", {small});
  for (std::uint64_t call = 1; call <= 5; ++call) {
    world.disk().fail_call(world.disk().calls() + call, EIO);
    world.append("INBOX", {"refused " + small});
    world.disk().heal();
    world.disk().fail_call(world.disk().calls() + call, ENOSPC);
    world.expunge("INBOX", {1});
    world.disk().heal();
    if (call == 3) world.append("INBOX", {"accepted " + small});
  }
}

/// The process dies again and again, and its successor goes on.
void life_with_restarts(World& world) {
  world.append("INBOX", {small});
  world.deliver({0}, "one " + small);
  world.restart();
  world.append("INBOX", {small});
  world.flag("INBOX", {1}, Flags::flagged);
  world.restart();
  world.merge();
  world.restart();
}

struct Life {
  const char* name;
  void (*live)(World&);
};
// Otherwise the test's name would show the addresses of its functions.
std::ostream& operator<<(std::ostream& out, const Life& life) {
  return out << life.name;
}
constexpr Life lives[] = {{"Messages", life_of_messages},   {"Mailboxes", life_of_mailboxes},
                          {"Several", life_of_several},     {"Rewrite", life_of_a_rewrite},
                          {"Failures", life_with_failures}, {"Restarts", life_with_restarts}};

/// How far a life goes: `calls` on its disk at the end, unless the power goes before.
struct Course {
  std::unique_ptr<World> world;
  bool completed = false;
};
Course live_until(const Life& life, std::uint64_t call, const std::string& omitted) {
  Course course{std::make_unique<World>(7, omitted)};
  course.world->lose_power_at(call);
  try {
    life.live(*course.world);
    course.completed = true;
  } catch (const simulation::PowerLoss&) {
  }
  return course;
}

/// Everything that is wrong in the states after a power loss at each call; empty if nothing is, or stops at the first.
struct Outcome {
  std::uint64_t states = 0;
  std::string wrong;
  std::set<std::string> places;
};
using End = std::string (World::*)(std::uint64_t seed);
Outcome examine(const Life& life, End end, std::uint64_t seeds, const std::string& omitted) {
  Outcome outcome;
  bool completed = false;
  for (std::uint64_t call = 1; !completed && outcome.wrong.empty(); ++call) {
    for (std::uint64_t seed = 0; seed < seeds && outcome.wrong.empty(); ++seed) {
      Course course = live_until(life, call, omitted);
      completed = course.completed;
      const auto wrong = (*course.world.*end)(call * 100'000 + seed);
      if (!wrong.empty()) outcome.wrong = fmt::format("{} call {} seed {}: {}", life.name, call, seed, wrong);
      outcome.places.merge(course.world->sync_places());
      ++outcome.states;
    }
  }
  return outcome;
}

class PowerLoss : public testing::TestWithParam<Life> {
protected:
  void expect_nothing_lost(End end, const char* kind) {
    const auto outcome = examine(GetParam(), end, seeds_per_call(), {});
    EXPECT_EQ(outcome.wrong, "");
    std::printf("%s: %llu states %s\n", GetParam().name, static_cast<unsigned long long>(outcome.states), kind);
  }
};

TEST_P(PowerLoss, AtAnyCallLosesNothingThatWasAcknowledged) {
  expect_nothing_lost(&World::after_power_loss, "after a power loss");
}

TEST_P(PowerLoss, AfterAKillAtAnyCallLosesNothingEither) {
  expect_nothing_lost(&World::after_kill, "after a kill");
}

INSTANTIATE_TEST_SUITE_P(Lives, PowerLoss, testing::ValuesIn(lives),
                         [](const auto& life) { return std::string(life.param.name); });

/// The steps of all lives, and how often the power can go within each.
TEST(States, AreTenThousandAndLieWithinEveryKindOfChange) {
  std::map<std::string, std::uint64_t> within;
  std::uint64_t calls = 0;
  for (const auto& life : lives) {
    const Course course = live_until(life, 1'000'000, {});
    ASSERT_TRUE(course.completed) << life.name;
    for (const auto& [step, count] : course.world->calls_within()) {
      within[step] += count;
      calls += count;
    }
  }
  for (const auto* step : {"append", "deliver", "merge", "copy", "move", "flush", "expunge", "create", "rename",
                           "remove", "subscribe", "annotate", "admit", "change_card", "reopen"}) {
    EXPECT_GT(within[step], 1U) << step;
  }
  constexpr std::uint64_t ends = 2;  // a power loss, and a kill before it
  const auto states = calls * ends * seeds_per_call();
  std::printf("%llu states at %llu calls\n", static_cast<unsigned long long>(states),
              static_cast<unsigned long long>(calls));
  if constexpr (MAILPOD_CRASH_SEEDS >= 24) EXPECT_GE(states, 10'000U);
}

/// A delivery is under way, its rename not yet durable, when the vault merges what it finds: the record must not
/// outlive the file.
bool a_merge_of_what_is_not_durable_fails_without(const std::string& place) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Household house;
    house.deliver(small);
    const auto arrived = house.files_below("Maildir/new").at(0);
    const auto under_way = house.members[0].folder + "/Maildir/tmp/under way";
    house.disk->rename(arrived, under_way);
    house.disk = house.disk->clean_copy();
    house.disk->omit_sync(place);
    house.disk->rename(under_way, arrived);
    Household::merge_all(*house.open());
    house.disk = house.disk->crash(seed);
    if (!house.open()->check().empty()) return true;
  }
  return false;
}

/// A vault that was made is there, also if the power goes before anything else is done.
bool a_new_vault_can_be_lost_without(const std::string& place) {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Household house(0);
    house.disk->omit_sync(place);
    Household::Member member;
    member.folder = "members/" + member.id.str();
    member.key = std::make_shared<const crypto::VaultKey>(crypto::Key::random(house.arena, house.entropy));
    create_vault(house.ports(), member.folder, member.id, *member.key, nullptr, 1);
    house.members.push_back(member);
    house.disk = house.disk->crash(seed);
    try {
      if (!house.try_open()) return true;
    } catch (const std::system_error&) {
      return true;
    }
  }
  return false;
}

/// Whether some power loss shows that the sync at `place` is missing. Most need few states, so few are tried first.
bool is_missed(const std::string& place) {
  if (a_merge_of_what_is_not_durable_fails_without(place) || a_new_vault_can_be_lost_without(place)) return true;
  for (const std::uint64_t seeds : {std::uint64_t{1}, std::uint64_t{3}}) {
    for (const auto& life : lives) {
      for (const End end : {&World::after_power_loss, &World::after_kill}) {
        if (!examine(life, end, seeds, place).wrong.empty()) return true;
      }
    }
  }
  return false;
}

// The syncs of the journal's set_aside.cpp have a test of their own.
TEST(EverySync, IsNeeded) {
  ASSERT_FALSE(a_merge_of_what_is_not_durable_fails_without("nowhere"));
  ASSERT_FALSE(a_new_vault_can_be_lost_without("nowhere"));
#if __has_feature(address_sanitizer)
  GTEST_SKIP() << "takes minutes, and asks nothing that a sanitizer could answer";
#endif
  std::set<std::string> places;
  for (const auto& life : lives) {
    Course course = live_until(life, 1'000'000, {});
    course.world->after_power_loss(1);
    places.merge(course.world->sync_places());
  }
  std::erase_if(places, [](const auto& place) { return place.find("household.hpp") != std::string::npos; });  // our own
  ASSERT_GT(places.size(), 15U);
  for (const auto& life : lives) {
    ASSERT_EQ(examine(life, &World::after_kill, 1, {}).wrong, "") << "a sync can be missed only where none is missing";
  }
  for (const auto& place : places) {
    EXPECT_TRUE(is_missed(place)) << place << " can be left out, and nothing notices";
  }
}

}  // namespace
}  // namespace mailpod::store::crash
