// What stands behind the doorkeeper: credentials and mailroom as a session meets them.

#include <cerrno>
#include <optional>
#include <system_error>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/guard/guarded_mailroom.hpp>
#include <simulation/clock.hpp>
#include <simulation/entropy.hpp>

namespace mailpod::guard {
namespace {

using boost::asio::awaitable;

template <class T>
T run(awaitable<T> work) {
  boost::asio::io_context loop;
  std::optional<T> value;
  boost::asio::co_spawn(loop, std::move(work), [&](std::exception_ptr thrown, T result) {
    if (thrown) std::rethrow_exception(thrown);
    value.emplace(std::move(result));
  });
  loop.run();
  return std::move(*value);
}

class EasyLetter final : public smtp::Letter {
public:
  explicit EasyLetter(Status fate, int failure) : fate_(fate), failure_(failure) {}
  awaitable<Status> write(std::string_view) override {
    if (failure_ != 0) throw std::system_error(failure_, std::generic_category(), "write");
    co_return Status{};
  }
  awaitable<Result<std::string>> accept() override {
    if (!fate_) co_return fate_.error();
    co_return "taken";
  }

private:
  Status fate_;
  int failure_;
};

class EasyMailroom final : public smtp::Mailroom {
public:
  Status fate;
  int failure = 0;  ///< of each letter's writing

  awaitable<Status> consider_sender(const smtp::Peer&, const smtp::Mailbox&, const smtp::MailParameters&) override {
    co_return Status{};
  }
  awaitable<Status> consider_recipient(const smtp::Peer&, const smtp::Mailbox&, const smtp::Mailbox&) override {
    co_return Status{};
  }
  awaitable<Result<std::unique_ptr<smtp::Letter>>> begin(const smtp::Peer&, const smtp::Mailbox&,
                                                         const std::vector<smtp::Addressee>&,
                                                         const smtp::MailParameters&) override {
    std::unique_ptr<smtp::Letter> letter = std::make_unique<EasyLetter>(fate, failure);
    co_return letter;
  }
};

class KeepingLog final : public base::Log {
public:
  std::string lines;
  void write(Level level, std::string_view line) override {
    if (level == Level::error) lines += std::string(line) + "\n";
  }
  bool wants(Level) const override { return true; }
};

class AGuardedMailroom : public testing::Test {
protected:
  AGuardedMailroom() {
    member.role = smtp::Role::submission;
    member.login.emplace();
    member.login->member = MemberId{{7}};
    stranger.address = "192.0.2.1";
  }
  static Settings settings() {
    Settings settings;
    settings.messages_of_address = {1, 1};
    settings.recipients_of_address = {2, 1};
    return settings;
  }
  /// Whether a member's message begins; and what becomes of it.
  bool send() {
    auto letter = run(mailroom.begin(member, {}, {}, {}));
    if (!letter) {
      EXPECT_EQ(letter.error(), smtp::make_error_code(smtp::Errc::day_is_full));
      return false;
    }
    auto answer = run((*letter)->accept());
    return answer.has_value();
  }

  simulation::Clock clock;
  simulation::Entropy entropy{1};
  Doorkeeper doorkeeper{clock, entropy, settings()};
  DailyTally tally{clock};
  EasyMailroom easy;
  KeepingLog log;
  std::uint32_t charter = 3;
  GuardedMailroom mailroom{{easy, doorkeeper, tally, [this] { return charter; }, log}};
  smtp::Peer member;
  smtp::Peer stranger;
};

TEST_F(AGuardedMailroom, LetsAMemberSendWhatTheCharterAllowsInADay) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send());
  EXPECT_FALSE(send());
  clock.advance(std::chrono::hours(24));
  EXPECT_TRUE(send());
}

TEST_F(AGuardedMailroom, GoesByTheCharterThatIsInForceAtTheTime) {
  charter = 1;
  EXPECT_TRUE(send());
  EXPECT_FALSE(send());
  charter = 2;
  EXPECT_TRUE(send());
}

TEST_F(AGuardedMailroom, CountsOnlyWhatWasAccepted) {
  easy.fate = smtp::Errc::storage_full;
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(send());
  easy.fate = {};
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(send());
}

TEST_F(AGuardedMailroom, TellsTheLogWhenTheDiskIsFull) {
  easy.failure = ENOSPC;
  auto letter = run(mailroom.begin(stranger, {}, {}, {}));
  EXPECT_THROW(run((*letter)->write("x")), std::system_error);
  EXPECT_EQ(log.lines, "smtp.storage_failed client=192.0.2.1 reason=No space left on device\n");
}

TEST_F(AGuardedMailroom, CountsAStrangersMessagesAndRecipients) {
  EXPECT_TRUE(run(mailroom.consider_sender(stranger, {}, {})).has_value());
  EXPECT_EQ(run(mailroom.consider_sender(stranger, {}, {})).error(), smtp::make_error_code(smtp::Errc::too_fast));
  EXPECT_TRUE(run(mailroom.consider_recipient(stranger, {}, {})).has_value());
  EXPECT_TRUE(run(mailroom.consider_recipient(stranger, {}, {})).has_value());
  EXPECT_EQ(run(mailroom.consider_recipient(stranger, {}, {})).error(), smtp::make_error_code(smtp::Errc::too_fast));
}

TEST_F(AGuardedMailroom, DoesNotCountAMemberByWhereTheyAre) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(run(mailroom.consider_sender(member, {}, {})).has_value());
}

}  // namespace
}  // namespace mailpod::guard
