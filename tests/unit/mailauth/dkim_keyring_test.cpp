#include <mailpod/mailauth/dkim_keyring.hpp>

#include <algorithm>

#include <gtest/gtest.h>

#include <mailpod/text/base64.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>
#include <simulation/frozen.hpp>

#include "dkim_key_file.hpp"
#include "rfc_examples.hpp"

namespace mailpod::mailauth {
namespace {

using namespace std::chrono_literals;
using Selectors = std::vector<std::string>;

class DkimKeyrings : public testing::Test {
protected:
  DkimKeyrings() : server_key(crypto::Key::copy_of(arena, std::string(32, 's'))) {
    // 2026-11-29T12:00:00Z
    clock.set(base::from_seconds(1'795'953'600));
    disk->make_directory("/pod");
    disk->sync_directory("/");
  }

  DkimKeyring::Ports ports(base::Disk& on) { return {on, clock, entropy, base::silent_log(), arena, server_key}; }
  DkimKeyring open() { return DkimKeyring(ports(*disk), "/pod/dkim"); }

  /// Small ones that cost nothing to make: the RFCs'.
  KeyEntry entry(const std::string& selector, Algorithm algorithm, KeyState state) {
    const std::string& secret = algorithm == Algorithm::rsa_sha256 ? examples::test_secret : examples::ed25519_seed;
    KeyEntry entry;
    entry.domain = "pod.example";
    entry.selector = selector;
    entry.state = state;
    entry.made = entry.since = clock.now();
    entry.key =
        std::make_shared<const DkimKey>(DkimKey::parse(algorithm, text::parse_base64(secret).value(), arena).value());
    return entry;
  }
  static Selectors selectors(const std::vector<KeyEntry>& entries) {
    Selectors names;
    for (const auto& entry : entries) names.push_back(entry.selector);
    return names;
  }

  std::unique_ptr<simulation::Disk> disk = std::make_unique<simulation::Disk>();
  simulation::Clock clock;
  simulation::Entropy entropy{3};
  crypto::KeyArena arena;
  crypto::Key server_key;
};

TEST_F(DkimKeyrings, MakePairsThatAreNamedByTheDay) {
  DkimKeyring keys = open();
  EXPECT_EQ(selectors(keys.prepare("pod.example")), (Selectors{"mp20261129r", "mp20261129e"}));
  EXPECT_EQ(selectors(keys.prepare("pod.example")), (Selectors{"mp20261129r2", "mp20261129e2"}));
  EXPECT_EQ(selectors(keys.prepare("other.example")), (Selectors{"mp20261129r", "mp20261129e"}));
  const auto listed = keys.list();
  ASSERT_EQ(listed.size(), 6U);
  EXPECT_EQ(listed[0].record_name(), "mp20261129e._domainkey.other.example");
  EXPECT_EQ(listed[0].state, KeyState::prepared);
  EXPECT_TRUE(keys.signing("pod.example").empty()) << "what is prepared signs nothing";

  DkimKeyring again = open();
  ASSERT_EQ(again.list().size(), 6U);
  for (std::size_t i = 0; i < 6; ++i) EXPECT_EQ(again.list()[i].key->record(), listed[i].key->record());
  EXPECT_TRUE(again.damages().empty());
}

TEST_F(DkimKeyrings, RotateWithOverlap) {
  {
    DkimKeyring keys = open();
    keys.put(entry("old-r", Algorithm::rsa_sha256, KeyState::active));
    keys.put(entry("old-e", Algorithm::ed25519_sha256, KeyState::active));
    clock.advance(24h);
    keys.put(entry("new-r", Algorithm::rsa_sha256, KeyState::prepared));
    EXPECT_EQ(selectors(keys.signing("pod.example")), (Selectors{"old-r", "old-e"}));
    EXPECT_EQ(keys.activate("pod.example", "old-r").error(), Errc::not_prepared);
    EXPECT_EQ(keys.activate("pod.example", "new-e").error(), Errc::no_such_key);
    EXPECT_EQ(keys.activate("other.example", "new-r").error(), Errc::no_such_key);
    EXPECT_EQ(keys.retire("pod.example", "old-r", Haste::orderly).error(), Errc::last_of_its_kind);
    EXPECT_EQ(keys.retire("pod.example", "new-r", Haste::orderly).error(), Errc::not_active);
    EXPECT_EQ(keys.activate("pod.example", "new-r")->state, KeyState::active);
    EXPECT_EQ(selectors(keys.signing("pod.example")), (Selectors{"new-r", "old-e"})) << "the newest of each";
  }
  DkimKeyring keys = open();
  EXPECT_EQ(selectors(keys.signing("pod.example")), (Selectors{"new-r", "old-e"}));
  EXPECT_EQ(keys.remove("pod.example", "old-r", Haste::now).error(), Errc::not_retired);
  const auto retired = keys.retire("pod.example", "old-r", Haste::orderly);
  EXPECT_EQ(retired->removable_at(), clock.now() + 7 * 24h);
  clock.advance(7 * 24h - 1s);
  EXPECT_EQ(keys.remove("pod.example", "old-r", Haste::orderly).error(), Errc::still_needed);
  clock.advance(1s);
  EXPECT_TRUE(keys.remove("pod.example", "old-r", Haste::orderly).has_value());
  EXPECT_EQ(keys.remove("pod.example", "old-r", Haste::orderly).error(), Errc::no_such_key);
  EXPECT_EQ(selectors(keys.list()), (Selectors{"old-e", "new-r"}));
  EXPECT_EQ(open().list().size(), 2U);
}

TEST_F(DkimKeyrings, GiveWayToHaste) {
  DkimKeyring keys = open();
  keys.put(entry("r", Algorithm::rsa_sha256, KeyState::active));
  EXPECT_TRUE(keys.retire("pod.example", "r", Haste::now).has_value());
  EXPECT_TRUE(keys.signing("pod.example").empty());
  EXPECT_TRUE(keys.remove("pod.example", "r", Haste::now).has_value());
  keys.put(entry("never-used", Algorithm::rsa_sha256, KeyState::prepared));
  EXPECT_TRUE(keys.remove("pod.example", "never-used", Haste::orderly).has_value());
  EXPECT_TRUE(disk->files().empty());
}

TEST_F(DkimKeyrings, KeepNoSecretInClear) {
  DkimKeyring keys = open();
  const auto one = entry("r", Algorithm::rsa_sha256, KeyState::active);
  keys.put(one);
  EXPECT_TRUE(disk->files_with(one.key->secret().substr(40, 32)).empty());
  EXPECT_EQ(disk->files_with("MDKM").size(), 1U);
}

TEST_F(DkimKeyrings, PassOverWhatTheyCannotRead) {
  {
    DkimKeyring keys = open();
    keys.put(entry("good", Algorithm::ed25519_sha256, KeyState::active));
    keys.put(entry("bad", Algorithm::rsa_sha256, KeyState::active));
    keys.put(entry("later", Algorithm::rsa_sha256, KeyState::active));
  }
  // Each in the other's place; one of a version that does not exist yet.
  disk->rename("/pod/dkim/pod.example/bad.key", "/pod/dkim/pod.example/moved.key");
  base::replace_file(*disk, "/pod/dkim/pod.example/later.key", "MDKM\x02whatever");
  base::replace_file(*disk, "/pod/dkim/pod.example/note.txt", "not ours");
  const DkimKeyring keys = open();
  EXPECT_EQ(selectors(keys.list()), Selectors{"good"});
  ASSERT_EQ(keys.damages().size(), 2U);
  for (const auto& damage : keys.damages())
    EXPECT_EQ(damage.reason, damage.file.ends_with("moved.key") ? Errc::damaged : Errc::unknown_version) << damage.file;
}

TEST_F(DkimKeyrings, NeedTheServerKey) {
  open().put(entry("r", Algorithm::rsa_sha256, KeyState::active));
  const auto other = crypto::Key::copy_of(arena, std::string(32, 't'));
  const DkimKeyring keys({*disk, clock, entropy, base::silent_log(), arena, other}, "/pod/dkim");
  EXPECT_TRUE(keys.list().empty());
  EXPECT_EQ(keys.damages().size(), 1U);
}

// A key is there as it was before a change or as it is after, wherever the power goes.
TEST_F(DkimKeyrings, AreWholeAfterALossOfPower) {
  const auto before = [&] {
    DkimKeyring keys = open();
    keys.put(entry("old", Algorithm::rsa_sha256, KeyState::active));
    clock.advance(24h);
    keys.put(entry("new", Algorithm::rsa_sha256, KeyState::prepared));
    return disk->clean_copy();
  }();
  std::size_t interrupted = 0;
  for (std::uint64_t seed = 0; seed < 6; ++seed) {
    for (std::uint64_t call = 1;; ++call) {
      disk = before->crash(seed);
      disk->crash_at_call(disk->calls() + call);
      int done = 0;
      try {
        DkimKeyring keys = open();
        keys.activate("pod.example", "new").value();
        ++done;
        keys.retire("pod.example", "old", Haste::orderly).value();
        ++done;
        keys.remove("pod.example", "old", Haste::now).value();
        ++done;
      } catch (const simulation::PowerLoss&) {
        ++interrupted;
      }
      disk = disk->crash(seed * 1000 + call);
      const DkimKeyring keys = open();
      EXPECT_TRUE(keys.damages().empty());
      const Selectors signs = selectors(keys.signing("pod.example"));
      ASSERT_EQ(signs.size(), 1U) << call;
      if (done >= 1) EXPECT_EQ(signs, Selectors{"new"});
      if (done >= 3) EXPECT_EQ(keys.list().size(), 1U);
      for (const auto& file : disk->files()) EXPECT_TRUE(file.ends_with(".key")) << file;
      if (done == 3) break;
    }
  }
  EXPECT_GT(interrupted, 30U);
}

TEST_F(DkimKeyrings, FirstKeysAreThereOnceTheyWereSaidToBe) {
  for (std::uint64_t seed = 0; seed < 40; ++seed) {
    disk = std::make_unique<simulation::Disk>(seed);
    disk->make_directory("/pod");
    disk->sync_directory("/");
    open().put(entry("r", Algorithm::rsa_sha256, KeyState::active));
    disk = disk->crash(seed);
    EXPECT_EQ(open().signing("pod.example").size(), 1U) << seed;
  }
}

TEST_F(DkimKeyrings, SurviveAFailingDisk) {
  DkimKeyring keys = open();
  keys.put(entry("new", Algorithm::rsa_sha256, KeyState::prepared));
  // Make the temporary file, write it, sync it.
  for (std::uint64_t call = 1; call <= 3; ++call) {
    disk->fail_call(disk->calls() + call, EIO);
    EXPECT_THROW(keys.activate("pod.example", "new"), std::system_error);
    EXPECT_TRUE(keys.signing("pod.example").empty());
  }
  EXPECT_TRUE(keys.activate("pod.example", "new").has_value());
}

TEST_F(DkimKeyrings, OfVersionOneAreReadForEver) {
  for (const auto algorithm : {Algorithm::rsa_sha256, Algorithm::ed25519_sha256}) {
    const std::string selector = algorithm == Algorithm::rsa_sha256 ? "mp20261129r" : "mp20261129e";
    KeyEntry expected = entry(selector, algorithm, KeyState::retired);
    expected.since = expected.made + 24h;
    const auto sealing_key = dkim_sealing_key(server_key);
    const std::string octets = simulation::frozen("dkim-1/pod.example/" + selector + ".key",
                                                  [&] { return write_key_file(expected, sealing_key, entropy); });
    const auto read = parse_key_file(octets, "pod.example", selector, sealing_key);
    ASSERT_TRUE(read.has_value());
    EXPECT_EQ(read->state, KeyState::retired);
    EXPECT_EQ(read->made, expected.made);
    EXPECT_EQ(read->since, expected.since);
    EXPECT_EQ(read->key->secret(), expected.key->secret());
    EXPECT_EQ(read->key->algorithm(), algorithm);
    for (std::size_t bit = 0; bit < octets.size() * 8; bit += 3) {
      std::string flipped = octets;
      flipped[bit / 8] = static_cast<char>(static_cast<unsigned char>(flipped[bit / 8]) ^ (1U << (bit % 8)));
      EXPECT_FALSE(parse_key_file(flipped, "pod.example", selector, sealing_key).has_value()) << bit;
    }
    EXPECT_EQ(parse_key_file(octets, "pod2.example", selector, sealing_key).error(), Errc::damaged);
    EXPECT_EQ(parse_key_file(octets.substr(0, 4), "pod.example", selector, sealing_key).error(), Errc::damaged);
  }
}

}  // namespace
}  // namespace mailpod::mailauth
