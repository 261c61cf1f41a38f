// What happens around open vaults by the clock, on simulated time.
#include <optional>

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"
#include "simulation/time.hpp"

namespace mailpod::store::test {
namespace {

using namespace std::chrono_literals;

struct VaultsOnTime : testing::Test {
  VaultsOnTime() {
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.linger = 60s;
    settings.flush_every = 500ms;
    vaults = make_vaults(house.ports(), pool, settings, time);
  }
  ~VaultsOnTime() override {
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

  Household house;
  boost::asio::io_context loop;
  simulation::Time time{loop, house.clock};
  net::Pool pool{net::Pool::Inline{}};
  std::unique_ptr<Vaults> vaults;
};

TEST_F(VaultsOnTime, MakeFlagsDurableWhenItIsTime) {
  const auto session = open();
  auto& vault = session->vault();
  const auto uid = Household::append(vault, mail("one"));
  const auto inbox = vault.state()->find("INBOX");
  vault.change_flags(inbox->id, {&uid, 1}, {FlagChange::How::add, Flags::flagged, {}}, std::nullopt).value();
  const auto calls = house.disk->calls();
  time.run_for(400ms);
  EXPECT_EQ(house.disk->calls(), calls);
  time.run_for(200ms);
  EXPECT_GT(house.disk->calls(), calls);
}

TEST_F(VaultsOnTime, CloseAVaultAfterItsLinger) {
  open().reset();
  const auto calls = house.disk->calls();
  time.run_for(59s);
  EXPECT_EQ(house.disk->calls(), calls);
  time.run_for(2s);
  EXPECT_GT(house.disk->calls(), calls) << "CLOSE was not written";
}

}  // namespace
}  // namespace mailpod::store::test
