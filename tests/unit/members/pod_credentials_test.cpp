#include <mailpod/members/pod_credentials.hpp>

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include "household.hpp"

namespace mailpod::members {
namespace {

boost::asio::awaitable<void> check(sasl::Credentials& credentials, sasl::PlainClaim claim,
                                   Result<sasl::Login>& answer) {
  answer = co_await credentials.check_plain(claim);
}

class PodCredentialsTest : public testing::Test {
protected:
  Result<sasl::Login> answer(std::string_view name, std::string_view password) {
    Result<sasl::Login> out = boost::system::error_code();
    const sasl::PlainClaim claim{"", name, password, sasl::Scope::imap};
    boost::asio::io_context loop;
    boost::asio::co_spawn(loop, check(*credentials, claim, out), [](std::exception_ptr failure) {
      if (failure) std::rethrow_exception(failure);
    });
    loop.run();
    return out;
  }

  Pod pod;
  std::string app = pod.enrol(pod.admit("alice@pod.lab"), {"a long password", "phone"}).app->password;
  net::Pool pool{net::Pool::Inline{}};
  net::Gate gate{pool, 1, 1};
  std::unique_ptr<sasl::Credentials> credentials = make_pod_credentials(*pod.keys, pool, gate);
};

TEST_F(PodCredentialsTest, LetsAppAndHumanPasswordsIn) {
  EXPECT_EQ(answer("alice@pod.lab", app).value().member, pod.directory->state()->find("alice")->id);
  EXPECT_TRUE(answer("alice", "a long password"));
}

TEST_F(PodCredentialsTest, RefusesEverythingElseWithOneAnswer) {
  EXPECT_EQ(answer("alice", "wrong password").error(), sasl::Errc::refused);
  EXPECT_EQ(answer("nobody", app).error(), sasl::Errc::refused);
  EXPECT_EQ(answer("nobody", "a long password").error(), sasl::Errc::refused);
}

TEST_F(PodCredentialsTest, IsBusyForHumanPasswordsOnceTheGateIsFullAndNotForApps) {
  net::Gate closed{pool, 0, 0};
  credentials = make_pod_credentials(*pod.keys, pool, closed);
  EXPECT_EQ(answer("alice", "a long password").error(), sasl::Errc::busy);
  EXPECT_TRUE(answer("alice", app));
}

}  // namespace
}  // namespace mailpod::members
