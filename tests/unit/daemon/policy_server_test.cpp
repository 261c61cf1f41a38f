#include "policy_server.hpp"

#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>

#include <mailpod/net/error.hpp>
#include <mailpod/queue/error.hpp>

#include "simulation/network.hpp"
#include "simulation/resolver.hpp"
#include "simulation/time.hpp"

namespace mailpod::daemon {
namespace {

using namespace std::chrono_literals;

http::Response answer(unsigned status, const std::string& type) {
  http::Response response;
  response.status = status;
  if (!type.empty()) response.fields.add("Content-Type", type);
  response.content = "version: STSv1";
  return response;
}

// RFC 8461 §3.3.
TEST(PolicyServer, IsAskedAtTheOnePlace) {
  EXPECT_EQ(policy_request("far.example").url.str(), "https://mta-sts.far.example/.well-known/mta-sts.txt");
}

TEST(PolicyServer, IsBelievedWhereItSendsPlainText) {
  for (const auto* type : {"text/plain", "Text/Plain; charset=utf-8", "text/plain ;x=y"})
    EXPECT_EQ(policy_in(answer(200, type)).value(), "version: STSv1") << type;
}

TEST(PolicyServer, IsNotBelievedOtherwise) {
  for (const auto* type : {"", "text/html", "text/plainer", "application/octet-stream"})
    EXPECT_EQ(policy_in(answer(200, type)).error(), make_error_code(queue::Errc::policy_refused)) << type;
  for (const unsigned status : {201U, 204U, 301U, 302U, 404U, 500U})
    EXPECT_EQ(policy_in(answer(status, "text/plain")).error(), make_error_code(queue::Errc::policy_refused)) << status;
  const boost::system::error_code other_name = make_error_code(http::Errc::certificate_refused);
  EXPECT_EQ(policy_in(other_name).error(), make_error_code(queue::Errc::policy_untrusted));
}

/// A web server that says a little of its answer every second, for ever.
class PolicyServerFetch : public testing::Test {
protected:
  PolicyServerFetch() {
    network.listen({"9.9.9.9", 443}, [this](std::unique_ptr<net::Stream> stream) { return drip(std::move(stream)); });
    lead_to("9.9.9.9");
  }
  void lead_to(const std::string& address) {
    resolver.address_records[{"mta-sts.far.example", net::Family::ipv4}].records = {address};
  }
  net::awaitable<void> drip(std::unique_ptr<net::Stream> stream) {
    auto beginning = stream->start_tls();
    co_await std::move(beginning);
    const auto alarm = time.alarm();
    for (const std::string octet = "x";;) {
      auto writing = stream->write(octet);
      co_await std::move(writing);
      auto waiting = alarm->wait(1s);
      co_await std::move(waiting);
    }
  }
  net::awaitable<void> fetch() {
    auto fetching = server.fetch("far.example");
    auto result = co_await std::move(fetching);
    error = result ? boost::system::error_code() : result.error();
  }
  void begin() {
    boost::asio::co_spawn(loop, fetch(), [this](const std::exception_ptr& failure) {
      ended = true;
      if (failure) std::rethrow_exception(failure);
    });
  }
  bool ends_within(std::chrono::microseconds limit) {
    return time.run_until([&] { return ended; }, limit);
  }

  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time{loop, clock};
  simulation::Network network{loop, time};
  simulation::Resolver resolver;
  std::unique_ptr<net::Dialer> dialer = network.dialer("192.0.2.25");
  PolicyServer server{{*dialer, resolver, clock}, time, {.whole = 10s}};
  boost::system::error_code error;
  bool ended = false;
};

TEST_F(PolicyServerFetch, EndsInTimeWhateverTheServerDoes) {
  begin();
  EXPECT_FALSE(ends_within(9s));
  EXPECT_TRUE(ends_within(2s));
  EXPECT_EQ(error, std::errc::timed_out);
}

TEST_F(PolicyServerFetch, EndsWhenTheSenderDoes) {
  begin();
  EXPECT_FALSE(ends_within(3s));
  server.stop();
  EXPECT_TRUE(ends_within(1s));
  EXPECT_EQ(error, make_error_code(net::Errc::shutting_down));
}

TEST_F(PolicyServerFetch, IsAHostOfTheInternet) {
  for (const auto* address : {"127.0.0.1", "0.0.0.0", "127.8.8.8", "10.0.0.1", "169.254.169.254", "100.64.0.1",
                              "192.168.1.1", "198.51.100.1", "224.0.0.1"}) {
    lead_to(address);
    ended = false;
    begin();
    EXPECT_TRUE(ends_within(1s)) << address;
    EXPECT_TRUE(error) << address;
  }
  EXPECT_TRUE(network.attempts().empty());
}

TEST_F(PolicyServerFetch, MayBeElsewhereInALaboratory) {
  const auto asked = [&](const std::string& address, PolicyServer::Settings settings) {
    const auto fresh = network.dialer("192.0.2.25");
    PolicyServer trial{{*fresh, resolver, clock}, time, settings};
    const auto before = network.attempts().size();
    lead_to(address);
    ended = false;
    boost::asio::co_spawn(loop, trial.fetch("far.example"),
                          [this](const std::exception_ptr&, Result<std::string>) { ended = true; });
    EXPECT_TRUE(ends_within(1min));
    return network.attempts().size() > before;
  };
  EXPECT_TRUE(asked("10.0.0.1", {.private_networks = true}));
  EXPECT_FALSE(asked("127.0.0.1", {.private_networks = true})) << "this machine is another matter";
  EXPECT_TRUE(asked("127.0.0.1", {.loopback = true}));
  EXPECT_FALSE(asked("10.0.0.1", {.loopback = true}));
}

}  // namespace
}  // namespace mailpod::daemon
