#include <mailpod/guard/guarded_credentials.hpp>

#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <simulation/clock.hpp>
#include <simulation/entropy.hpp>
#include <simulation/stream.hpp>

namespace mailpod::guard {
namespace {

using boost::asio::awaitable;

/// Nobody knows a secret, but "alice" by SCRAM.
class Strict final : public sasl::Credentials {
public:
  int challenges = 0;
  awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim) override { co_return sasl::Errc::refused; }
  bool offers_scram() const override { return true; }
  awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view) override {
    ++challenges;
    co_return sasl::ScramChallenge{"salt", 4096, "nonce"};
  }
  awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim claim) override {
    if (claim.authentication_id != "alice") co_return sasl::Errc::refused;
    co_return sasl::ScramLogin{};
  }
};

class AGuardedScram : public testing::Test {
protected:
  static Settings settings() {
    Settings settings;
    settings.failed_logins_of_address = {2, 1};
    settings.login_delay = std::chrono::milliseconds(0);
    return settings;
  }
  static simulation::Wire wire() {
    simulation::Wire wire;
    wire.client = {"192.0.2.1", 40'000};
    return wire;
  }

  template <class T>
  boost::system::error_code error_of(awaitable<Result<T>> question) {
    std::optional<Result<T>> answer;
    const auto take = [&](std::exception_ptr thrown, Result<T> result) {
      if (thrown) std::rethrow_exception(thrown);
      answer.emplace(std::move(result));
    };
    boost::asio::co_spawn(loop, std::move(question), take);
    loop.restart();
    loop.run();
    return *answer ? boost::system::error_code() : answer->error();
  }
  boost::system::error_code challenge(std::string_view name) { return error_of(guarded.challenge_scram(name)); }
  boost::system::error_code check(std::string_view name) {
    return error_of(guarded.check_scram({name, "", "", sasl::Scope::imap}));
  }

  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Entropy entropy;
  Doorkeeper doorkeeper{clock, entropy, settings()};
  simulation::Duplex duplex = simulation::make_duplex(loop.get_executor(), wire());
  Strict strict;
  GuardedCredentials guarded{strict, doorkeeper, *duplex.server, "imap", base::silent_log()};
};

TEST_F(AGuardedScram, CountsAFailedProofAsAWrongPassword) {
  EXPECT_EQ(check("bob"), sasl::Errc::refused);
  EXPECT_EQ(error_of(guarded.check_plain({"", "bob", "x", sasl::Scope::imap})), sasl::Errc::refused);
  EXPECT_EQ(check("bob"), sasl::Errc::busy) << "the address has failed twice";
  EXPECT_EQ(challenge("bob"), sasl::Errc::busy);
  EXPECT_EQ(strict.challenges, 0) << "no slot is read for who would not be let try";
}

TEST_F(AGuardedScram, CountsNoChallengeThatLedToNothing) {
  for (int n = 0; n < 10; ++n) EXPECT_EQ(challenge("bob"), boost::system::error_code());
  EXPECT_EQ(check("bob"), sasl::Errc::refused);
}

TEST_F(AGuardedScram, LetsWhoLoggedInByItTryWhateverOthersFailAt) {
  EXPECT_EQ(check("alice"), boost::system::error_code());
  for (int n = 0; n < 5; ++n) check("bob");
  EXPECT_EQ(challenge("alice"), boost::system::error_code());
  EXPECT_EQ(check("alice"), boost::system::error_code());
  EXPECT_EQ(challenge("bob"), sasl::Errc::busy);
}

}  // namespace
}  // namespace mailpod::guard
