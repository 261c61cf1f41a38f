#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"
#include "meter.hpp"
#include "usage_file.hpp"

/// What a vault holds, and how that is known while it is closed.
namespace mailpod::store::test {
namespace {

using boost::asio::awaitable;

/// Vaults on one loop whose pool is the loop itself, under a key for what they hold.
struct UsageTest : testing::Test {
  UsageTest() : house(2), pool(net::Pool::Inline{}) {
    key = std::make_shared<const crypto::Key>(crypto::Key::random(house.arena, house.entropy));
    start();
  }
  ~UsageTest() override { stop(); }

  /// As after a restart: nothing is in memory.
  void start() {
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.quota_of = [this](MemberId) { return quota; };
    settings.usage_changed = [this](MemberId) { ++changes; };
    settings.usage_key = key;
    vaults = make_vaults(house.ports(), pool, settings);
  }
  void stop() {
    if (!vaults) return;
    run(vaults->close_all());
    vaults.reset();
    loop.restart();
    loop.run();
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
  std::shared_ptr<OpenVault> open() {
    sasl::Login login;
    login.member = house.members[0].id;
    login.vault_key = house.members[0].key;
    return answer(vaults->open(login)).value();
  }
  Usage usage() { return answer(vaults->usage(house.members[0].id)); }
  std::optional<Usage> known() { return vaults->known_usage(house.members[0].id); }
  std::string folder() const { return house.members[0].folder; }
  UsagePlace place() { return {*house.disk, folder(), house.members[0].id, key}; }
  std::uint64_t size_of(const std::string& path) const { return house.disk->status(path)->size; }

  Household house;
  boost::asio::io_context loop;
  net::Pool pool;
  std::shared_ptr<const crypto::Key> key;
  Quota quota;
  int changes = 0;
  std::unique_ptr<Vaults> vaults;
};

const std::string letter = mail("hello");

TEST_F(UsageTest, WhatWaitsCountsAsItIsSealed) {
  EXPECT_FALSE(known()) << "nobody has asked";
  const auto first = house.deliver(letter).at(0);
  EXPECT_EQ(usage(), (Usage{first.sealed_size, 1}));
  const auto second = house.deliver(letter).at(0);
  vaults->announce(house.members[0].id, second);
  EXPECT_EQ(known(), (Usage{first.sealed_size + second.sealed_size, 2})) << "nobody looks into the folder again";
  EXPECT_EQ(changes, 1);
}

TEST_F(UsageTest, WhatIsMergedCountsAsItIs) {
  house.deliver(letter);
  EXPECT_EQ(usage().messages, 1U);
  const auto session = open();
  EXPECT_EQ(known(), (Usage{letter.size(), 1}));
  vaults->announce(house.members[0].id, house.deliver(letter).at(0));
  loop.restart();
  loop.poll();
  EXPECT_EQ(known(), (Usage{2 * letter.size(), 2}));
  Household::append(session->vault(), letter, "Sent");
  EXPECT_EQ(known(), (Usage{3 * letter.size(), 3}));
  auto& vault = session->vault();
  vault.expunge(vault.state()->find("INBOX")->id, Household::uids(vault), Vault::Expunge::all).value();
  EXPECT_EQ(known(), (Usage{letter.size(), 1}));
}

TEST_F(UsageTest, AVaultSaysWhatItHoldsWhenItCloses) {
  house.deliver(letter);
  open();
  stop();
  start();
  EXPECT_FALSE(known());
  EXPECT_EQ(usage(), (Usage{letter.size(), 1}));
  const auto next = house.deliver(letter).at(0);
  vaults->announce(house.members[0].id, next);
  EXPECT_EQ(known(), (Usage{letter.size() + next.sealed_size, 2}));
}

TEST_F(UsageTest, WhatChangedSinceIsCountedByItsFiles) {
  house.deliver(letter);
  open();
  stop();
  auto vault = house.open();
  Household::append(*vault, letter, "Sent");
  vault.reset();  // killed
  start();
  Usage files;
  for (const auto& path : house.files_below(folder() + "/Maildir/cur")) files += {size_of(path), 1};
  EXPECT_EQ(files.messages, 2U);
  EXPECT_EQ(usage(), files);
}

TEST_F(UsageTest, WhatIsKeptTellsAThiefNothingAndServesNobodyElse) {
  open();
  stop();
  EXPECT_EQ(kept_usage(place()), Usage());
  auto of_another = place();
  of_another.member = house.members[1].id;
  EXPECT_FALSE(kept_usage(of_another));
  auto under_another_key = place();
  under_another_key.key = std::make_shared<const crypto::Key>(crypto::Key::random(house.arena, house.entropy));
  EXPECT_FALSE(kept_usage(under_another_key));
  const auto path = folder() + "/usage";
  const auto octets = base::read_file(*house.disk, path, 1000);
  for (std::size_t at = 0; at < octets.size(); ++at) {
    auto changed = octets;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    base::replace_file(*house.disk, path, changed);
    EXPECT_FALSE(kept_usage(place())) << at;
  }
  base::replace_file(*house.disk, path, octets.substr(0, 20));
  EXPECT_FALSE(kept_usage(place()));
}

TEST_F(UsageTest, MailThatArrivesWhileItIsCountedCountsOnce) {
  Meter meter;
  meter.begin_count();
  meter.arrived(MessageId{1}, 100);  // the count saw it
  meter.arrived(MessageId{2}, 10);   // and came too early for this one
  EXPECT_FALSE(meter.known());
  meter.finish_count({{1000, 5}, {{MessageId{1}, 100}, {MessageId{3}, 1}}});
  EXPECT_EQ(meter.known(), (Usage{1111, 8}));
}

TEST_F(UsageTest, MailThatArrivesWhileTheRestIsMergedWaits) {
  Meter meter;
  meter.finish_count({});
  meter.arrived(MessageId{1}, 100);
  const auto arrivals = meter.arrivals();
  meter.arrived(MessageId{2}, 10);
  meter.took({100, 1});
  meter.all_merged(arrivals);
  EXPECT_EQ(meter.known(), (Usage{10, 1}));
  meter.all_merged(meter.arrivals());
  EXPECT_EQ(meter.known(), Usage());
}

TEST_F(UsageTest, AppendAndCopyEndAtTheQuotaAndMoveDoesNot) {
  const auto session = open();
  auto& vault = session->vault();
  const auto inbox = vault.state()->find("INBOX")->id;
  const auto archive = vault.state()->find("Archive")->id;
  quota.octets = 2 * letter.size();
  const auto uid = Household::append(vault, letter);
  Household::append(vault, letter);

  std::vector<std::unique_ptr<PreparedMessage>> messages;
  messages.push_back(vault.prepare(base::MemorySource("x"), {{}, house.clock.now()}).value());
  EXPECT_EQ(vault.append(inbox, std::move(messages)).error(), Errc::over_quota);
  messages.clear();
  EXPECT_TRUE(house.files_below(folder() + "/Maildir/tmp").empty()) << "nothing is left of it";
  EXPECT_EQ(vault.copy(inbox, std::vector{uid}, archive).error(), Errc::over_quota);
  EXPECT_EQ(vault.move(inbox, std::vector{uid}, archive).value().uids.size(), 1U);
  quota.octets = 3 * letter.size();
  EXPECT_EQ(vault.copy(archive, std::vector{Uid{1}}, inbox).value().uids.size(), 1U) << "a new limit counts at once";
  quota.octets = 0;
  quota.messages = 3;
  EXPECT_EQ(vault.copy(archive, std::vector{Uid{1}}, inbox).error(), Errc::over_quota);
  EXPECT_EQ(vault.quota().mailboxes, Vault::Settings().mailboxes);
}

TEST_F(UsageTest, WhatIsDeliveredIsMergedWhateverTheQuota) {
  quota.messages = 1;
  house.deliver(letter);
  house.deliver(letter);
  const auto session = open();
  EXPECT_EQ(session->vault().state()->find("INBOX")->count, 2U) << "it was acknowledged";
}

TEST(Quotas, AreFullByTheFullerOfTheTwo) {
  const Quota quota{1000, 10, 0};
  EXPECT_EQ(quota.percent_of({999, 3}), 99U);
  EXPECT_EQ(quota.percent_of({500, 11}), 110U);
  EXPECT_EQ(Quota().percent_of({~0ULL, ~0ULL}), 0U);
  EXPECT_EQ((Quota{1ULL << 44, 0, 0}.percent_of({~0ULL, 0})), 409'600U) << "and nothing overflows";
  EXPECT_TRUE(quota.fits({1000, 10}));
  EXPECT_FALSE(quota.fits({1000, 11}));
  EXPECT_EQ((Usage{1, 1} - Usage{2, 0}), (Usage{0, 1}));
}

}  // namespace
}  // namespace mailpod::store::test
