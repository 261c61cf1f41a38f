// After a theft: one secret goes on, all others end, and nothing is lost wherever the machine stops.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <mailpod/message/scanner.hpp>
#include <mailpod/store/letterbox.hpp>

#include "household.hpp"

namespace mailpod::members {
namespace {

const std::string password = "correct horse battery";

struct Rekey : testing::Test {
  Rekey() {
    const auto invitation = pod.admit("alice@pod.lab");
    member = invitation.member;
    phone = pod.enrol(invitation, {password, "phone"}).app->password;
    tablet = pod.keys->add_app_password("alice", phone, "tablet").value().password;
    deliver("first");
  }
  void deliver(const std::string& mail) {
    const std::string folder = "pod/members/" + member.str();
    const auto card = store::read_card(*pod.disk, folder, member, pod.pod_key.public_key()).value();
    const base::MemorySource octets(mail);
    const auto structure = message::scan(mail);
    store::Delivery delivery({*pod.disk, pod.community.clock, pod.community.entropy, pod.pod_key});
    const store::Draft draft{octets, structure, "a@example.org", "alice@pod.lab", pod.community.clock.now(), {}, 0, {}};
    delivery.prepare(folder, card, draft).value();
    delivery.commit();
  }
  /// How many messages whoever has this secret reads; nothing if it opens nothing.
  std::optional<std::uint32_t> reads(const std::string& secret) {
    const auto login = pod.keys->log_in("alice", secret, sasl::Scope::imap);
    if (!login) return std::nullopt;
    const auto house = pod.household();
    auto vault =
        store::Vault::open({house.disk, house.clock, house.entropy, house.log, house.arena},
                           "pod/members/" + member.str(), member, login->vault_key, pod.pod_key.public_key(), {});
    if (!vault) return std::nullopt;
    while ((*vault)->merge()) {
    }
    EXPECT_THAT((*vault)->check(), testing::IsEmpty());
    const auto count = (*vault)->state()->find("INBOX")->count;
    (*vault)->close();
    return count;
  }
  Pod pod;
  MemberId member;
  std::string phone;
  std::string tablet;
};

TEST_F(Rekey, LeavesOnlyTheSecretThatWasGiven) {
  const auto before = pod.keys->log_in("alice", phone, sasl::Scope::imap).value();
  const auto others = pod.keys->others("alice", phone).value();
  const auto revoked = pod.keys->rekey("alice", phone).value();
  EXPECT_EQ(others.size(), 2U);
  EXPECT_EQ(revoked, others);
  deliver("second");
  EXPECT_EQ(reads(phone), 2U);
  EXPECT_FALSE(pod.logs_in("alice", tablet));
  EXPECT_FALSE(pod.logs_in("alice", password));
  EXPECT_FALSE(before.stands());
  EXPECT_TRUE(pod.keys->log_in("alice", phone, sasl::Scope::imap)->stands());
  EXPECT_NE(before.vault_key->secret().octets(),
            pod.keys->log_in("alice", phone, sasl::Scope::imap)->vault_key->secret().octets());
  const auto fresh = pod.keys->add_app_password("alice", phone, "new tablet").value().password;
  EXPECT_EQ(reads(fresh), 2U);
}

/// At which something else happens in between, once: when it is asked for the first time.
class Moment final : public base::Clock {
public:
  explicit Moment(base::Clock& clock) : clock_(clock) {}
  base::Time now() override {
    if (const auto act = std::exchange(once, nullptr)) act();
    return clock_.now();
  }
  std::chrono::microseconds monotonic() override { return clock_.monotonic(); }
  std::function<void()> once;

private:
  base::Clock& clock_;
};

Household at(Moment& moment, const Household& house) {
  return {house.disk,    moment,        house.entropy,   house.log,      house.arena,
          house.members, house.pod_key, house.directory, house.registry, house.argon2};
}

/// Somebody logs in, and before the day of it is noted in the slot, the slot leads to another key.
TEST_F(Rekey, IsNotUndoneByALoginThatNotesItsDayLate) {
  Moment moment(pod.community.clock);
  KeyRing keys(at(moment, pod.household()));
  // The first that a login asks of the clock comes after it opened the slot.
  bool came = false;
  moment.once = [&] {
    came = true;
    keys.rekey("alice", phone).value();
  };
  EXPECT_TRUE(keys.log_in("alice", phone, sasl::Scope::imap).has_value());
  ASSERT_TRUE(came);
  const auto slots = keys.list("alice", phone).value();
  ASSERT_EQ(slots.size(), 1U);
  EXPECT_EQ(slots[0].last_used, base::to_day(pod.community.clock.now())) << "it was not noted at all";
  EXPECT_EQ(reads(phone), 1U);
}

/// A departure is no change of slots, and waits for nobody: after the slot was opened its member is nobody here.
TEST_F(Rekey, OfSomebodyWhoLeavesMeanwhileIsRefused) {
  Moment moment(pod.community.clock);
  KeyRing keys(at(moment, pod.household()));
  moment.once = [&] { ASSERT_TRUE(pod.departures().leave(member)); };
  const auto rekeyed = keys.rekey("alice", phone);
  EXPECT_EQ(pod.directory->state()->find(member), nullptr);
  ASSERT_FALSE(rekeyed);
  EXPECT_EQ(rekeyed.error(), Errc::not_a_member);
}

TEST_F(Rekey, TakesNoSecretThatEndsOrHasLimits) {
  const auto now = std::chrono::floor<std::chrono::seconds>(pod.community.clock.now());
  const AppPasswordWish ending{.name = "ending", .expires = now + std::chrono::days(30)};
  const AppPasswordWish reading{.name = "reading", .scopes = static_cast<sasl::Scopes>(sasl::Scope::imap)};
  for (const auto& wish : {ending, reading}) {
    const auto limited = pod.keys->add_app_password("alice", phone, wish).value().password;
    EXPECT_EQ(pod.keys->others("alice", limited).error(), Errc::not_permitted) << wish.name;
    EXPECT_EQ(pod.keys->rekey("alice", limited).error(), Errc::not_permitted) << wish.name;
    for (const auto& secret : {limited, phone, tablet, password}) EXPECT_EQ(reads(secret), 1U) << wish.name;
  }
}

TEST_F(Rekey, GoesByAHumanPasswordToo) {
  pod.keys->rekey("alice", password).value();
  EXPECT_EQ(reads(password), 1U);
  EXPECT_FALSE(pod.logs_in("alice", phone));
}

TEST_F(Rekey, RefusesASecretThatOpensNothing) {
  EXPECT_EQ(pod.keys->rekey("alice", "wrong wrong wrong").error(), Errc::wrong_secret);
  EXPECT_EQ(reads(phone), 1U);
}

TEST_F(Rekey, LosesNothingWhereverPowerIsLost) {
  const auto key_by = [&](const std::string& secret) -> std::string {
    const auto login = pod.keys->log_in("alice", secret, sasl::Scope::imap);
    return login ? std::string(login->vault_key->secret().octets()) : std::string();
  };
  const auto before = key_by(phone);
  const auto pristine = pod.disk->clean_copy();
  std::uint64_t points = 0;
  for (std::uint64_t call = 1;; ++call) {
    pod.keys.reset();
    pod.registry.reset();
    pod.directory.reset();
    pod.disk = pristine->clean_copy();
    pod.start();
    pod.disk->crash_at_call(pod.disk->calls() + call);
    bool ended = false;
    try {
      pod.keys->rekey("alice", phone).value();
      ended = true;
    } catch (const simulation::PowerLoss&) {
    }
    pod.crash(call * 31 + 7);
    ASSERT_EQ(reads(phone), 1U) << call;
    // As soon as the new key counts, nothing leads to the old one any more.
    const bool decided = key_by(phone) != before;
    ASSERT_TRUE(decided || !ended) << call;
    for (const auto& other : {tablet, password}) {
      ASSERT_TRUE(!decided || key_by(other).empty()) << call;
    }
    deliver("second");
    ASSERT_EQ(reads(phone), 2U) << call;
    ++points;
    if (ended) break;
  }
  EXPECT_GT(points, 40U);
  std::printf("%llu points\n", static_cast<unsigned long long>(points));
}

}  // namespace
}  // namespace mailpod::members
