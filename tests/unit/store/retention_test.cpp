#include <mailpod/store/retention.hpp>

#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"
#include "simulation/time.hpp"

// What goes because its time is over, while two sessions have the vault open.
namespace mailpod::store::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

struct Retention : testing::Test {
  Retention() {
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.linger = 60s;
    settings.flush_every = 500ms;
    settings.charter_days = [this] { return charter; };
    settings.went_by_charter = [this](MemberId, std::uint64_t messages) { told += messages; };
    settings.longest_open = [this] { return longest; };
    vaults = make_vaults(house.ports(), pool, settings, time);
    one = open();
    other = open();
  }
  ~Retention() override {
    one.reset();
    other.reset();
    bool closed = false;
    boost::asio::co_spawn(loop, vaults->close_all(), [&](std::exception_ptr) { closed = true; });
    EXPECT_TRUE(time.run_until([&] { return closed; }, 1min));
  }

  std::shared_ptr<OpenVault> open() {
    sasl::Login login;
    login.member = house.members[0].id;
    login.vault_key = house.members[0].key;
    std::optional<Result<std::shared_ptr<OpenVault>>> opened;
    boost::asio::co_spawn(loop, vaults->open(login),
                          [&](std::exception_ptr, Result<std::shared_ptr<OpenVault>> answer) { opened = answer; });
    EXPECT_TRUE(time.run_until([&] { return opened.has_value(); }, 1s));
    return opened->value();
  }
  Vault& vault() { return one->vault(); }
  Uid append(const std::string& subject, std::uint32_t flags = 0, std::string_view mailbox = "INBOX") {
    return Household::append(vault(), mail(subject), mailbox, {FlagChange::How::add, flags, {}});
  }
  void write(std::string_view mailbox, std::string_view entry, const std::string& value) {
    const Vault::Annotation annotation{std::string(entry), value};
    ASSERT_TRUE(vault().annotate(mailbox, {&annotation, 1}));
  }
  static std::size_t count(OpenVault& session, std::string_view mailbox = "INBOX") {
    return session.vault().state()->find(mailbox)->count;
  }
  /// The clock goes on, and the keepers look.
  void pass(std::chrono::microseconds by) {
    house.clock.advance(by);
    time.run_for(2s);
  }

  std::uint32_t charter = 0;
  std::chrono::hours longest{0};
  std::uint64_t told = 0;
  Household house;
  boost::asio::io_context loop;
  simulation::Time time{loop, house.clock};
  net::Pool pool{net::Pool::Inline{}};
  std::unique_ptr<Vaults> vaults;
  std::shared_ptr<OpenVault> one, other;
};

TEST_F(Retention, LetsNothingGoWithoutARule) {
  append("old");
  pass(days(5000));
  EXPECT_EQ(count(*one), 1U);
}

TEST_F(Retention, OfTheCharterIsSeenByEverySession) {
  append("old");
  pass(days(20));
  const auto young = append("young");
  charter = 30;
  std::size_t rung = 0;
  const auto bell = other->vault().subscribe([&rung] { ++rung; });
  const auto before = other->vault().state()->find("INBOX");
  pass(days(11));
  EXPECT_EQ(before->count, 2U) << "who listed it still has their numbers";
  EXPECT_EQ(count(*other), 1U);
  EXPECT_TRUE(other->vault().state()->find("INBOX")->find(young));
  EXPECT_GT(other->vault().state()->find("INBOX")->expunged_mod_seq, before->expunged_mod_seq);
  EXPECT_GE(rung, 1U);
  EXPECT_EQ(told, 1U);
}

TEST_F(Retention, KeepsWhatIsFlaggedAndDrafts) {
  append("flagged", Flags::flagged);
  append("draft", 0, "Drafts");
  append("plain");
  charter = 1;
  pass(days(400));
  EXPECT_EQ(count(*one), 1U);
  EXPECT_EQ(count(*one, "Drafts"), 1U);
}

TEST_F(Retention, CountsFromWhenAMessageCameIntoTheMailbox) {
  // Its internal date lies years back.
  const auto uid = append("imported");
  charter = 30;
  pass(days(29));
  EXPECT_EQ(count(*one), 1U);
  const auto inbox = vault().state()->find("INBOX")->id;
  ASSERT_TRUE(vault().move(inbox, {&uid, 1}, vault().state()->find("Archive")->id));
  pass(days(29));
  EXPECT_EQ(count(*one, "Archive"), 1U);
  pass(days(2));
  EXPECT_EQ(count(*one, "Archive"), 0U);
}

TEST_F(Retention, OfAMailboxIsItsMembersToSay) {
  append("here");
  append("there", 0, "Junk");
  write("Junk", delete_after_days, "7");
  pass(days(8));
  EXPECT_EQ(count(*one), 1U);
  EXPECT_EQ(count(*other, "Junk"), 0U);
  EXPECT_EQ(told, 0U);
  write("", delete_after_days, "9");
  pass(days(2));
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, TakesNoRuleThatItDoesNotUnderstand) {
  append("here");
  for (const auto* nonsense : {"0", "-1", "7 days", "99999999999", "36501", "yes"}) {
    write("INBOX", delete_after_days, nonsense);
    write("INBOX", delete_after_download, nonsense == std::string("yes") ? "Yes" : nonsense);
    pass(days(40'000));
    EXPECT_EQ(count(*one), 1U) << nonsense;
  }
}

TEST_F(Retention, AfterDownloadLeavesWhatWasNotReadAndADayForWhatWas) {
  append("unread");
  const auto read = append("read", Flags::seen);
  write("INBOX", delete_after_download, "yes");
  pass(23h);
  EXPECT_EQ(count(*one), 2U);
  pass(2h);
  EXPECT_EQ(count(*one), 1U);
  EXPECT_FALSE(vault().state()->find("INBOX")->find(read));
}

TEST_F(Retention, TakesManyInSlices) {
  for (int i = 0; i < 600; ++i) append("old");
  charter = 30;
  pass(days(31));
  time.run_for(2s);
  EXPECT_EQ(count(*one), 0U);
  EXPECT_EQ(told, 600U);
}

TEST_F(Retention, WaitsWhileTheVaultIsClosed) {
  append("old");
  charter = 30;
  one.reset();
  other.reset();
  time.run_for(62s);
  house.clock.advance(days(31));
  time.run_for(2s);
  EXPECT_EQ(told, 0U);
  one = open();
  EXPECT_EQ(count(*one), 1U);
  time.run_for(2s);
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, SaysNothingWhereTheDiskRefuses) {
  append("old");
  charter = 30;
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  pass(days(31));
  EXPECT_EQ(count(*one), 1U);
  house.disk->heal();
  pass(61min);
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, AVaultCanBeOpenForSoLongOnly) {
  longest = 8h;
  pass(7h);
  EXPECT_FALSE(one->closed());
  pass(1h);
  EXPECT_TRUE(one->closed());
  EXPECT_FALSE(open()->closed());
}

}  // namespace
}  // namespace mailpod::store::test
