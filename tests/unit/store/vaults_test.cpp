#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/journal/journal.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

using boost::asio::awaitable;
using testing::ElementsAre;
using testing::SizeIs;

/// Open vaults on one loop whose pool is the loop itself.
struct OpenVaults : testing::Test {
  OpenVaults() : house(2), pool(net::Pool::Inline{}) {
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.linger = std::chrono::seconds(60);
    settings.flush_every = std::chrono::milliseconds(1);
    vaults = make_vaults(house.ports(), pool, settings);
  }
  ~OpenVaults() override {
    run(vaults->close_all());
    vaults.reset();
    loop.restart();
    loop.run();
  }

  /// Runs the loop until this is answered.
  template <class T>
  T answer(awaitable<T> question) {
    std::optional<T> answered;
    boost::asio::co_spawn(loop, std::move(question), [&](std::exception_ptr failure, T value) {
      if (failure) std::rethrow_exception(failure);
      answered.emplace(std::move(value));
    });
    loop.restart();
    while (!answered && loop.run_one() == 1) {
    }
    return std::move(*answered);
  }
  void run(awaitable<void> work) {
    bool done = false;
    boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
      done = true;
    });
    loop.restart();
    while (!done && loop.run_one() == 1) {
    }
    ASSERT_TRUE(done);
  }
  /// Runs the loop until `happened`.
  template <class Condition>
  void wait_until(Condition happened) {
    loop.restart();
    while (!happened()) ASSERT_EQ(loop.run_one(), 1U);
  }
  std::shared_ptr<OpenVault> open(std::size_t member = 0) {
    sasl::Login login;
    login.member = house.members[member].id;
    login.vault_key = house.members[member].key;
    return answer(vaults->open(login)).value();
  }
  /// What another holder of the same disk would find.
  bool was_closed(std::size_t member = 0) {
    class Nobody final : public journal::Replay {
      void begin() override {}
      bool checkpoint(std::string_view) override { return true; }
      void record(const journal::Record&) override {}
    } nobody;
    const auto& who = house.members[member];
    const auto copy = house.disk->clean_copy();
    return journal::Journal::open({*copy, house.entropy},
                                  {who.folder + "/log", std::string(base::octets(who.id.bytes))},
                                  who.key->derive("mailpod/v1/log"), {}, nobody)
        .value()
        ->was_closed();
  }

  Household house;
  boost::asio::io_context loop;
  net::Pool pool;
  std::unique_ptr<Vaults> vaults;
};

TEST_F(OpenVaults, AreSharedByTheSessionsOfAMember) {
  const auto one = open();
  const auto two = open();
  EXPECT_EQ(&one->vault(), &two->vault());
  EXPECT_NE(&open(1)->vault(), &one->vault());
}

TEST_F(OpenVaults, NeedAKey) {
  sasl::Login login;
  login.member = house.members[0].id;
  EXPECT_EQ(answer(vaults->open(login)).error(), Errc::wrong_key);
  login.vault_key = house.members[1].key;
  EXPECT_EQ(answer(vaults->open(login)).error(), Errc::wrong_key);
}

TEST_F(OpenVaults, HaveMergedWhatArrivedWhenTheyAreOpen) {
  house.deliver(mail("waiting"));
  const auto session = open();
  EXPECT_EQ(session->vault().state()->find("INBOX")->count, 1U);
}

TEST_F(OpenVaults, MergeWhatIsAnnouncedAndRing) {
  const auto session = open();
  int rings = 0;
  const auto bell = session->vault().subscribe([&] { ++rings; });
  vaults->announce(house.members[0].id, house.deliver(mail("new")).at(0));
  vaults->announce(house.members[1].id, house.deliver(mail("not open"), {1}).at(0));
  wait_until([&] { return rings > 0; });
  EXPECT_THAT(house.read_all(session->vault()), ElementsAre(mail("new")));
}

TEST_F(OpenVaults, MakeFlagsDurableSoon) {
  const auto session = open();
  house.append(session->vault(), mail("m"));
  const auto inbox = session->vault().state()->find("INBOX")->id;
  session->vault()
      .change_flags(inbox, std::vector<Uid>{{1}}, {FlagChange::How::add, Flags::seen, {}}, std::nullopt)
      .value();
  const auto calls = house.disk->calls();
  wait_until([&] { return house.disk->calls() > calls + 1; });
  auto living = std::move(house.disk);
  house.disk = living->crash(8);
  EXPECT_EQ(house.open()->state()->find("INBOX")->unseen, 0U);
  house.disk = std::move(living);
}

TEST_F(OpenVaults, CloseAMinuteAfterTheLastSession) {
  auto session = open();
  house.append(session->vault(), mail("m"));  // the end is no longer CLOSE
  const auto* first = &session->vault();
  session.reset();
  house.clock.advance(std::chrono::seconds(59));
  session = open();
  EXPECT_EQ(&session->vault(), first);
  session.reset();
  EXPECT_FALSE(was_closed());
  house.clock.advance(std::chrono::seconds(60));
  wait_until([&] { return was_closed(); });
  EXPECT_EQ(open()->vault().state()->find("INBOX")->count, 1U);
}

TEST_F(OpenVaults, StayOpenWhileTheDiskTakesNoFlags) {
  auto session = open();
  house.append(session->vault(), mail("m"));
  const auto inbox = session->vault().state()->find("INBOX")->id;
  session->vault()
      .change_flags(inbox, std::vector<Uid>{{1}}, {FlagChange::How::add, Flags::seen, {}}, std::nullopt)
      .value();
  session.reset();
  house.clock.advance(std::chrono::seconds(60));
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  const auto calls = house.disk->calls();
  wait_until([&] { return house.disk->calls() > calls + 20; });
  house.disk->heal();
  wait_until([&] { return was_closed(); });
  EXPECT_EQ(open()->vault().state()->find("INBOX")->unseen, 0U);
}

TEST_F(OpenVaults, ClosedByRevocationEndTheirSessionsAtOnce) {
  const auto session = open();
  house.append(session->vault(), mail("m"));
  const auto message = session->vault().state()->find("INBOX")->at({1});
  int rings = 0;
  const auto bell = session->vault().subscribe([&] { ++rings; });
  vaults->close(house.members[0].id);
  EXPECT_EQ(rings, 1);
  EXPECT_TRUE(session->closed());
  EXPECT_EQ(session->vault().open_message(message).error(), Errc::closed);
  // Another login gets a vault of its own, and the old one writes no more.
  const auto other = open();
  EXPECT_FALSE(other->closed());
  EXPECT_NE(&other->vault(), &session->vault());
  house.append(other->vault(), mail("n"));
  EXPECT_EQ(session->vault().create_mailbox("x", SpecialUse::none).error(), Errc::closed);
  EXPECT_THAT(house.read_all(other->vault()), SizeIs(2));
}

TEST_F(OpenVaults, AllCloseAtShutdownWithTheirFlags) {
  const auto session = open();
  house.append(session->vault(), mail("m"));
  const auto inbox = session->vault().state()->find("INBOX")->id;
  session->vault()
      .change_flags(inbox, std::vector<Uid>{{1}}, {FlagChange::How::add, Flags::seen, {}}, std::nullopt)
      .value();
  run(vaults->close_all());
  EXPECT_TRUE(session->closed());
  EXPECT_TRUE(was_closed());
  EXPECT_EQ(house.open()->state()->find("INBOX")->unseen, 0U);
  sasl::Login login;
  login.member = house.members[0].id;
  login.vault_key = house.members[0].key;
  EXPECT_EQ(answer(vaults->open(login)).error(), Errc::closed);
}

}  // namespace
}  // namespace mailpod::store::test
