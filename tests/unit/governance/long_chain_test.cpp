#include <gtest/gtest.h>

#include <ctime>
#include <iostream>

#include "simulation/community.hpp"
#include "simulation/dice.hpp"
#include "simulation/disk.hpp"

namespace mailpod::governance {
namespace {

using simulation::Community;
using std::chrono::days;

/// The charter after the community's newest one, which it becomes.
SignedFile follow(Community& community, const Hash& last, const std::vector<std::size_t>& signers) {
  auto& charter = community.charter;
  charter.seq += 1;
  charter.prev = last;
  charter.issued = base::from_seconds(base::to_seconds(community.clock.now()));
  charter.effective = charter.issued;
  charter.expires = charter.issued + days(365);
  return community.sign(write_charter(charter), signers);
}

TEST(ALongChain, IsVerifiedAtOnce) {
  Community community(5, 5);
  for (auto& maintainer : community.charter.maintainers) maintainer.to += days(4000);
  community.charter.votes.notice_days = 0;
  simulation::Disk disk;
  const auto first = community.signed_charter();
  const Hash pin = community.pin();
  ASSERT_TRUE(Registry::found(disk, "governance", first));
  // Written as a pod would have, without judging each charter twice.
  Hash last = pin;
  for (int i = 1; i <= 999; ++i) {
    community.clock.advance(days(1));
    const auto file = follow(community, last, {});
    last = identity(file.octets);
    const auto write = [&](const std::string& path, const std::string& octets) {
      disk.open(path, base::Disk::Open::create_new)->write_at(0, octets);
    };
    write(fmt::format("governance/charter-{:04}.toml", i + 1), file.octets);
    write(fmt::format("governance/acts/{:06}.entry", i),
          write_entry({community.charter.issued, file.octets, file.minisigs}));
  }
  const auto began = std::chrono::steady_clock::now();
  const auto cpu_began = std::clock();
  const auto registry = Registry::open({disk, "governance", pin, std::nullopt});
  const double cpu = static_cast<double>(std::clock() - cpu_began) / static_cast<double>(CLOCKS_PER_SEC);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
  ASSERT_TRUE(registry) << registry.error().text();
  EXPECT_EQ((*registry)->gate().roster()->charters().size(), 1000U);
  std::cout << "1,000 charters with 5 signatures each: " << took.count() << " s, " << cpu << " s of all cores\n";
  // Half a second is what it is to take on two cores. How long it takes on a machine that has other things to do says
  // nothing, so what is held is the work, with room for sanitizers.
  EXPECT_LT(cpu, 10.0);
}

TEST(ALongChain, IsRefusedForOneBadSignatureThoughAllWereTriedFirst) {
  Community community(5, 5);
  community.charter.votes.notice_days = 0;
  simulation::Disk disk;
  const Hash pin = community.pin();
  ASSERT_TRUE(Registry::found(disk, "governance", community.signed_charter()));
  auto file = follow(community, pin, {});
  // A good signature by a maintainer, but of another file.
  file.minisigs[3] = community.sign(write_charter(community.charter) + "# not this\n").minisigs[3];
  disk.open("governance/charter-0002.toml", base::Disk::Open::create_new)->write_at(0, file.octets);
  disk.open("governance/acts/000001.entry", base::Disk::Open::create_new)
      ->write_at(0, write_entry({community.charter.issued, file.octets, file.minisigs}));
  const auto opened = Registry::open({disk, "governance", pin, std::nullopt});
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::signature_invalid);
}

TEST(SignaturesSeen, AreThoseThatAreGood) {
  Community community(2, 2);
  const auto file = community.signed_charter();
  const auto& key = community.keys[0].public_key();
  const std::vector<crypto::minisign::PublicKey> keys = {key};
  auto spoiled = file;
  spoiled.octets += "#\n";
  const std::vector<SignedFile> files = {file, spoiled};
  const auto seen = SignaturesSeen::of(files, keys);
  EXPECT_TRUE(seen.contains(key, identity(file.octets), file.minisigs[0]));
  EXPECT_FALSE(seen.contains(key, identity(spoiled.octets), file.minisigs[0]));
  EXPECT_FALSE(seen.contains(key, identity(file.octets), file.minisigs[1])) << "whose key nobody gave";
  EXPECT_FALSE(seen.contains(community.keys[1].public_key(), identity(file.octets), file.minisigs[1]));
}

/// Whatever valid and invalid files come in whatever order: who ever acted, were as many as the rules want.
TEST(AnySequenceOfFiles, LeavesNoStateThatFewerThanTheThresholdMade) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    simulation::Dice dice(seed);
    Community community(5, 1 + static_cast<std::uint32_t>(dice.below(3)), seed);
    community.charter.votes.notice_days = static_cast<std::uint32_t>(dice.below(3));
    // Terms that begin and end while this goes on.
    for (auto& maintainer : community.charter.maintainers) {
      maintainer.to = community.charter.issued + days(5 + static_cast<int>(dice.below(60)));
    }
    const auto everybody = community.charter.maintainers;
    community.charter.maintainers[0].to = community.charter.maintainers[1].to = community.charter.maintainers[2].to =
        community.charter.issued + days(400);
    Roster roster(community.chain());
    for (int step = 0; step < 60; ++step) {
      community.clock.advance(std::chrono::hours(dice.below(30)));
      const auto now = community.clock.now();
      std::vector<std::size_t> signers;
      for (std::size_t i = 0; i < 5; ++i) {
        if (dice.below(2) == 0) signers.push_back(i);
      }
      if (signers.empty()) signers.push_back(dice.below(5));
      // What the test itself counts: distinct keys that `charter` names, in term at `at`.
      const auto counted = [&](const Charter& charter, base::Time at) {
        return static_cast<std::uint32_t>(std::ranges::count_if(signers, [&](std::size_t i) {
          return std::ranges::any_of(charter.maintainers, [&](const Maintainer& m) {
            return m.key == community.keys[i].public_key() && m.from <= at && at < m.to;
          });
        }));
      };
      const Charter in_force = roster.charters().at(now);
      const Charter last = roster.charters().latest();
      if (dice.below(4) == 0) {
        Charter next = last;
        next.seq += 1;
        next.prev = roster.charters().latest_identity();
        next.issued = base::from_seconds(base::to_seconds(now));
        next.effective = next.issued + days(1 + static_cast<int>(dice.below(3)));
        next.expires = next.effective + days(10 + static_cast<int>(dice.below(50)));
        if (dice.below(2) == 0) next.maintainers = {everybody[dice.below(2)], everybody[2 + dice.below(3)]};
        if (dice.below(5) == 0) next.threshold = 1;
        if (dice.below(5) == 0) next.privacy.log_days += 1;
        // Nobody signs what cannot be read.
        if (!parse_charter(write_charter(next), "next")) continue;
        if (!roster.apply_charter(community.sign(write_charter(next), signers), now)) continue;
        EXPECT_GE(counted(last, now), last.threshold) << seed;
        EXPECT_GE(counted(next, next.effective), next.threshold) << seed;
        EXPECT_TRUE(next.threshold == last.threshold && next.privacy == last.privacy) << seed << ": without a vote";
        EXPECT_GE(next.effective, now + days(last.votes.notice_days)) << seed;
      } else {
        auto act = community.admission(community.newcomer());
        act.charter = in_force.seq;
        if (!roster.apply(community.sign(act, signers), now)) continue;
        EXPECT_GE(counted(in_force, now), in_force.threshold) << seed;
        EXPECT_FALSE(in_force.expired(now)) << seed;
      }
    }
    EXPECT_TRUE(!roster.standings().empty() || roster.charters().size() > 1) << seed << ": nothing was ever accepted";
  }
}

}  // namespace
}  // namespace mailpod::governance
