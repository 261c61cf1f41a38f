#include <mailpod/net/resolver.hpp>

#include <sys/socket.h>

#include <set>

#include <gtest/gtest.h>

#include "dns_server.hpp"
#include "on_loop.hpp"
#include "unbound.hpp"

namespace mailpod::net {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;
using Question = DnsServer::Question;
using Packets = std::vector<std::string>;

constexpr unsigned type_a = 1;
constexpr unsigned type_cname = 5;
constexpr unsigned type_ptr = 12;
constexpr unsigned type_mx = 15;
constexpr unsigned type_txt = 16;
constexpr unsigned type_aaaa = 28;
constexpr unsigned type_tlsa = 52;

Packets reply(const Question& to, const DnsServer::Reply& with) {
  return {DnsServer::packet(to, with)};
}

/// A resolver that asks nobody but a server of the test's own.
struct Asking {
  explicit Asking(DnsServer::Answering answering, milliseconds limit = std::chrono::seconds(20))
      : server(loop, std::move(answering)) {
    ResolverSettings settings;
    settings.servers = {server.address()};
    settings.time_limit = limit;
    resolver = make_unbound_resolver(loop.get_executor(), settings);
  }

  Result<Answer<Mx>> mx(const std::string& name) {
    Result<Answer<Mx>> answer = make_error_code(Errc::busy);
    run_on(loop, [&]() -> awaitable<void> { answer = co_await resolver->mx(name); });
    return answer;
  }
  Result<Answer<std::string>> addresses(const std::string& name, Family family = Family::ipv4) {
    Result<Answer<std::string>> answer = make_error_code(Errc::busy);
    run_on(loop, [&]() -> awaitable<void> { answer = co_await resolver->addresses(name, family); });
    return answer;
  }
  std::error_code failure(const std::string& name) {
    const auto answer = addresses(name);
    return answer ? std::error_code{} : std::error_code(answer.error());
  }

  boost::asio::io_context loop;
  DnsServer server;
  std::unique_ptr<Resolver> resolver;
};

const std::vector<DnsServer::Record> zone = {
    {"pod.lab", type_mx, wire_u16(20) + wire_name("b.pod.lab")},
    {"pod.lab", type_mx, wire_u16(10) + wire_name("A.Pod.Lab")},
    {"null.lab", type_mx, wire_u16(0) + wire_name("")},
    {"a.pod.lab", type_a, "\xC0\x00\x02\x01"s},
    {"a.pod.lab", type_a, "\xC0\x00\x02\x02"s},
    {"a.pod.lab", type_aaaa, "\x20\x01\x0D\xB8\0\0\0\0\0\0\0\0\0\0\0\x01"s},
    {"pod.lab", type_txt, "\x03one\x04 two"s},
    {"_25._tcp.a.pod.lab", type_tlsa, "\x03\x01\x01"s + std::string(32, 'h')},
    {"1.2.0.192.in-addr.arpa", type_ptr, wire_name("a.pod.lab")},
    {"1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa", type_ptr, wire_name("six.pod.lab")},
    {"10.0.0.10.in-addr.arpa", type_ptr, wire_name("inside.lab")},
    {"host.test", type_a, "\xC0\x00\x02\x09"s},
    {"one-as-mx.lab", type_mx, std::string("\0", 1)},
};

Packets from_zone(const Question& question) {
  DnsServer::Reply found;
  bool exists = false;
  for (const auto& record : zone) {
    if (record.name != question.name) continue;
    exists = true;
    if (record.type == question.type) found.answer.push_back(record);
  }
  if (!exists) found.rcode = 3;
  return reply(question, found);
}

TEST(Resolver, FindsMailExchangersByPreference) {
  Asking with(&from_zone);
  const auto found = with.mx("pod.lab");
  ASSERT_TRUE(found) << found.error().message();
  ASSERT_EQ(found->records.size(), 2U);
  EXPECT_EQ(found->records[0].preference, 10);
  EXPECT_EQ(found->records[0].exchange, "a.pod.lab");
  EXPECT_EQ(found->records[1].exchange, "b.pod.lab");
  EXPECT_EQ(found->ttl, 300U);
  EXPECT_FALSE(found->authentic);
}

TEST(Resolver, ShowsANullMxAsAnEmptyExchange) {
  Asking with(&from_zone);
  const auto found = with.mx("null.lab");
  ASSERT_TRUE(found);
  ASSERT_EQ(found->records.size(), 1U);
  EXPECT_EQ(found->records[0].exchange, "");
}

TEST(Resolver, FindsAddressesOfBothFamilies) {
  Asking with(&from_zone);
  const auto four = with.addresses("a.pod.lab");
  ASSERT_TRUE(four);
  EXPECT_EQ(std::set<std::string>(four->records.begin(), four->records.end()),
            (std::set<std::string>{"192.0.2.1", "192.0.2.2"}));
  const auto six = with.addresses("a.pod.lab", Family::ipv6);
  ASSERT_TRUE(six);
  EXPECT_EQ(six->records, std::vector<std::string>{"2001:db8::1"});
}

TEST(Resolver, SaysWhereAnAliasLeadsAndWhatItIsItself) {
  Asking with([](const Question& question) {
    DnsServer::Reply found;
    if (question.name == "alias.pod.lab") {
      found.answer.push_back({"alias.pod.lab", type_cname, wire_name("A.Pod.Lab")});
    }
    if (question.type == type_a) found.answer.push_back({"a.pod.lab", type_a, "\xC0\x00\x02\x01"s});
    return reply(question, found);
  });
  EXPECT_EQ(with.addresses("alias.pod.lab").value().canonical, "a.pod.lab");
  EXPECT_EQ(with.addresses("a.pod.lab").value().canonical, "");
  run_on(with.loop, [&]() -> awaitable<void> {
    const auto alias = co_await with.resolver->cname("alias.pod.lab");
    EXPECT_EQ(alias.value().records, std::vector<std::string>{"a.pod.lab"});
  });
}

TEST(Resolver, FindsTextsTlsaRecordsAndTheNamesOfAddresses) {
  Asking with(&from_zone);
  run_on(with.loop, [&]() -> awaitable<void> {
    const auto text = co_await with.resolver->txt("pod.lab");
    EXPECT_EQ(text.value().records, std::vector<std::string>{"one two"});
    const auto tlsa = co_await with.resolver->tlsa("_25._tcp.a.pod.lab");
    EXPECT_EQ(tlsa.value().records.at(0).usage, 3);
    EXPECT_EQ(tlsa.value().records.at(0).data, std::string(32, 'h'));
    const auto four = co_await with.resolver->ptr("192.0.2.1");
    EXPECT_EQ(four.value().records, std::vector<std::string>{"a.pod.lab"});
    const auto six = co_await with.resolver->ptr("2001:db8::1");
    EXPECT_EQ(six.value().records, std::vector<std::string>{"six.pod.lab"});
  });
}

TEST(Resolver, AsksForNamesOfPrivateNetworksAndTestsToo) {
  Asking with(&from_zone);
  EXPECT_TRUE(with.addresses("host.test"));
  run_on(with.loop, [&]() -> awaitable<void> {
    const auto inside = co_await with.resolver->ptr("10.0.0.10");
    EXPECT_EQ(inside.value().records, std::vector<std::string>{"inside.lab"});
  });
}

TEST(Resolver, FollowsAliases) {
  Asking with([](const Question& question) {
    if (question.name == "alias.lab") {
      return reply(question, {0, {{"alias.lab", type_cname, wire_name("a.pod.lab")}, zone[3]}});
    }
    return from_zone(question);
  });
  const auto found = with.addresses("alias.lab");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->records.size(), 2U);
}

TEST(Resolver, TellsANameThatIsNotFromARecordThatIsNot) {
  Asking with(&from_zone);
  EXPECT_EQ(with.failure("nobody.lab"), Errc::no_such_name);
  EXPECT_EQ(with.failure("pod.lab"), Errc::no_such_record);
}

TEST(Resolver, DoesNotTakeFailureForAbsence) {
  for (const unsigned rcode : {1U, 2U, 4U, 5U}) {
    Asking with([rcode](const Question& question) { return reply(question, {rcode, {}}); });
    EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed) << rcode;
  }
}

TEST(Resolver, GivesUpASlowServerInTime) {
  Asking with([](const Question&) { return Packets{}; }, milliseconds(50));
  EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed);
  EXPECT_FALSE(with.server.asked().empty());
}

TEST(Resolver, AsksAgainWhoeverWasSilent) {
  bool silent = true;
  Asking with([&](const Question& question) { return silent ? Packets{} : from_zone(question); }, milliseconds(1500));
  EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed);
  silent = false;
  EXPECT_TRUE(with.addresses("a.pod.lab"));
}

// It takes libunbound's own time-outs to see that: some eight seconds.
TEST(Resolver, DoesNotWriteOffAServerThatIsSilent) {
  Asking with([&](const Question&) { return Packets{}; }, std::chrono::seconds(14));
  EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed);
  EXPECT_GE(with.server.asked().size(), 8U);
}

TEST(Resolver, AsksOverTcpWhatWasTruncated) {
  Asking with([](const Question& question) {
    if (!question.over_tcp) return reply(question, {0, {}, true});
    return from_zone(question);
  });
  EXPECT_TRUE(with.addresses("a.pod.lab"));
  EXPECT_TRUE(with.server.asked().back().over_tcp);
}

const DnsServer::Reply lie{0, {{"a.pod.lab", type_a, "\xC6\x33\x64\x42"s}}};

TEST(Resolver, DoesNotBelieveAnAnswerWithAnotherId) {
  Asking with([](const Question& question) {
    std::string other_id = DnsServer::packet(question, lie);
    other_id[1] = static_cast<char>(other_id[1] ^ 1);
    return Packets{other_id, "garbage", from_zone(question).front()};
  });
  const auto found = with.addresses("a.pod.lab");
  ASSERT_TRUE(found);
  EXPECT_EQ(found->records.size(), 2U);
}

TEST(Resolver, DoesNotBelieveAnAnswerToAnotherQuestion) {
  Asking with([](const Question& question) {
    Question other = question;
    other.packet[13] = 'z';
    return Packets{DnsServer::packet(other, lie)};
  });
  EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed);
}

TEST(Resolver, FailsWhenAllIsGarbage) {
  Asking with([](const Question& question) { return Packets{question.packet.substr(0, 2) + "garbage"}; },
              milliseconds(300));
  EXPECT_EQ(with.failure("a.pod.lab"), Errc::lookup_failed);
}

TEST(Resolver, RefusesNamesThatCannotBeWithoutAsking) {
  Asking with(&from_zone);
  const std::string label(63, 'l');
  for (const auto& name : {""s, "."s, "a..b"s, ".a"s, "a."s, label + "l.lab", "a b"s, "a\\.b"s, "caf\xC3\xA9.lab"s,
                           "a\0b"s, label + '.' + label + '.' + label + '.' + label}) {
    EXPECT_EQ(with.failure(name), Errc::no_such_name) << name;
  }
  run_on(with.loop, [&]() -> awaitable<void> {
    const auto found = co_await with.resolver->ptr("192.0.2");
    EXPECT_EQ(found.error(), make_error_code(Errc::no_such_name));
  });
  EXPECT_TRUE(with.server.asked().empty());
}

TEST(Resolver, AsksInLowerCase) {
  Asking with(&from_zone);
  EXPECT_TRUE(with.addresses("A.Pod.LAB"));
}

TEST(Resolver, FailsPresentAndLaterLookupsWhenStopped) {
  bool asked = false;
  Asking with([&](const Question&) {
    asked = true;
    return Packets{};
  });
  std::vector<Result<Answer<Mx>>> answers;
  for (const std::string name : {"one.lab", "two.lab"}) {
    start(with.loop.get_executor(), [&, name]() -> awaitable<void> {
      auto answer = co_await with.resolver->mx(name);
      answers.push_back(std::move(answer));
    });
  }
  while (!asked) with.loop.run_one();
  with.resolver->stop();
  while (answers.size() < 2) with.loop.run_one();
  for (const auto& answer : answers) EXPECT_EQ(answer.error(), make_error_code(Errc::shutting_down));
  EXPECT_EQ(with.mx("three.lab").error(), make_error_code(Errc::shutting_down));
}

TEST(Resolver, MayGoWhileSomebodyWaits) {
  bool asked = false;
  Asking with([&](const Question&) {
    asked = true;
    return Packets{};
  });
  std::error_code code;
  start(with.loop.get_executor(), [&]() -> awaitable<void> {
    const auto answer = co_await with.resolver->mx("one.lab");
    code = answer.error();
  });
  while (!asked) with.loop.run_one();
  with.resolver.reset();
  while (!code) with.loop.run_one();
  EXPECT_EQ(code, Errc::shutting_down);
}

TEST(Resolver, MayOutliveItsLoopsLastRunWithALookupUnderWay) {
  bool asked = false;
  Asking with([&](const Question&) {
    asked = true;
    return Packets{};
  });
  start(with.loop.get_executor(), [&]() -> awaitable<void> { co_await with.resolver->mx("one.lab"); });
  while (!asked) with.loop.run_one();
}

TEST(Resolver, LeavesNothingForTheLoopToDo) {
  boost::asio::io_context loop;
  ResolverSettings settings;
  settings.servers = {"127.0.0.1@1"};
  settings.time_limit = milliseconds(20);
  const auto resolver = make_unbound_resolver(loop.get_executor(), settings);
  bool ended = false;
  start(loop.get_executor(), [&]() -> awaitable<void> {
    co_await resolver->mx("one.lab");
    ended = true;
  });
  loop.run();
  EXPECT_TRUE(ended);
}

/// What is asked of libunbound itself.
std::error_code ask(boost::asio::io_context& loop, const std::shared_ptr<Unbound>& unbound, const std::string& name) {
  std::error_code code;
  run_on(loop, [&]() -> awaitable<void> {
    const auto found = co_await Unbound::ask(unbound, name, type_a);
    if (!found) code = found.error();
  });
  return code;
}

TEST(Resolver, GetsAnotherThreadWhenItsOwnIsLost) {
  boost::asio::io_context loop;
  DnsServer server(loop, &from_zone);
  ResolverSettings settings;
  settings.servers = {server.address()};
  const auto unbound = std::make_shared<Unbound>(loop.get_executor(), settings);
  ASSERT_EQ(ask(loop, unbound, "a.pod.lab"), std::error_code{});
  // As the reader finds it when the writer is gone.
  ASSERT_EQ(::shutdown(unbound->descriptor(), SHUT_RDWR), 0);
  EXPECT_EQ(ask(loop, unbound, "host.test"), Errc::lookup_failed);
  EXPECT_EQ(ask(loop, unbound, "host.test"), std::error_code{});
}

/// What is said of settings that cannot be used.
std::string complaint(const std::function<void(ResolverSettings&)>& change) {
  boost::asio::io_context loop;
  ResolverSettings settings;
  settings.servers = {"127.0.0.1@1"};
  change(settings);
  try {
    make_unbound_resolver(loop.get_executor(), settings);
  } catch (const std::system_error& failure) {
    return failure.what();
  }
  return {};
}

TEST(Resolver, NamesTheSettingThatCannotBeUsed) {
  EXPECT_EQ(complaint([](auto& settings) { settings.servers = {"127.0.0.1", "::1@5353"}; }), "");
  EXPECT_NE(complaint([](auto& settings) { settings.servers = {"dns.example"}; }).find("\"dns.example\""),
            std::string::npos);
  for (const std::string file : {"/nowhere/root.key", "/etc/passwd", "/dev/null"}) {
    EXPECT_NE(complaint([&](auto& settings) { settings.trust_anchor = file; }).find(file), std::string::npos) << file;
  }
}

TEST(Resolver, TakesTheServersThatResolvConfNames) {
  const auto with = [](const std::string& file) {
    return complaint([&](auto& settings) {
      settings.servers.clear();
      settings.resolv_conf = file;
    });
  };
  EXPECT_EQ(with("/nowhere/resolv.conf"), "");  // resolv.conf(5): the machine's own server
  EXPECT_NE(with("/dev/null/resolv.conf").find("/dev/null/resolv.conf"), std::string::npos);
}

}  // namespace
}  // namespace mailpod::net
