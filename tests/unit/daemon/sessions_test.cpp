#include "sessions.hpp"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "simulation/clock.hpp"
#include "simulation/stream.hpp"

namespace mailpod::daemon {
namespace {

struct UntilToldOtherwise final : sasl::Standing {
  bool holds() const override { return stands; }
  std::shared_ptr<void> watch(std::function<void()>) const override { return nullptr; }
  bool stands = true;
};

struct SessionsTest : testing::Test {
  SessionsTest() { login.standing = standing; }
  boost::asio::io_context loop;
  simulation::Clock clock;
  Sessions sessions{clock};
  simulation::Duplex wire = simulation::make_duplex(loop.get_executor());
  Sessions::Visit visit{sessions, "imap", *wire.server};
  std::shared_ptr<UntilToldOtherwise> standing = std::make_shared<UntilToldOtherwise>();
  sasl::Login login;
};

TEST_F(SessionsTest, OfStrangersAndOfLoginsThatStandGoOn) {
  EXPECT_EQ(sessions.close_fallen(), 0U) << "nobody has logged in";
  visit.belongs_to(login);
  EXPECT_EQ(sessions.close_fallen(), 0U);
  EXPECT_EQ(sessions.list().at(0).member, login.member);
}

TEST_F(SessionsTest, OfALoginWhoseSecretExpiredEnd) {
  visit.belongs_to(login);
  standing->stands = false;
  EXPECT_EQ(sessions.close_fallen(), 1U);
}

/// RFC 8437: another member may be about to log in on the same connection.
TEST_F(SessionsTest, OfWhoHasLoggedOutAreStrangersAndOutliveTheirSecret) {
  struct Anybody final : sasl::Credentials {
    explicit Anybody(sasl::Login given) : login(std::move(given)) {}
    boost::asio::awaitable<Result<sasl::Login>> check_plain(sasl::PlainClaim) override { co_return login; }
    bool offers_scram() const override { return false; }
    boost::asio::awaitable<Result<sasl::ScramChallenge>> challenge_scram(std::string_view) override {
      co_return sasl::Errc::refused;
    }
    boost::asio::awaitable<Result<sasl::ScramLogin>> check_scram(sasl::ScramClaim) override {
      co_return sasl::Errc::refused;
    }
    void left() override { ++times_left; }
    sasl::Login login;
    int times_left = 0;
  } anybody(login);
  LoginCounts counts;
  VisitorsCredentials credentials(anybody, visit, counts);
  boost::asio::co_spawn(
      loop,
      [&]() -> boost::asio::awaitable<void> {
        static_cast<void>(co_await credentials.check_plain({"", "alice", "secret", sasl::Scope::imap}));
      },
      boost::asio::detached);
  loop.run();
  ASSERT_TRUE(sessions.list().at(0).member);
  EXPECT_EQ(counts_text(counts.take().members[login.member]), "imap:1");
  credentials.left();
  EXPECT_EQ(anybody.times_left, 1);
  EXPECT_FALSE(sessions.list().at(0).member);
  standing->stands = false;
  EXPECT_EQ(sessions.close_fallen(), 0U);
  EXPECT_EQ(sessions.close(login.member), 0U);
}

}  // namespace
}  // namespace mailpod::daemon
