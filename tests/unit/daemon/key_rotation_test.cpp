// Another server key for a pod: while it is in use, and with power lost, or a call failing, at every step of it.

#include "key_rotation.hpp"

#include <cerrno>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <mailpod/queue/suppressions.hpp>
#include <simulation/clock.hpp>
#include <simulation/disk.hpp>
#include <simulation/entropy.hpp>

#include "acts.hpp"
#include "founding.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// A pod with a member, a DKIM key of each kind, a message that waits and a suppressed domain, at rest on a disk of
/// which tests take copies.
class Rotation : public testing::Test {
protected:
  Rotation() {
    auto& disk = *at_rest;
    disk.make_directory("/home");
    disk.make_directory("/srv");
    FoundingRequest request;
    request.folder = "/srv/pod";
    request.domain = "pod.lab";
    request.maintainer_key = "/home/maintainer";
    paper = found_pod(machine(disk), request).value().server_key_code;
    const auto pod = open(disk).value();
    admit(*pod);
    queue::Entry mail;
    mail.arrival = mail.next_try = clock.now();
    mail.reverse_path = "alice@pod.lab";
    mail.recipients.resize(1);
    mail.recipients[0].address = "friend@other.example";
    entry = pod->queue().put(mail, base::MemorySource("Subject: x\r\n\r\nx\r\n"));
    EXPECT_TRUE(pod->queue().suppressions().add({"spam.example", clock.now(), std::nullopt, "noise"}));
  }

  OpenPod::Machine machine(base::Disk& disk) { return {disk, clock, entropy, base::silent_log(), arena}; }
  governance::Verdict<std::unique_ptr<OpenPod>> open(base::Disk& disk) {
    auto configuration = read_configuration(disk, "/srv/pod").value();
    configuration.argon2 = {1, 8192};
    return OpenPod::open(machine(disk), {"/srv/pod"}, std::move(configuration));
  }
  void admit(OpenPod& pod) {
    const auto keys = MaintainerKeys::read(*at_rest, arena, {"/home/maintainer"});
    const auto& charter = pod.registry().gate().roster()->charters().at(clock.now());
    const auto salt = entropy.bytes<32>();
    auto act = make_act(machine(*at_rest), charter, governance::Act::Kind::admit, MemberId{entropy.bytes<16>()});
    act.principal = governance::Principal::member;
    act.address_commitment = governance::address_commitment(salt, "alice@pod.lab");
    const json admission{
        {"act", file_json(*keys->sign(act))}, {"address", "alice@pod.lab"}, {"salt", base::hex(base::octets(salt))}};
    admin::Desk desk(pod.premises(nullptr));
    json admit{{"operation", "member.admit"}, {"arguments", {{"admissions", json::array({admission})}}}};
    const json code = desk.serve(admit).at("answer").at("invitations").at(0).at("code");
    const json item{{"address", "alice"}, {"code", code}, {"app", "phone"}, {"password", "a long password"}};
    json enrol{{"operation", "enrol"}, {"arguments", {{"enrolments", json::array({item})}}}};
    secret = desk.serve(enrol).at("answer").at("enrolled").at(0).at("password");
  }
  /// All that lies under the server key is there, and can be changed.
  void expect_whole(OpenPod& pod) {
    EXPECT_TRUE(pod.key_ring().log_in("alice", secret, sasl::Scope::imap));
    EXPECT_TRUE(
        pod.key_ring().log_in("alice", "a long password", sasl::Scope::imap, members::KeyRing::Purpose::own_affairs));
    const auto shown = pod.queue().show(entry);
    ASSERT_TRUE(shown);
    EXPECT_TRUE(pod.queue().open_message(*shown));
    EXPECT_TRUE(pod.queue().suppressions().find("x@spam.example", clock.now()));
    EXPECT_EQ(pod.dkim_keys().signing("pod.lab").size(), 2U);
    EXPECT_TRUE(pod.dkim_keys().damages().empty());
    EXPECT_TRUE(pod.directory().add_domain("further.example"));
    EXPECT_TRUE(pod.directory().remove_domain("further.example"));
    EXPECT_TRUE(pod.queue().change(entry, [this](queue::Entry& mail) { mail.next_try = clock.now(); }));
  }
  static bool changes_its_directory(OpenPod& pod) {
    try {
      return pod.directory().add_domain("later.example").has_value();
    } catch (const std::system_error&) {
      return false;
    }
  }
  std::optional<queue::EntryId> put_after_two_days(OpenPod& pod) {
    auto later = pod.queue().show(entry).value();
    clock.advance(std::chrono::hours(48));
    later.arrival = clock.now();
    try {
      return pod.queue().put(later, base::MemorySource("Subject: y\r\n\r\ny\r\n"));
    } catch (const std::system_error&) {
      return std::nullopt;
    }
  }
  std::string share(base::Disk& disk) {
    return write_server_key_code(read_server_key(disk, "/srv/pod/server.key", arena).value().key);
  }
  static bool anything_waits(const simulation::Disk& disk) {
    return std::ranges::any_of(disk.files(), [](const auto& path) { return path.find(".next") != std::string::npos; });
  }

  std::unique_ptr<simulation::Disk> at_rest = std::make_unique<simulation::Disk>();
  simulation::Clock clock;
  simulation::Entropy entropy{95};
  crypto::KeyArena arena;
  std::string paper;
  std::string secret;
  queue::EntryId entry{};
};

TEST_F(Rotation, GivesAPodInUseAnotherKey) {
  const auto disk = at_rest->clean_copy();
  auto pod = open(*disk).value();
  const auto standing = pod->key_ring().log_in("alice", secret, sasl::Scope::imap).value();
  const auto code = pod->rotate_server_key().value();
  EXPECT_NE(code, paper);
  EXPECT_EQ(code, share(*disk));
  EXPECT_TRUE(standing.stands());
  expect_whole(*pod);
  // A day that has no key yet gets one under the new key.
  clock.advance(std::chrono::hours(48));
  auto later = pod->queue().show(entry).value();
  later.arrival = clock.now();
  const auto second = pod->queue().put(later, base::MemorySource("Subject: y\r\n\r\ny\r\n"));
  pod.reset();
  pod = open(*disk).value();
  expect_whole(*pod);
  EXPECT_TRUE(pod->queue().show(second));
  EXPECT_FALSE(anything_waits(*disk));
  EXPECT_NE(pod->rotate_server_key().value(), code);
  expect_whole(*pod);
}

TEST_F(Rotation, LeavesNothingThatTheOldKeyOpens) {
  const auto disk = at_rest->clean_copy();
  open(*disk).value()->rotate_server_key().value();
  const auto old = parse_server_key_code(arena, paper).value();
  write_server_key(*disk, "/srv/pod/server.key", old);
  const auto refused = open(*disk);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().what, "the server key does not open it, or it is damaged");
  EXPECT_FALSE(
      members::Directory::open({*disk, clock, entropy, base::silent_log(), arena}, "/srv/pod/directory.log", old)
          .has_value());
}

TEST_F(Rotation, EndsWithTheOldKeyOrTheNewWhereverPowerIsLost) {
  constexpr std::uint64_t states_a_call = 6;
  std::uint64_t old_keys = 0;
  std::uint64_t new_keys = 0;
  bool finished = false;
  for (std::uint64_t call = 1; !finished; ++call) {
    for (std::uint64_t seed = 0; seed < states_a_call; ++seed) {
      const auto disk = at_rest->clean_copy();
      auto pod = open(*disk).value();
      disk->crash_at_call(disk->calls() + call);
      std::optional<std::string> code;
      try {
        code = pod->rotate_server_key().value();
        finished = true;
      } catch (const simulation::PowerLoss&) {
      }
      const auto after = disk->crash(call * states_a_call + seed);
      pod.reset();
      const auto again = open(*after);
      ASSERT_TRUE(again.has_value()) << again.error().text() << " call " << call << " seed " << seed;
      expect_whole(**again);
      if (HasFailure()) FAIL() << "call " << call << " seed " << seed;
      EXPECT_FALSE(anything_waits(*after)) << "call " << call << " seed " << seed;
      const auto now = share(*after);
      if (code) EXPECT_EQ(now, *code);
      (now == paper ? old_keys : new_keys) += 1;
    }
  }
  EXPECT_GT(old_keys, 40U);
  EXPECT_GT(new_keys, 20U);
}

TEST_F(Rotation, IsFinishedWhereverItsFinishingLosesPower) {
  // Power is lost right after the commit point, and then at every call of the opening that finishes it.
  std::uint64_t openings = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto disk = at_rest->clean_copy();
    auto one = open(*disk).value();
    disk->crash_at_call(disk->calls() + call);
    try {
      one->rotate_server_key().value();
      break;
    } catch (const simulation::PowerLoss&) {
    }
    const auto left = disk->crash(3);
    one.reset();
    if (share(*left) == paper || !anything_waits(*left)) continue;
    bool opened = false;
    for (std::uint64_t at = 1; !opened; ++at) {
      const auto torn = left->clean_copy();
      torn->crash_at_call(torn->calls() + at);
      try {
        opened = open(*torn).has_value();
      } catch (const simulation::PowerLoss&) {
      }
      const auto after = torn->crash(at);
      const auto again = open(*after);
      ASSERT_TRUE(again.has_value()) << again.error().text();
      expect_whole(**again);
      ++openings;
    }
  }
  EXPECT_GT(openings, 20U);
}

TEST_F(Rotation, ThatFailsLeavesThePodInUse) {
  std::uint64_t failures = 0;
  for (std::uint64_t call = 1;; ++call) {
    const auto disk = at_rest->clean_copy();
    auto pod = open(*disk).value();
    disk->fail_call(disk->calls() + call, EIO);
    bool committed = false;
    try {
      if (pod->rotate_server_key().has_value()) break;
      committed = true;  // not all in its place: who opens next finishes it
    } catch (const std::system_error&) {
    }
    ++failures;
    disk->heal();
    std::optional<queue::EntryId> second;
    if (!committed) {
      expect_whole(*pod);
      EXPECT_EQ(share(*disk), paper);
      EXPECT_TRUE(pod->rotate_server_key().has_value()) << "again, when the disk works";
    } else {
      EXPECT_FALSE(changes_its_directory(*pod)) << "what is acknowledged now would be lost";
      second = put_after_two_days(*pod);
      EXPECT_FALSE(second) << "its day's key would lie under a key that is no more";
      EXPECT_THROW(pod->dkim_keys().prepare("pod.lab"), std::system_error);
    }
    pod.reset();
    const auto again = open(*disk);
    ASSERT_TRUE(again.has_value()) << again.error().text() << " call " << call;
    expect_whole(**again);
    EXPECT_FALSE(second && !(*again)->queue().show(*second));
    if (HasFailure()) FAIL() << "call " << call;
  }
  EXPECT_GT(failures, 30U);
}

TEST_F(Rotation, IsNotForgottenByAKeyThatOpensNothing) {
  bool torn = false;
  for (std::uint64_t call = 1; !torn && call < 200; ++call) {
    const auto copy = at_rest->clean_copy();
    auto one = open(*copy).value();
    copy->crash_at_call(copy->calls() + call);
    try {
      one->rotate_server_key().value();
      break;
    } catch (const simulation::PowerLoss&) {
    }
    const auto left = copy->crash(3);
    one.reset();
    if (share(*left) == paper || !anything_waits(*left)) continue;
    torn = true;
    const auto right = read_server_key(*left, "/srv/pod/server.key", arena).value();
    write_server_key(*left, "/srv/pod/server.key", crypto::Key::random(arena, entropy));
    EXPECT_FALSE(open(*left).has_value());
    write_server_key(*left, "/srv/pod/server.key", right.key);
    const auto again = open(*left);
    ASSERT_TRUE(again.has_value()) << again.error().text();
    expect_whole(**again);
  }
  EXPECT_TRUE(torn);
}

TEST_F(Rotation, KeepsThePassphrase) {
  const auto disk = at_rest->clean_copy();
  const auto key = read_server_key(*disk, "/srv/pod/server.key", arena).value();
  const auto seal = make_passphrase_seal(arena, entropy, "four words of nobody", {1, 8192});
  write_server_key(*disk, "/srv/pod/server.key", key.key, entropy, &seal);
  const auto typed = [] { return governance::Verdict<std::string>("four words of nobody"); };
  auto configuration = read_configuration(*disk, "/srv/pod").value();
  auto pod = OpenPod::open(machine(*disk), {"/srv/pod"}, configuration, typed).value();
  const auto code = pod->rotate_server_key().value();
  pod.reset();
  EXPECT_FALSE(open(*disk).has_value());
  EXPECT_EQ(write_server_key_code(read_server_key(*disk, "/srv/pod/server.key", arena, typed).value().key), code);
  EXPECT_TRUE(disk->files_with(code).empty());
}

}  // namespace
}  // namespace mailpod::daemon
