#include <mailpod/queue/policies.hpp>

#include <system_error>

#include <gtest/gtest.h>

#include "../../../src/queue/sealed_entry.hpp"
#include "queue_samples.hpp"
#include "simulation/frozen.hpp"

namespace mailpod::queue {
namespace {

using namespace std::chrono_literals;
using mailauth::StsMode;

constexpr std::string_view path = "/queue/policies";
const base::Time now = base::from_micros(1'767'225'600'123'456);

RememberedPolicy one(std::string domain, std::chrono::seconds max_age = 24h) {
  return {std::move(domain), "1", now, {StsMode::enforce, max_age, {"mx.example.org"}}};
}

std::vector<RememberedPolicy> full_list() {
  return {one("example.org"),
          {"none.example", "20260101", now, {StsMode::none, 31'557'600s, {}}},
          {"xn--bcher-kva.example", "a", now, {StsMode::testing, 86'400s, {"mx.example.org", "*.example.net"}}}};
}

TEST(PolicyList, HasTheEncodingOfVersionOne) {
  const auto frozen = simulation::frozen("queue-policies-1.bin", [] { return encode(full_list()); });
  EXPECT_EQ(base::hex(encode(full_list())), base::hex(frozen));
  EXPECT_EQ(decode_policies(frozen).value(), full_list());
}

TEST(PolicyList, OfVersionOneOpensForEver) {
  QueueWorld world;
  const auto key = queue_key_of(world.arena, world.server_key);
  const auto file = simulation::frozen("queue-policies-1",
                                       [&] { return write_policies_file(encode(full_list()), key, world.entropy); });
  EXPECT_EQ(decode_policies(parse_policies_file(file, key).value()).value(), full_list());
  EXPECT_FALSE(parse_suppressed_file(file, key)) << "another kind of list";
}

TEST(PolicyList, ThatIsNotWhatWasWrittenIsRefused) {
  const std::string whole = encode(full_list());
  std::size_t ends = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) ends += decode_policies(whole.substr(0, size)) ? 1 : 0;
  EXPECT_EQ(ends, 3U) << "after none, one and two of them";
  EXPECT_EQ(decode_policies(whole + "x").error(), Errc::damaged);
  EXPECT_EQ(decode_policies("\x02" + whole.substr(1)).error(), Errc::unknown_version);
  EXPECT_EQ(decode_policies(encode({full_list()[1], full_list()[0]})).error(), Errc::damaged) << "out of order";
  RememberedPolicy wrong = one("example.org");
  wrong.policy.mode = static_cast<StsMode>(3);
  EXPECT_EQ(decode_policies(encode({wrong})).error(), Errc::damaged);
}

class PoliciesTest : public testing::Test {
protected:
  PoliciesTest() { disk.make_directory("/queue"); }
  Policies open() { return Policies(world.ports(disk), "/queue"); }

  QueueWorld world;
  simulation::Disk disk;
};

TEST_F(PoliciesTest, AreKnownAfterARestartUntilTheyEnd) {
  {
    auto policies = open();
    policies.remember(one("example.org"));
    policies.remember(one("other.example", 1h));
  }
  EXPECT_EQ(base::read_file(disk, std::string(path), 1 << 20).find("example"), std::string::npos) << "in clear";
  auto policies = open();
  EXPECT_EQ(policies.find("example.org", now + 24h - 1s), one("example.org"));
  EXPECT_FALSE(policies.find("example.org", now + 24h));
  EXPECT_FALSE(policies.find("other.example", now + 1h));
  EXPECT_FALSE(policies.find("nobody.example", now));
}

TEST_F(PoliciesTest, ReplaceEachOther) {
  auto policies = open();
  policies.remember(one("example.org"));
  RememberedPolicy next = one("example.org");
  next.id = "2";
  policies.remember(next);
  EXPECT_EQ(policies.find("example.org", now)->id, "2");
}

TEST_F(PoliciesTest, OfADamagedFileAreNoneAndTheNextTakesItsPlace) {
  {
    auto policies = open();
    policies.remember(one("example.org"));
  }
  std::string octets = base::read_file(disk, std::string(path), 1 << 20);
  octets[octets.size() / 2] ^= 1;
  base::replace_file(disk, std::string(path), octets);
  {
    auto policies = open();
    EXPECT_FALSE(policies.find("example.org", now));
    policies.remember(one("other.example"));
  }
  EXPECT_TRUE(open().find("other.example", now));
  EXPECT_EQ(base::read_file(disk, std::string(path) + ".damaged", 1 << 20), octets) << "for whoever looks into it";
}

TEST_F(PoliciesTest, OfAnotherVersionStayAsTheyAre) {
  const auto key = queue_key_of(world.arena, world.server_key);
  const std::string octets = write_policies_file("\x02" + encode({one("example.org")}).substr(1), key, world.entropy);
  base::replace_file(disk, std::string(path), octets);
  auto policies = open();
  policies.remember(one("other.example"));
  EXPECT_TRUE(policies.find("other.example", now)) << "while it runs";
  policies.reseal(world.server_key);
  EXPECT_EQ(base::read_file(disk, std::string(path), 1 << 20), octets);
}

// Whatever is to be had again is not what the next start finds gone.
TEST_F(PoliciesTest, OfADiskThatFailsAreNotNone) {
  base::replace_file(disk, std::string(path), std::string(17 * 1024 * 1024, 'x'));
  EXPECT_THROW(open(), std::system_error);
}

/// One of nearly the largest size.
RememberedPolicy large(std::size_t number) {
  RememberedPolicy policy = one("d" + std::to_string(100'000 + number) + ".example");
  policy.policy.mx.assign(31, std::string(255, 'x'));
  return policy;
}

TEST_F(PoliciesTest, OfAStrangersManyDomainsStayReadable) {
  std::vector<RememberedPolicy> list;
  for (std::size_t i = 0; encode(list).size() < PoliciesLimits().octets - Policies::largest; ++i)
    list.push_back(large(i));
  const auto key = queue_key_of(world.arena, world.server_key);
  base::replace_file(disk, std::string(path), write_policies_file(encode(list), key, world.entropy));
  {
    auto policies = open();
    for (std::size_t i = 0; i < 5; ++i) policies.remember(large(50'000 + i));
  }
  EXPECT_LE(disk.status(std::string(path))->size, PoliciesLimits().octets + 64 * 1024);
  auto policies = open();
  for (std::size_t i = 0; i < 5; ++i) EXPECT_TRUE(policies.find(large(50'000 + i).domain, now)) << i;
  EXPECT_TRUE(policies.find(list.back().domain, now));
}

TEST_F(PoliciesTest, LargerThanPoliciesAreAreNotTaken) {
  auto policies = open();
  EXPECT_TRUE(Policies::fits(large(0)));
  RememberedPolicy larger = large(0);
  larger.policy.mx.assign(32, std::string(255, 'x'));
  policies.remember(larger);
  EXPECT_FALSE(policies.find(larger.domain, now));
}

TEST_F(PoliciesTest, ForWhichThereIsNoRoomAreThoseUsedLongestAgo) {
  Policies policies(world.ports(disk), "/queue", {3, 1'000'000});
  policies.remember(one("a.example"));
  policies.remember(one("b.example"));
  policies.remember(one("c.example"));
  policies.note_use("a.example", now + 1s);
  policies.note_use("c.example", now + 2s);
  policies.remember(one("newest.example", 1s));
  EXPECT_FALSE(policies.find("b.example", now));
  EXPECT_TRUE(policies.find("newest.example", now)) << "though it ends first";
  RememberedPolicy later = one("later.example");
  later.fetched = now + 10s;
  policies.remember(later);
  EXPECT_TRUE(policies.find("a.example", now)) << "one that had ended went in its place";
}

TEST_F(PoliciesTest, ThatHaveEndedAreOnNoDisk) {
  {
    auto policies = open();
    policies.remember(one("short.example", 1h));
    policies.remember(one("example.org"));
    policies.forget_ended(now + 1h);
  }
  auto policies = open();
  EXPECT_FALSE(policies.find("short.example", now));
  EXPECT_TRUE(policies.find("example.org", now));
}

TEST_F(PoliciesTest, FromTheFutureAreAsFetchedWhenTheyAreLookedAt) {
  auto policies = open();
  RememberedPolicy later = one("example.org");
  later.fetched = now + 1000h;
  policies.remember(later);
  EXPECT_EQ(policies.find("example.org", now)->fetched, now);
  EXPECT_FALSE(policies.find("example.org", now + 24h)) << "not for a thousand hours more";
}

TEST_F(PoliciesTest, GoOnUnderAnotherServerKey) {
  const auto key = crypto::Key::copy_of(world.arena, std::string(32, 'n'));
  {
    auto policies = open();
    policies.remember(one("example.org"));
    policies.reseal(key)->install();
    policies.remember(one("other.example"));
  }
  world.server_key = crypto::Key::copy_of(world.arena, std::string(32, 'n'));
  auto policies = open();
  EXPECT_TRUE(policies.find("example.org", now));
  EXPECT_TRUE(policies.find("other.example", now));
}

}  // namespace
}  // namespace mailpod::queue
