#include <mailpod/delivery/acquaintances.hpp>

#include <cerrno>
#include <system_error>

#include <gtest/gtest.h>

#include "simulation/clock.hpp"
#include "simulation/disk.hpp"
#include "simulation/entropy.hpp"
#include "simulation/frozen.hpp"

namespace mailpod::delivery {
namespace {

using namespace std::chrono_literals;
using Kind = Memory::Kind;

/// Says of no file whether it is there.
class FailingDisk final : public base::Disk {
public:
  std::unique_ptr<base::File> open(const std::string&, Open) override { fail(); }
  void rename(const std::string&, const std::string&) override { fail(); }
  void unlink(const std::string&) override { fail(); }
  void make_directory(const std::string&) override { fail(); }
  void remove_directory(const std::string&) override { fail(); }
  void sync_directory(const std::string&, std::source_location) override { fail(); }
  std::vector<Entry> list(const std::string&) override { fail(); }
  std::optional<Information> status(const std::string&) override { fail(); }
  std::unique_ptr<Lock> lock(const std::string&) override { fail(); }

private:
  [[noreturn]] static void fail() { throw std::system_error(EIO, std::generic_category()); }
};

class AcquaintancesTest : public testing::Test {
protected:
  AcquaintancesTest() {
    disk.make_directory("/pod");
    disk.sync_directory("/");
    open();
  }
  void open() {
    known = std::make_unique<Acquaintances>(Acquaintances::Ports{disk, clock, entropy, base::silent_log(),
                                                                 [this] { return crypto::Key::copy_of(arena, key); }},
                                            "/pod/strangers");
  }
  std::chrono::seconds wait(const std::string& sender = "new.example", const std::string& to = "bob@pod.lab",
                            const std::string& network = "abc") {
    return known->greylist(network, sender, to, rules);
  }

  simulation::Disk disk;
  simulation::Clock clock;
  simulation::Entropy entropy{7};
  crypto::KeyArena arena;
  std::string key = std::string(32, 'k');
  StrangerRules rules;
  std::unique_ptr<Acquaintances> known;
  MemberId alice{{1}}, bob{{2}};
};

TEST_F(AcquaintancesTest, WhoComesAgainInTimePasses) {
  EXPECT_EQ(wait(), 300s);
  clock.advance(100s);
  EXPECT_EQ(wait(), 200s) << "asking does not begin it anew";
  EXPECT_EQ(wait("NEW.example."), 200s) << "the same domain";
  EXPECT_EQ(wait("other.example"), 300s);
  EXPECT_EQ(wait("new.example", "alice@pod.lab"), 300s);
  EXPECT_EQ(wait("new.example", "bob@pod.lab", "abd"), 300s);
  clock.advance(200s);
  EXPECT_EQ(wait(), 0s);
  EXPECT_EQ(wait(), 0s);
  clock.advance(35 * 24h);
  EXPECT_EQ(wait(), 0s);
  clock.advance(37 * 24h);
  EXPECT_EQ(wait(), 300s) << "forgotten";
}

TEST_F(AcquaintancesTest, WhoComesAgainTooLateBeginsAnew) {
  EXPECT_EQ(wait(), 300s);
  clock.advance(49h);
  EXPECT_EQ(wait(), 300s);
  clock.advance(301s);
  EXPECT_EQ(wait(), 0s);
}

TEST_F(AcquaintancesTest, AMemberKnowsWhomTheyWroteToHoweverItIsWritten) {
  known->wrote_to(alice, {"me@pod.lab", "Friend@Böse.Example"});
  EXPECT_TRUE(known->has_written_to(alice, {"me@pod.lab", "friend@xn--bse-sna.example"}));
  EXPECT_FALSE(known->has_written_to(bob, {"me@pod.lab", "friend@xn--bse-sna.example"}));
  EXPECT_FALSE(known->has_written_to(alice, {"me@pod.lab", "other@xn--bse-sna.example"}));
}

TEST_F(AcquaintancesTest, CountsFade) {
  for (int i = 0; i < 8; ++i) known->note(Kind::domain, "a.example", Memory::accepted);
  known->note(Kind::domain, "a.example", Memory::junk);
  known->note(Kind::domain, "a.example", Memory::unknown_recipients);
  EXPECT_NEAR(known->repute(Kind::domain, "a.example").accepted, 8, 0.1);
  EXPECT_NEAR(known->repute(Kind::domain, "a.example").bad, 2, 0.1);
  clock.advance(14 * 24h);
  EXPECT_NEAR(known->repute(Kind::domain, "a.example").accepted, 4, 0.1);
  EXPECT_EQ(known->repute(Kind::network, "a.example").accepted, 0) << "another kind";
}

TEST_F(AcquaintancesTest, ARestartForgetsNothingAndTheFileNamesNobody) {
  EXPECT_EQ(wait(), 300s);
  known->wrote_to(alice, {"me@pod.lab", "friend@there.example"});
  known->note(Kind::domain, "there.example", Memory::accepted);
  known->save();
  const auto file = base::read_file(disk, "/pod/strangers", 1 << 20);
  EXPECT_EQ(file.find("example"), std::string::npos);
  open();
  EXPECT_TRUE(known->has_written_to(alice, {"me@pod.lab", "friend@there.example"}));
  EXPECT_NEAR(known->repute(Kind::domain, "there.example").accepted, 1, 0.1);
  clock.advance(300s);
  EXPECT_EQ(wait(), 0s);
}

TEST_F(AcquaintancesTest, AFileThatCannotBeReadIsForgotten) {
  known->wrote_to(alice, {"me@pod.lab", "friend@there.example"});
  known->save();
  key = std::string(32, 'x');
  open();
  EXPECT_FALSE(known->has_written_to(alice, {"me@pod.lab", "friend@there.example"}));
  known->wrote_to(alice, {"me@pod.lab", "new@there.example"});
  known->save();
  open();
  EXPECT_TRUE(known->has_written_to(alice, {"me@pod.lab", "new@there.example"})) << "and written anew";
  for (const char* octets : {"", "MPSG", "MPSG\x01", "nonsense"}) {
    base::replace_file(disk, "/pod/strangers", octets);
    open();
    EXPECT_EQ(wait(), 300s);
  }
}

TEST_F(AcquaintancesTest, AFloodForgetsTheOldestAndGrowsNoFurther) {
  known->note(Kind::domain, "first.example", Memory::accepted);
  clock.advance(1s);
  for (std::size_t i = 0; i < most_remembered(Kind::domain); ++i)
    known->note(Kind::domain, std::to_string(i) + ".example", Memory::accepted);
  EXPECT_EQ(known->repute(Kind::domain, "first.example").accepted, 0);
  EXPECT_GT(known->repute(Kind::domain, std::to_string(most_remembered(Kind::domain) - 1) + ".example").accepted, 0);
  known->save();
  EXPECT_LT(disk.status("/pod/strangers")->size, 4U << 20U);
}

TEST_F(AcquaintancesTest, OneMembersLettersMakeNobodyElseForget) {
  known->wrote_to(alice, {"alice@pod.lab", "friend@there.example"});
  known->wrote_to(bob, {"bob@pod.lab", "first@there.example"});
  clock.advance(1s);
  for (int i = 0; i < 2000; ++i) {
    const std::string theirs = std::to_string(i) + "@there.example";
    known->wrote_to(bob, {"bob@pod.lab", theirs});
  }
  EXPECT_TRUE(known->has_written_to(alice, {"alice@pod.lab", "friend@there.example"}));
  EXPECT_FALSE(known->has_written_to(bob, {"bob@pod.lab", "first@there.example"}));
  EXPECT_TRUE(known->has_written_to(bob, {"bob@pod.lab", "0@there.example"}));
}

TEST_F(AcquaintancesTest, ACorrespondentIsKnownForAYearUnderTheAddressThatWasUsed) {
  known->wrote_to(alice, {"alice@pod.lab", "friend@there.example"});
  EXPECT_FALSE(known->has_written_to(alice, {"secret-alias@pod.lab", "friend@there.example"}));
  clock.advance(365 * 24h);
  EXPECT_TRUE(known->has_written_to(alice, {"alice@pod.lab", "friend@there.example"}));
  clock.advance(24h);
  EXPECT_FALSE(known->has_written_to(alice, {"alice@pod.lab", "friend@there.example"}));
}

TEST_F(AcquaintancesTest, NobodyWaitsForEverBecauseOthersFlood) {
  EXPECT_EQ(wait("early.example"), 300s);
  for (std::size_t i = 1; i < most_remembered(Kind::greylisted); ++i) wait(std::to_string(i) + ".example");
  EXPECT_EQ(wait("late.example"), 0s) << "there is no room to remember that they wait";
  clock.advance(100s);
  EXPECT_EQ(wait("early.example"), 200s) << "and who waits is not forgotten for them";
  clock.advance(49h);
  EXPECT_EQ(wait("late.example"), 300s) << "there is room again";
}

TEST_F(AcquaintancesTest, CountsOfFewLastAndCountsOfManyFade) {
  for (int day = 0; day < 4; ++day) {
    known->note(Kind::domain, "daily.example", Memory::accepted);
    clock.advance(24h);
  }
  EXPECT_NEAR(known->repute(Kind::domain, "daily.example").accepted, 3.54, 0.01) << "not rounded down each time";
  for (int i = 0; i < 100; ++i) known->note(Kind::domain, "busy.example", Memory::junk);
  for (int minute = 0; minute < 14 * 24 * 60; ++minute) {
    known->note(Kind::domain, "busy.example", Memory::accepted);
    clock.advance(60s);
  }
  EXPECT_NEAR(known->repute(Kind::domain, "busy.example").bad, 50, 1) << "nor kept by asking often";
}

TEST_F(AcquaintancesTest, ADiskThatFailsKeepsNothingFromStarting) {
  FailingDisk failing;
  EXPECT_NO_THROW(
      Acquaintances({failing, clock, entropy, base::silent_log(), [this] { return crypto::Key::copy_of(arena, key); }},
                    "/pod/strangers"));
}

TEST(MemoriesTest, AreReadAsTheyWereWritten) {
  Memories memories;
  memories.secret = {1, 2, 3};
  memories.of(Kind::correspondent)[{4}] = {1'700'000'000, 1'700'000'100, {}};
  memories.of(Kind::greylisted)[{5}] = {1'700'000'000, 1'700'000'300, {1, 0, 0, 0}};
  memories.of(Kind::domain)[{6}] = {1'700'000'000, 1'700'000'400, {256, 512, 768, 1024}};
  memories.of(Kind::network)[{7}] = {1, 2, {3, 4, 5, 6}};
  const auto octets = simulation::frozen("strangers-1.bin", [&] { return encode(memories); });
  ASSERT_TRUE(octets == encode(memories));
  ASSERT_TRUE(decode_memories(octets) == memories);
  EXPECT_FALSE(decode_memories(octets.substr(1)));
  EXPECT_FALSE(decode_memories(octets + "x"));
  EXPECT_FALSE(decode_memories(octets + std::string(16 * 1024, '\0')));
  std::string other = octets;
  other[0] = 2;
  EXPECT_FALSE(decode_memories(other)) << "another version";
  other = octets;
  other[33] = 127;
  EXPECT_FALSE(decode_memories(other)) << "more than is remembered";
}

}  // namespace
}  // namespace mailpod::delivery
