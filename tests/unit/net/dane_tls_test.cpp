// What a client makes of a server's certificate where TLSA records say whose it is. RFC 7671, RFC 7672 §3.

#include <vector>

#include <gtest/gtest.h>

#include <mailpod/net/dialer.hpp>
#include <mailpod/net/listener.hpp>

#include "dane_chain.hpp"
#include "loopback.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

/// What a client finds of a server that shows this, where it expects that.
TlsInformation met(const MadeCertificate& shown, const TlsPeer& expected, const std::string& authorities = {}) {
  boost::asio::io_context loop;
  const LoopbackPort port;
  const AuthoritiesFile file(authorities.empty() ? shown.chain : authorities);
  const auto dialer = make_dialer(loop.get_executor(), file.path());
  std::unique_ptr<Stream> stream;
  run_on(loop,
         [&]() -> awaitable<void> { stream = co_await dialer->connect(port.endpoint(), std::chrono::seconds(30)); });
  const CurrentTls tls(tls_with(shown));
  const auto server = make_stream(loop.get_executor(), port.accept(), tls);
  start(loop.get_executor(), [&]() -> awaitable<void> { co_await server->start_tls(); });
  run_on(loop, [&]() -> awaitable<void> { co_await stream->start_client_tls(expected); });
  while (!server->secure()) loop.run_one();
  EXPECT_EQ(server->tls().server_name, expected.name);
  return stream->tls();
}

TlsPeer expecting(std::vector<Tlsa> records, std::string name = "mx.pod.lab") {
  return {std::move(name), {}, std::move(records)};
}

TEST(DaneTls, KnowsACertificateBySelectorAndMatchingType) {
  const DaneChain chain = make_dane_chain();
  const std::vector<Tlsa> right{{3, 0, 0, chain.certificate},
                                {3, 0, 1, sha256_of(chain.certificate)},
                                {3, 0, 2, sha512_of(chain.certificate)},
                                {3, 1, 0, chain.key},
                                {3, 1, 1, sha256_of(chain.key)},
                                {3, 1, 2, sha512_of(chain.key)},
                                {2, 0, 0, chain.authority},
                                {2, 0, 1, sha256_of(chain.authority)},
                                {2, 0, 2, sha512_of(chain.authority)},
                                {2, 1, 0, chain.authority_key},
                                {2, 1, 1, sha256_of(chain.authority_key)},
                                {2, 1, 2, sha512_of(chain.authority_key)}};
  for (const Tlsa& record : right) {
    EXPECT_TRUE(is_usable(record));
    const auto found = met(chain.shown, expecting({record}));
    EXPECT_TRUE(found.verified) << int{record.usage} << int{record.selector} << int{record.matching_type};
    EXPECT_EQ(found.mistrust, Mistrust::none);
  }
}

TEST(DaneTls, DoesNotTakeWhatNoRecordNames) {
  const DaneChain chain = make_dane_chain();
  const DaneChain other = make_dane_chain();
  const std::vector<Tlsa> wrong{{3, 0, 0, other.certificate},
                                {3, 1, 1, sha256_of(other.key)},
                                {3, 1, 1, sha256_of(chain.certificate)},
                                {3, 0, 1, sha256_of(chain.key)},
                                {3, 1, 2, sha512_of(other.key)},
                                {2, 0, 1, sha256_of(other.authority)},
                                {2, 1, 0, other.authority_key},
                                {3, 1, 1, sha256_of(chain.authority_key)}};
  for (const Tlsa& record : wrong) {
    // The machine's authorities would vouch for it: they are not asked. RFC 7671 §5.
    const auto found = met(chain.shown, expecting({record}), chain.authority_pem);
    EXPECT_FALSE(found.verified) << int{record.usage} << int{record.selector} << int{record.matching_type};
    EXPECT_NE(found.mistrust, Mistrust::none);
  }
}

TEST(DaneTls, TakesOneOfSeveralRecords) {
  const DaneChain chain = make_dane_chain();
  const DaneChain next = make_dane_chain();
  const Tlsa present{3, 1, 1, sha256_of(chain.key)};
  const Tlsa coming{3, 1, 1, sha256_of(next.key)};
  EXPECT_TRUE(met(chain.shown, expecting({coming, present})).verified);
  EXPECT_TRUE(met(next.shown, expecting({coming, present})).verified);
}

// RFC 7672 §3.1.1.
TEST(DaneTls, OfAnEndEntityNeitherNameNorDatesCount) {
  const DaneChain other_name = make_dane_chain({"somebody.else", false});
  const DaneChain old = make_dane_chain({"mx.pod.lab", true});
  EXPECT_TRUE(met(other_name.shown, expecting({{3, 1, 1, sha256_of(other_name.key)}})).verified);
  EXPECT_TRUE(met(old.shown, expecting({{3, 1, 1, sha256_of(old.key)}})).verified);
}

// RFC 7672 §3.1.2, §3.2.2.
TEST(DaneTls, UnderAnAuthorityNameAndDatesCount) {
  const DaneChain other_name = make_dane_chain({"pod.lab", false});
  const DaneChain old = make_dane_chain({"mx.pod.lab", true});
  TlsPeer peer = expecting({{2, 0, 1, sha256_of(other_name.authority)}});
  EXPECT_EQ(met(other_name.shown, peer).mistrust, Mistrust::other_name);
  peer.other_names = {"alias.pod.lab", "pod.lab"};
  EXPECT_TRUE(met(other_name.shown, peer).verified) << "the domain that it is the host of";
  EXPECT_EQ(met(old.shown, expecting({{2, 0, 1, sha256_of(old.authority)}})).mistrust, Mistrust::expired);
}

TEST(DaneTls, IsNotReplacedByAuthoritiesWhereNoRecordCanBeUsed) {
  const DaneChain chain = make_dane_chain();
  EXPECT_TRUE(met(chain.shown, {"mx.pod.lab"}, chain.authority_pem).verified);
  for (const Tlsa& record : {Tlsa{1, 1, 1, sha256_of(chain.key)}, Tlsa{3, 1, 1, "short"}, Tlsa{3, 0, 0, "no DER"}}) {
    EXPECT_FALSE(is_usable(record));
    EXPECT_FALSE(met(chain.shown, expecting({record}), chain.authority_pem).verified);
  }
}

TEST(Tlsa, IsOfUseOnlyIfAMailServerCanBeKnownByIt) {
  const DaneChain chain = make_dane_chain();
  const std::string hash = sha256_of(chain.key);
  const std::string long_hash = sha512_of(chain.key);
  const std::vector<Tlsa> useless{{0, 1, 1, hash},
                                  {1, 1, 1, hash},
                                  {4, 1, 1, hash},
                                  {255, 1, 1, hash},  // PKIX, and what is not known
                                  {3, 2, 1, hash},
                                  {3, 1, 3, hash},  // so are selectors and matching types
                                  {3, 1, 1, long_hash},
                                  {3, 1, 2, hash},
                                  {3, 1, 1, ""},  // hashes of another size
                                  {3, 0, 0, chain.key},
                                  {3, 1, 0, chain.certificate},
                                  {3, 1, 0, chain.key + "x"},
                                  {3, 0, 0, ""}};
  for (const Tlsa& record : useless) {
    EXPECT_FALSE(is_usable(record)) << int{record.usage} << int{record.selector} << int{record.matching_type};
  }
}

}  // namespace
}  // namespace mailpod::net
