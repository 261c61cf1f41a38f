#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"

namespace mailpod::store::test {
namespace {

TEST(Shutdown, LeavesNoVaultOpenNorOpeningWhereverALoginStands) {
  for (int turns = 0; turns < 12; ++turns) {
    Household house;
    house.deliver(mail("waiting"));
    boost::asio::io_context loop;
    net::Pool pool(2);
    Vaults::Settings settings;
    settings.members = "members";
    settings.pod_public_key = house.pod_key.public_key();
    settings.flush_every = std::chrono::milliseconds(1);
    const auto vaults = make_vaults(house.ports(), pool, settings);
    sasl::Login login;
    login.member = house.members[0].id;
    login.vault_key = house.members[0].key;
    bool answered = false;
    boost::asio::co_spawn(loop, vaults->open(login),
                          [&](std::exception_ptr, Result<std::shared_ptr<OpenVault>>) { answered = true; });
    for (int turn = 0; turn < turns && !answered; ++turn) loop.run_one();
    std::uint64_t calls = 0;
    boost::asio::co_spawn(loop, vaults->close_all(), [&](std::exception_ptr) { calls = house.disk->calls(); });
    loop.run();
    EXPECT_TRUE(answered);
    EXPECT_EQ(house.disk->calls(), calls) << "the disk was written after " << turns << " turns and the shutdown";
  }
}

}  // namespace
}  // namespace mailpod::store::test
