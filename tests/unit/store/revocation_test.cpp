#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

/// Revoked while its vault is being opened: whoever revokes finds no open vault to close.
class Outrun final : public sasl::Standing {
public:
  bool holds() const override { return !revoked; }
  std::shared_ptr<void> watch(std::function<void()>) const override { return nullptr; }
  bool revoked = false;
};

struct Revocation : testing::Test {
  Revocation() : pool(net::Pool::Inline{}) {
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.flush_every = std::chrono::milliseconds(1);
    vaults = make_vaults(house.ports(), pool, settings);
    login.member = house.members[0].id;
    login.vault_key = house.members[0].key;
    login.standing = standing;
  }
  ~Revocation() override {
    boost::asio::co_spawn(loop, vaults->close_all(), boost::asio::detached);
    loop.run();
  }
  Result<std::shared_ptr<OpenVault>> open() {
    std::optional<Result<std::shared_ptr<OpenVault>>> answered;
    boost::asio::co_spawn(loop, vaults->open(login),
                          [&](std::exception_ptr, Result<std::shared_ptr<OpenVault>> opened) { answered = opened; });
    while (!answered) loop.run_one();
    return *answered;
  }

  Household house;
  boost::asio::io_context loop;
  net::Pool pool;
  std::unique_ptr<Vaults> vaults;
  std::shared_ptr<Outrun> standing = std::make_shared<Outrun>();
  sasl::Login login;
};

TEST_F(Revocation, IsNotOutrunByALoginOnItsWayToTheVault) {
  ASSERT_TRUE(open());
  standing->revoked = true;
  EXPECT_EQ(open().error(), Errc::closed);
}

TEST_F(Revocation, EndsTheSessionsWhoseVaultALoginReachedTooLate) {
  const auto session = open().value();
  standing->revoked = true;
  EXPECT_FALSE(open());
  EXPECT_TRUE(session->closed());
}

}  // namespace
}  // namespace mailpod::store::test
