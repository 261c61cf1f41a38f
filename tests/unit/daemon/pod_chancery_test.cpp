// Signed files that came by mail: judged at the desk, answered where nobody is surprised, and never without end.

#include "pod_chancery.hpp"

#include <gmock/gmock.h>

#include "members_desk.hpp"

namespace mailpod::daemon {
namespace {

using delivery::Chancery;
using governance::Act;
using testing::HasSubstr;

class SilentVaults final : public store::Vaults {
public:
  std::vector<MemberId> told;
  boost::asio::awaitable<Result<std::shared_ptr<store::OpenVault>>> open(sasl::Login) override {
    co_return store::Errc::wrong_key;
  }
  boost::asio::awaitable<store::Usage> usage(MemberId) override { co_return store::Usage{}; }
  std::optional<store::Usage> known_usage(MemberId) const override { return std::nullopt; }
  void announce(MemberId member, store::Arrival) override { told.push_back(member); }
  void close(MemberId) override {}
  boost::asio::awaitable<void> alone(MemberId, std::function<void()> work) override {
    work();
    co_return;
  }
  void set(const Settings&) override {}
  boost::asio::awaitable<void> close_all() override { co_return; }
};

class PodChanceryTest : public MembersDesk {
protected:
  MemberId alice() { return pod->directory().state()->find("alice")->id; }
  delivery::SignedMail suspension() {
    auto act = make_act(machine(), pod->registry().gate().roster()->charters().at(clock.now()), Act::Kind::suspend,
                        MemberId{entropy.bytes<16>()});
    act.until = act.issued + std::chrono::hours(3);
    return {{*keys.sign(act)}, {}, false};
  }
  std::string queued() {
    const auto all = pod->queue().list();
    EXPECT_EQ(all.size(), 1U);
    const auto entry = pod->queue().show(all.front().id).value();
    EXPECT_EQ(entry.reverse_path, "");
    EXPECT_EQ(entry.recipients.at(0).address, "ada@other.example");
    const auto message = pod->queue().open_message(entry).value();
    std::string octets(static_cast<std::size_t>(message->size()), '\0');
    octets.resize(message->read_at(0, octets));
    return octets;
  }

  MaintainerKeys keys = MaintainerKeys::read(disk, arena, {"/home/maintainer"}).value();
  SilentVaults vaults;
  guard::Settings guard_settings;
  guard::Doorkeeper doorkeeper{clock, entropy, guard_settings};
  delivery::Outbox outbox{pod->queue(), [](const queue::EntryId&) {}, std::chrono::days(5)};
  PodChancery chancery{{*desk, doorkeeper, pod->household(), vaults, &outbox}};
};

TEST_F(PodChanceryTest, AMemberFindsTheAnswerInTheirVault) {
  chancery.take(suspension(), Chancery::Correspondent{alice(), "", "<1@pod.lab>"});
  EXPECT_EQ(vaults.told, std::vector<MemberId>{alice()});
  EXPECT_EQ(pod->queue().size(), 0U);
}

TEST_F(PodChanceryTest, WhoeverIsElsewhereIsToldTheReasonUnderNoReversePath) {
  chancery.take(suspension(), Chancery::Correspondent{std::nullopt, "ada@other.example", "<1@other.example>"});
  const auto answer = queued();
  EXPECT_THAT(answer, HasSubstr("REFUSED"));
  EXPECT_THAT(answer, HasSubstr("was never admitted"));
  EXPECT_THAT(answer, HasSubstr("To: <ada@other.example>"));
}

TEST_F(PodChanceryTest, NobodyIsWhoIsNotAnswered) {
  chancery.take(suspension(), std::nullopt);
  EXPECT_EQ(pod->queue().size(), 0U);
  EXPECT_TRUE(vaults.told.empty());
}

TEST_F(PodChanceryTest, OneAddressGetsTwentyAnswersAnHour) {
  for (int i = 0; i < 25; ++i)
    chancery.take(suspension(), Chancery::Correspondent{std::nullopt, "ada@other.example", ""});
  EXPECT_EQ(pod->queue().size(), 20U);
}

TEST_F(PodChanceryTest, ANetworkAndAllTogetherBringSoManyAndNoMore) {
  int taken = 0;
  while (taken < 1000 && chancery.admits("192.0.2.7", {})) ++taken;
  EXPECT_EQ(taken, 60);
  EXPECT_FALSE(chancery.admits("192.0.2.200", {})) << "the same network";
  EXPECT_TRUE(chancery.admits("198.51.100.1", {}));
  while (taken < 2000 && chancery.admits("127.0.0.1", {})) ++taken;
  EXPECT_EQ(taken, 599) << "a relay of one's own counts with all";
  EXPECT_FALSE(chancery.admits("203.0.113.1", {}));
  EXPECT_TRUE(chancery.admits("203.0.113.1", alice())) << "strangers keep no member out";
  int of_alice = 1;
  while (of_alice < 1000 && chancery.admits("203.0.113.1", alice())) ++of_alice;
  EXPECT_EQ(of_alice, 60);
}

TEST_F(PodChanceryTest, WhatADiskFailsToKeepIsNotRefusedButComesAgain) {
  auto act =
      make_act(machine(), pod->registry().gate().roster()->charters().at(clock.now()), Act::Kind::suspend, alice());
  act.until = act.issued + std::chrono::hours(3);
  const delivery::SignedMail mail{{*keys.sign(act)}, {}, false};
  const Chancery::Correspondent ada{std::nullopt, "ada@other.example", ""};
  disk.fail_from_call(disk.calls() + 1, ENOSPC);
  try {
    chancery.take(mail, ada);
    ADD_FAILURE() << "it was taken";
  } catch (const std::system_error& failure) {
    EXPECT_EQ(failure.code(), std::errc::no_space_on_device);
  }
  disk.heal();
  chancery.take(mail, ada);
  EXPECT_THAT(queued(), HasSubstr("RECORDED"));
}

TEST_F(PodChanceryTest, AnAddressInUtf8IsAnsweredAsOne) {
  chancery.take(suspension(), Chancery::Correspondent{std::nullopt, "j\u00f6rg@other.example", ""});
  EXPECT_TRUE(pod->queue().show(pod->queue().list().front().id).value().smtp_utf8);
}

}  // namespace
}  // namespace mailpod::daemon
