#include <mailpod/http/client.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <mailpod/net/error.hpp>

#include "simulation/network.hpp"
#include "simulation/resolver.hpp"
#include "unit/net/on_loop.hpp"

/// The client, and servers that answer as the test says.
namespace mailpod::http {
namespace {

using boost::asio::awaitable;
using namespace std::chrono_literals;

/// `mta-sts.pod.lab` at two addresses, and whatever a server there says to a request.
struct Internet {
  Internet() : time(loop, clock), network(loop, time), dialer(network.dialer("192.0.2.1")) {
    resolver.address_records[{"mta-sts.pod.lab", net::Family::ipv6}].records = {"2001:db8::1"};
    resolver.address_records[{"mta-sts.pod.lab", net::Family::ipv4}].records = {"198.51.100.1"};
  }

  /// From now on a server there says `answer` once it has a request, and then closes, or says nothing more.
  void listen(std::string answer, const std::string& address = "2001:db8::1", std::uint16_t port = 443) {
    network.listen({address, port}, [this, answer](std::unique_ptr<net::Stream> stream) -> awaitable<void> {
      if (!shakes_hands) {
        auto waiting = stream->wait_input(1h);
        co_await std::move(waiting);
        auto staying = stream->wait_input(1h);
        co_await std::move(staying);
        co_return;
      }
      if (stream->offers_tls()) {
        auto shaking_hands = stream->start_tls();
        co_await std::move(shaking_hands);
      }
      std::string request;
      while (!request.ends_with("\r\n\r\n")) {
        std::array<char, 512> room{};
        auto reading = stream->read_some(room);
        const auto count = co_await std::move(reading);
        if (count == 0) co_return;
        request.append(room.data(), count);
      }
      requests.push_back(request);
      if (late.count() > 0) {
        auto waiting = stream->wait_input(late);
        co_await std::move(waiting);
      }
      if (!answer.empty()) {
        auto writing = stream->write(answer);
        co_await std::move(writing);
      }
      if (stays) {
        auto waiting = stream->wait_input(1h);
        co_await std::move(waiting);
      }
      auto closing = stream->close();
      co_await std::move(closing);
    });
  }

  Result<Response> fetch(Client::Asked asked) {
    const Client client({*dialer, resolver, clock}, settings);
    std::optional<Result<Response>> answer;
    net::start(loop.get_executor(), [&]() -> awaitable<void> {
      auto fetching = client.fetch(asked);
      answer = co_await std::move(fetching);
    });
    EXPECT_TRUE(time.run_until([&] { return answer.has_value(); }));
    return *answer;
  }
  Result<Response> fetch(std::string_view url = "https://mta-sts.pod.lab/.well-known/mta-sts.txt") {
    return fetch(Client::Asked{Method::get, parse_url(url).value(), {}, {}});
  }

  boost::asio::io_context loop;
  simulation::Clock clock;
  simulation::Time time;
  simulation::Network network;
  simulation::Resolver resolver;
  std::unique_ptr<net::Dialer> dialer;
  ClientSettings settings;
  std::vector<std::string> requests;
  bool stays = false;
  bool shakes_hands = true;
  std::chrono::milliseconds late{0};  ///< how long an answer takes
};

TEST(Client, AsksByNameUnderTls) {
  Internet internet;
  internet.listen("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello");
  const auto answer = internet.fetch();
  ASSERT_TRUE(answer) << answer.error().message();
  EXPECT_EQ(answer->status, 200U);
  EXPECT_EQ(answer->content, "hello");
  EXPECT_EQ(internet.requests.at(0),
            "GET /.well-known/mta-sts.txt HTTP/1.1\r\nHost: mta-sts.pod.lab\r\nUser-Agent: mailpod\r\n"
            "Accept-Encoding: identity\r\nConnection: close\r\n\r\n");
}

TEST(Client, SaysNothingToWhomTheCertificateIsNotFor) {
  Internet internet;
  internet.listen("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  internet.network.impostors = {"2001:db8::1"};
  const auto answer = internet.fetch();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), make_error_code(Errc::certificate_refused));
  EXPECT_TRUE(internet.requests.empty());
}

TEST(Client, TriesTheOtherAddress) {
  Internet internet;
  internet.network.make_unreachable("2001:db8::1");
  internet.listen("HTTP/1.1 204 No Content\r\n\r\n", "198.51.100.1");
  const auto answer = internet.fetch();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 204U);
}

TEST(Client, SaysWhyNobodyAnswers) {
  Internet internet;
  internet.network.make_unreachable("2001:db8::1");
  EXPECT_EQ(internet.fetch().error(), std::errc::connection_refused);
  EXPECT_EQ(internet.fetch("https://nobody.lab/").error(), Errc::no_such_address);
  internet.resolver.failures["lost.lab"] = net::Errc::lookup_failed;
  EXPECT_EQ(internet.fetch("https://lost.lab/").error(), net::Errc::lookup_failed);
  internet.dialer->stop();
  EXPECT_EQ(internet.fetch().error(), net::Errc::shutting_down);
}

TEST(Client, GivesUpOnAServerThatIsSlow) {
  Internet internet;
  internet.stays = true;
  internet.listen("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
  const auto began = internet.clock.monotonic();
  const auto answer = internet.fetch();
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error(), std::errc::timed_out);
  EXPECT_LE(internet.clock.monotonic() - began, 31s);
}

TEST(Client, TakesNoAnswerThatMayBeCutOff) {
  Internet internet;
  internet.listen("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell");
  EXPECT_EQ(internet.fetch().error(), net::Errc::peer_closed);
  internet.listen("HTTP/1.1 200 OK\r\n\r\nhello");
  EXPECT_EQ(internet.fetch().error(), Errc::end_unknown);
  internet.listen("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n");
  EXPECT_EQ(internet.fetch().error(), net::Errc::peer_closed);
}

TEST(Client, TakesNoMoreThanItAskedFor) {
  Internet internet;
  internet.settings.limits.content = 4;
  internet.listen("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  EXPECT_EQ(internet.fetch().error(), Errc::content_too_large);
  internet.listen("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nxx");
  EXPECT_EQ(internet.fetch().error(), Errc::content_coding);
}

TEST(Client, PassesOverProvisionalAnswersButNotForEver) {
  Internet internet;
  const std::string early = "HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
  internet.listen(early + early + "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n");
  EXPECT_EQ(internet.fetch().value().content, "hi");
  std::string many;
  for (int i = 0; i < 20; ++i) many += early;
  internet.listen(many);
  EXPECT_EQ(internet.fetch().error(), Errc::too_many_provisional);
}

TEST(Client, FollowsNoRedirectUnlessItIsAsked) {
  Internet internet;
  internet.listen("HTTP/1.1 302 Found\r\nLocation: https://other.lab/x\r\nContent-Length: 0\r\n\r\n");
  internet.resolver.address_records[{"other.lab", net::Family::ipv4}].records = {"198.51.100.9"};
  internet.listen("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi", "198.51.100.9");
  EXPECT_EQ(internet.fetch().value().status, 302U);
  EXPECT_EQ(internet.requests.size(), 1U);
  internet.settings.redirects = 1;
  Client::Asked asked{Method::get, parse_url("https://mta-sts.pod.lab/").value(), {}, {}};
  asked.fields.add("Authorization", "Bearer x");
  EXPECT_EQ(internet.fetch(asked).value().content, "hi");
  EXPECT_EQ(internet.requests.back().find("Bearer"), std::string::npos);
}

TEST(Client, AsksNothingThatCouldBeReadOtherwise) {
  Internet internet;
  internet.listen("HTTP/1.1 204 No Content\r\n\r\n");
  const auto url = parse_url("https://mta-sts.pod.lab/").value();
  for (const char* reserved : {"Host", "content-length", "Transfer-Encoding", "Connection"}) {
    Client::Asked asked{Method::get, url, {}, {}};
    asked.fields.add(reserved, "5");
    EXPECT_EQ(internet.fetch(asked).error(), std::errc::invalid_argument) << reserved;
  }
  auto split = url;
  split.target = "/ HTTP/1.1\r\nX: y";
  EXPECT_EQ(internet.fetch(Client::Asked{Method::get, split, {}, {}}).error(), std::errc::invalid_argument);
  auto other = url;
  other.host = "MTA-STS.pod.lab";
  EXPECT_EQ(internet.fetch(Client::Asked{Method::get, other, {}, {}}).error(), std::errc::invalid_argument);
  EXPECT_TRUE(internet.requests.empty());
}

TEST(Client, SaysThatThereIsNoContentWhereOneCouldBe) {
  Internet internet;
  internet.listen("HTTP/1.1 204 No Content\r\n\r\n");
  for (const auto method : {Method::put, Method::post, Method::patch}) {
    ASSERT_TRUE(internet.fetch(Client::Asked{method, parse_url("https://mta-sts.pod.lab/").value(), {}, {}}));
    EXPECT_NE(internet.requests.back().find("Content-Length: 0\r\n"), std::string::npos);
  }
}

TEST(Client, HasOneDeadlineForAllRedirects) {
  Internet internet;
  internet.settings.redirects = 1000;
  internet.late = 7s;
  internet.listen("HTTP/1.1 301 Moved Permanently\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n");
  const auto began = internet.clock.monotonic();
  EXPECT_EQ(internet.fetch().error(), std::errc::timed_out);
  EXPECT_LE(internet.clock.monotonic() - began, 31s);
}

TEST(Client, HasTheSameDeadlineForASilentHandshake) {
  Internet internet;
  internet.settings.connect = 1h;
  internet.shakes_hands = false;
  internet.listen("");
  const auto began = internet.clock.monotonic();
  EXPECT_FALSE(internet.fetch());
  EXPECT_LE(internet.clock.monotonic() - began, 31s);
}

TEST(Client, IsNotLedOutOfTlsNorInCircles) {
  Internet internet;
  internet.settings.redirects = 3;
  internet.listen("HTTP/1.1 301 Moved Permanently\r\nLocation: http://mta-sts.pod.lab/\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(internet.fetch().error(), Errc::too_many_redirects);
  EXPECT_EQ(internet.requests.size(), 1U);
  internet.listen("HTTP/1.1 301 Moved Permanently\r\nLocation: /y\r\nContent-Length: 0\r\n\r\n");
  EXPECT_EQ(internet.fetch().error(), Errc::too_many_redirects);
  EXPECT_EQ(internet.requests.size(), 5U);
}

TEST(Url, IsReadAndWritten) {
  for (const char* text : {"https://a.lab/", "http://a.lab/x?y", "https://a.lab:8443/x", "http://192.0.2.1:80/"}) {
    const auto url = parse_url(text);
    ASSERT_TRUE(url) << text;
    EXPECT_EQ(parse_url(url->str()), url);
  }
  EXPECT_EQ(parse_url("HTTPS://A.Lab.").value().str(), "https://a.lab/");
  EXPECT_EQ(parse_url("https://a.lab?x").value().target, "/?x");
}

TEST(Url, IsRefusedWhereItIsNone) {
  for (const char* text : {"ftp://a.lab/",
                           "https:/a.lab/",
                           "https://",
                           "https:///x",
                           "https://u@a.lab/",
                           "https://a.lab:0/",
                           "https://a.lab:70000/",
                           "https://a.lab:+1/",
                           "https://a lab/",
                           "https://a.lab/ x",
                           "https://a.lab/\r\nX: y",
                           "https://a.lab/#x",
                           "https://[::1]/",
                           "//a.lab/",
                           "https://.a.lab/",
                           "https://a..lab/",
                           "https://a.lab../",
                           "https://-a.lab/",
                           "https://a-.lab/",
                           "https://./",
                           ""})
    EXPECT_FALSE(parse_url(text)) << text;
  EXPECT_TRUE(parse_url("https://" + std::string(63, 'a') + ".lab/"));
  EXPECT_FALSE(parse_url("https://" + std::string(64, 'a') + ".lab/"));
}

}  // namespace
}  // namespace mailpod::http
