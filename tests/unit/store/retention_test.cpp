#include <mailpod/store/retaining_vaults.hpp>
#include <mailpod/store/retention.hpp>

#include <algorithm>
#include <cerrno>
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
    vaults = make_retaining_vaults(house.ports(), pool, settings, pod_time, time);
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

  /// The charter has mail go, its members were told, and the vault was open since long enough ago.
  void have_go_after(std::uint32_t number) {
    pod_time.told_at = house.clock.now();
    charter = number;
    pass(61min);
  }

  struct PodTime final : RetentionTime {
    explicit PodTime(base::Clock& wall) : clock(wall) {}
    base::Time now() const override { return std::min(clock.now(), latest); }
    base::Time announced() const override { return told_at; }
    base::Clock& clock;
    base::Time latest = base::Time::max();
    base::Time told_at{};
  };

  std::uint32_t charter = 0;
  std::chrono::hours longest{0};
  std::uint64_t told = 0;
  Household house;
  PodTime pod_time{house.clock};
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
  append("old", Flags::seen);
  have_go_after(30);
  pass(days(20));
  const auto young = append("young", Flags::seen);
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
  append("flagged", Flags::flagged | Flags::seen);
  append("draft", Flags::seen, "Drafts");
  append("begun elsewhere", Flags::draft | Flags::seen);
  append("plain", Flags::seen);
  have_go_after(1);
  write("", delete_after_days, "1");
  pass(days(400));
  EXPECT_EQ(count(*one), 2U);
  EXPECT_EQ(count(*one, "Drafts"), 1U);
}

TEST_F(Retention, CountsFromWhenAMessageCameIntoTheMailbox) {
  // Its internal date lies years back.
  const auto uid = append("imported", Flags::seen);
  have_go_after(30);
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
  for (int i = 0; i < 600; ++i) append("old", Flags::seen);
  have_go_after(30);
  pass(days(31));
  time.run_for(2s);
  EXPECT_EQ(count(*one), 0U);
  EXPECT_EQ(told, 600U);
}

TEST_F(Retention, WaitsWhileTheVaultIsClosed) {
  append("old", Flags::seen);
  have_go_after(30);
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
  append("old", Flags::seen);
  have_go_after(30);
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  pass(days(31));
  EXPECT_EQ(count(*one), 1U);
  house.disk->heal();
  pass(61min);
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, DeletesNothingWhenTheClockJumpsTenYears) {
  append("read", Flags::seen);
  write("INBOX", delete_after_days, "7");
  have_go_after(30);
  pod_time.latest = house.clock.now() + days(5);
  pass(days(3650));
  EXPECT_EQ(count(*one), 1U);
}

TEST_F(Retention, OfTheCharterWaitsForWhoWasAway) {
  append("old and read", Flags::seen);
  const auto unread = append("old and unread");
  one.reset();
  other.reset();
  time.run_for(62s);
  pod_time.told_at = house.clock.now();
  charter = 30;
  house.clock.advance(days(70));
  time.run_for(2s);
  one = open();
  other = open();
  pass(2s);
  EXPECT_EQ(count(*one), 2U) << "announced long ago, but its member has not been here since";
  pass(days(29));
  EXPECT_EQ(count(*one), 2U);
  pass(days(1));
  EXPECT_EQ(count(*one), 1U);
  pass(days(400));
  EXPECT_EQ(count(*one), 1U) << "what came before and was never read stays";
  EXPECT_TRUE(vault().state()->find("INBOX")->find(unread));
  pod_time.told_at = house.clock.now();
  const FlagChange read{FlagChange::How::add, Flags::seen, {}};
  ASSERT_TRUE(vault().change_flags(vault().state()->find("INBOX")->id, {&unread, 1}, read, std::nullopt));
  pass(days(29));
  EXPECT_EQ(count(*one), 1U) << "a stricter rule, told anew";
  pass(days(31));
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, OfTheCharterHasUnreadMailGoThatCameLater) {
  have_go_after(30);
  append("unread");
  pass(days(31));
  EXPECT_EQ(count(*one), 0U);
}

TEST_F(Retention, LetsAMessageStayThatIsFlaggedBetweenLookingAndDropping) {
  const auto kept = append("kept", Flags::seen);
  const auto plain = append("plain", Flags::seen);
  write("INBOX", delete_after_days, "7");
  house.clock.advance(days(8));
  const RetentionRules rules{{}, house.clock.now()};
  RetentionRound round;
  const auto found = next_outdated(vault(), rules, round);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->messages.size(), 2U);
  const FlagChange star{FlagChange::How::add, Flags::flagged, {}};
  ASSERT_TRUE(vault().change_flags(found->mailbox, {&kept, 1}, star, std::nullopt));
  const auto going = still_outdated(*vault().state(), *found, rules);
  EXPECT_EQ(going.by_member, std::vector{plain});
  write("INBOX", delete_after_days, "9");
  EXPECT_TRUE(still_outdated(*vault().state(), *found, rules).by_member.empty()) << "its member thought better of it";
}

TEST_F(Retention, ReadsSoManyRecordsAtOnceAndNoneTwice) {
  for (int i = 0; i < 10; ++i) append("imported", Flags::seen);  // their internal dates lie years back
  write("INBOX", delete_after_days, "7");
  RetentionRound round;
  round.most = 4;
  int calls = 0;
  for (; !round.ended && calls < 100; ++calls) EXPECT_FALSE(next_outdated(vault(), {{}, house.clock.now()}, round));
  EXPECT_EQ(calls, 3);
}

TEST_F(Retention, AfterDownloadIsInheritedByInboxAlone) {
  append("downloaded", Flags::seen);
  append("sorted", Flags::seen, "Archive");
  write("", delete_after_download, "yes");
  pass(25h);
  EXPECT_EQ(count(*one), 0U);
  EXPECT_EQ(count(*one, "Archive"), 1U);
}

TEST_F(Retention, AVaultThatIsOpenTooLongStaysWhileItsFlagsCannotBeWritten) {
  const auto uid = append("flagged later");
  longest = 8h;
  const auto inbox = vault().state()->find("INBOX")->id;
  const FlagChange star{FlagChange::How::add, Flags::flagged, {}};
  ASSERT_TRUE(vault().change_flags(inbox, {&uid, 1}, star, std::nullopt));
  house.disk->fail_from_call(house.disk->calls() + 1, ENOSPC);
  pass(9h);
  EXPECT_FALSE(one->closed());
  house.disk->heal();
  time.run_for(2s);
  EXPECT_TRUE(one->closed());
  one = open();
  EXPECT_TRUE(vault().state()->find("INBOX")->at(SeqNum{1}).flags.has(Flags::flagged));
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
