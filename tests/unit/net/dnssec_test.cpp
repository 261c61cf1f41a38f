#include <unistd.h>

#include <cstdio>
#include <fstream>

#include <gtest/gtest.h>

#include <mailpod/net/resolver.hpp>

#include "dns_server.hpp"
#include "dnssec_key.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using namespace std::string_literals;
using Question = DnsServer::Question;
using Packets = std::vector<std::string>;

constexpr unsigned type_a = 1;
constexpr unsigned type_dnskey = 48;
constexpr unsigned type_tlsa = 52;

/// A server of the zone signed.lab, which it signs, and of others, which nobody signs; and a resolver that knows the
/// key.
class SignedZone {
public:
  enum class Anchor { known, none };
  using Data = std::function<std::vector<DnsServer::Record>(const Question&)>;

  explicit SignedZone(Data data, Anchor anchor = Anchor::known) : data_(std::move(data)) {
    std::ofstream(anchors_) << "; the lab's\n" << key.trust_anchor();
    ResolverSettings settings;
    settings.servers = {server_.address()};
    if (anchor == Anchor::known) settings.trust_anchor = anchors_;
    resolver_ = make_unbound_resolver(loop_.get_executor(), settings);
  }
  ~SignedZone() { std::remove(anchors_.c_str()); }
  SignedZone(const SignedZone&) = delete;
  SignedZone& operator=(const SignedZone&) = delete;

  Result<Answer<std::string>> addresses(const std::string& name) {
    Result<Answer<std::string>> answer = make_error_code(Errc::busy);
    run_on(loop_, [&]() -> awaitable<void> { answer = co_await resolver_->addresses(name, Family::ipv4); });
    return answer;
  }
  Result<Answer<Tlsa>> tlsa(const std::string& name) {
    Result<Answer<Tlsa>> answer = make_error_code(Errc::busy);
    run_on(loop_, [&]() -> awaitable<void> { answer = co_await resolver_->tlsa(name); });
    return answer;
  }

  DnssecKey key{"signed.lab"};

private:
  Packets answer(const Question& question) {
    const bool asks_key = question.type == type_dnskey && question.name == "signed.lab";
    DnsServer::Reply reply;
    reply.answer = asks_key ? key.sign({key.record()}) : data_(question);
    if (reply.answer.empty()) reply.rcode = 3;
    return {DnsServer::packet(question, reply)};
  }

  std::string anchors_ = testing::TempDir() + "anchors-" + std::to_string(::getpid());
  Data data_;
  boost::asio::io_context loop_;
  DnsServer server_{loop_, [this](const Question& question) { return answer(question); }};
  std::unique_ptr<Resolver> resolver_;
};

const DnsServer::Record host{"mx.signed.lab", type_a, "\xC0\x00\x02\x01"s};

TEST(Dnssec, VouchesForWhatIsSigned) {
  const SignedZone* zone = nullptr;
  SignedZone with([&](const Question& question) -> std::vector<DnsServer::Record> {
    if (question.type == type_tlsa) {
      return zone->key.sign({{question.name, type_tlsa, "\x03\x01\x01"s + std::string(32, 'h')}});
    }
    return zone->key.sign({host});
  });
  zone = &with;
  const auto found = with.addresses("mx.signed.lab");
  ASSERT_TRUE(found) << found.error().message();
  EXPECT_TRUE(found->authentic);
  const auto tlsa = with.tlsa("_25._tcp.mx.signed.lab");
  ASSERT_TRUE(tlsa) << tlsa.error().message();
  EXPECT_TRUE(tlsa->authentic);
}

TEST(Dnssec, VouchesForNothingWithoutATrustAnchor) {
  const SignedZone* zone = nullptr;
  SignedZone with([&](const Question&) { return zone->key.sign({host}); }, SignedZone::Anchor::none);
  zone = &with;
  const auto found = with.addresses("mx.signed.lab");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->authentic);
}

TEST(Dnssec, DoesNotVouchForZonesThatNobodySigns) {
  SignedZone with([](const Question& question) {
    return std::vector{DnsServer::Record{question.name, type_a, host.rdata}};
  });
  const auto found = with.addresses("mx.plain.lab");
  ASSERT_TRUE(found);
  EXPECT_FALSE(found->authentic);
}

TEST(Dnssec, RefusesWhatWasChangedOnTheWay) {
  const SignedZone* zone = nullptr;
  SignedZone with([&](const Question&) {
    auto records = zone->key.sign({host});
    records.front().rdata = "\xC6\x33\x64\x42"s;
    return records;
  });
  zone = &with;
  EXPECT_EQ(with.addresses("mx.signed.lab").error(), make_error_code(Errc::bogus_answer));
}

TEST(Dnssec, RefusesASignatureThatWasTakenAway) {
  SignedZone with([](const Question&) { return std::vector{host}; });
  EXPECT_EQ(with.addresses("mx.signed.lab").error(), make_error_code(Errc::bogus_answer));
}

TEST(Dnssec, DoesNotTakeAnAbsenceThatNobodyProves) {
  SignedZone with([](const Question&) { return std::vector<DnsServer::Record>{}; });
  EXPECT_EQ(with.tlsa("_25._tcp.mx.signed.lab").error(), make_error_code(Errc::bogus_answer));
}

TEST(Dnssec, RefusesTheKeyOfSomebodyElse) {
  const DnssecKey other("signed.lab");
  SignedZone with([&](const Question&) { return other.sign({host}); });
  EXPECT_EQ(with.addresses("mx.signed.lab").error(), make_error_code(Errc::bogus_answer));
}

}  // namespace
}  // namespace mailpod::net
