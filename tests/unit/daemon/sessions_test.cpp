#include "sessions.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace mailpod::daemon
