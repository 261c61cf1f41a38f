#include <fcntl.h>

#include <array>
#include <functional>
#include <thread>

#include <gtest/gtest.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <mailpod/net/dialer.hpp>
#include <mailpod/net/listener.hpp>

#include "blocking_client.hpp"
#include "certificate.hpp"
#include "loopback.hpp"
#include "on_loop.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

/// A stream that was dialed, and the descriptor of its other end.
struct Dialed {
  explicit Dialed(const std::string& authorities = {}, Strength strength = Strength::whatever_keeps_listeners_out) {
    const auto dialer = make_dialer(loop.get_executor(), authorities, strength);
    run_on(loop,
           [&]() -> awaitable<void> { stream = co_await dialer->connect(port.endpoint(), std::chrono::seconds(30)); });
    other_end = port.accept();
  }

  /// What the handshake fails with, or none.
  std::error_code start_tls(const std::string& server_name = "mx.pod.lab") {
    try {
      run_on(loop, [&]() -> awaitable<void> { co_await stream->start_client_tls(server_name); });
    } catch (const std::system_error& failure) {
      return failure.code();
    }
    return {};
  }

  boost::asio::io_context loop;
  LoopbackPort port;
  std::unique_ptr<Stream> stream;
  int other_end = -1;
};

/// Both ends are ours.
struct Ours : Dialed {
  explicit Ours(const std::vector<std::string>& names = {"mx.pod.lab"})
      : tls(make_tls({names})), server(make_stream(loop.get_executor(), other_end, tls)) {}

  std::error_code shake_hands(const std::string& server_name = "mx.pod.lab") {
    start(loop.get_executor(), [this]() -> awaitable<void> { co_await server->start_tls(); });
    const std::error_code code = start_tls(server_name);
    // The client has done its part before the server has heard of it.
    while (!code && !server->secure()) loop.run_one();
    return code;
  }

  CurrentTls tls;
  std::unique_ptr<Stream> server;
};

TEST(ClientTls, UpgradesADialedStreamInPlace) {
  Ours with;
  EXPECT_FALSE(with.stream->secure());
  ASSERT_EQ(with.shake_hands(), std::error_code{});
  EXPECT_TRUE(with.stream->secure());
  EXPECT_EQ(with.stream->tls().version, "TLSv1.3");
  std::string heard(100, '\0');
  run_on(with.loop, [&]() -> awaitable<void> {
    co_await with.stream->write("EHLO");
    const std::size_t count = co_await with.server->read_some(heard);
    heard.resize(count);
  });
  EXPECT_EQ(heard, "EHLO");
}

TEST(ClientTls, NamesTheServerItWants) {
  Ours with;
  ASSERT_EQ(with.shake_hands("mx.pod.lab"), std::error_code{});
  EXPECT_EQ(with.server->tls().server_name, "mx.pod.lab");
}

TEST(ClientTls, AgreesOnWhatIsSpoken) {
  Ours with;
  with.stream->set_application_protocol("http/1.1");
  with.server->set_application_protocol("http/1.1");
  ASSERT_EQ(with.shake_hands(), std::error_code{});
  EXPECT_EQ(with.stream->tls().application_protocol, "http/1.1");
  EXPECT_EQ(with.server->tls().application_protocol, "http/1.1");
}

// RFC 7301 §3.2
TEST(ClientTls, EndsWhereTheServerSpeaksSomethingElse) {
  Ours with;
  with.stream->set_application_protocol("imap");
  with.server->set_application_protocol("http/1.1");
  EXPECT_EQ(with.shake_hands(), Errc::tls_handshake_failed);
}

TEST(ClientTls, TakesAServerThatSaysNothingOfWhatItSpeaks) {
  Ours with;
  with.stream->set_application_protocol("acme");
  ASSERT_EQ(with.shake_hands(), std::error_code{});
  EXPECT_EQ(with.stream->tls().application_protocol, "");
}

// RFC 9325 §3.8: what a browser is made to say is not for a mail server.
TEST(ClientTls, EndsWhereABrowserIsLedToAMailServer) {
  for (const char* spoken : {"imap", ""}) {
    for (const char* offered : {"http/1.1", "h2"}) {
      Ours with;
      with.stream->set_application_protocol(offered);
      with.server->set_application_protocol(spoken);
      EXPECT_EQ(with.shake_hands(), Errc::tls_handshake_failed) << offered << " to " << spoken;
    }
  }
}

TEST(ClientTls, TakesMailProgramsWhateverTheyOffer) {
  for (const char* offered : {"", "unknown", "pop3"}) {
    Ours with;
    with.stream->set_application_protocol(offered);
    with.server->set_application_protocol("imap");
    EXPECT_EQ(with.shake_hands(), std::error_code{}) << offered;
    EXPECT_EQ(with.server->tls().application_protocol, "");
  }
}

// RFC 6066 §3: literal addresses are not permitted in it.
TEST(ClientTls, DoesNotSendNumericAddressesAsNames) {
  for (const std::string address : {"127.0.0.1", "::1", ""}) {
    Ours with;
    ASSERT_EQ(with.shake_hands(address), std::error_code{}) << address;
    EXPECT_EQ(with.server->tls().server_name, "") << address;
  }
}

TEST(ClientTls, TakesACertificateThatNobodyVouchesForAndOfAnotherName) {
  Ours with({"somebody.else"});
  EXPECT_EQ(with.shake_hands(), std::error_code{});
}

TEST(ClientTls, CarriesMoreThanARecordBothWays) {
  Ours with;
  ASSERT_EQ(with.shake_hands(), std::error_code{});
  const std::string much(300'000, 'm');
  start(with.loop.get_executor(), [&]() -> awaitable<void> {
    std::string room(10'000, '\0');
    for (std::size_t echoed = 0; echoed < much.size();) {
      const std::size_t count = co_await with.server->read_some(room);
      const std::string_view read = std::string_view(room).substr(0, count);
      co_await with.server->write(read);
      echoed += count;
    }
  });
  start(with.loop.get_executor(), [&]() -> awaitable<void> { co_await with.stream->write(much); });
  std::string back;
  run_on(with.loop, [&]() -> awaitable<void> {
    std::string room(10'000, '\0');
    while (back.size() < much.size()) {
      const std::size_t count = co_await with.stream->read_some(room);
      if (count == 0) break;
      back.append(room, 0, count);
    }
  });
  EXPECT_EQ(back, much);
}

TEST(ClientTls, FailsTheHandshakeWithAServerThatSpeaksSomethingElse) {
  Dialed with;
  BlockingClient server(with.other_end);
  server.send("554 5.7.0 no TLS today\r\n");
  EXPECT_EQ(with.start_tls(), Errc::tls_handshake_failed);
  EXPECT_FALSE(with.stream->secure());
  EXPECT_EQ(with.stream->tls().version, "");
  run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->close(); });
}

TEST(ClientTls, FailsTheHandshakeWhenTheServerLeaves) {
  Dialed with;
  ::close(with.other_end);
  EXPECT_EQ(with.start_tls(), Errc::tls_handshake_failed);
}

TEST(ClientTls, TimesOutAHandshakeThatDoesNotGoOn) {
  Dialed with;
  const BlockingClient server(with.other_end);
  with.stream->set_timeout(milliseconds(20));
  EXPECT_EQ(with.start_tls(), std::errc::timed_out);
  EXPECT_FALSE(with.stream->secure());
}

TEST(ClientTls, EndsAHandshakeWhenInputEnds) {
  Dialed with;
  const BlockingClient server(with.other_end);
  std::error_code code;
  start(with.loop.get_executor(), [&]() -> awaitable<void> {
    try {
      co_await with.stream->start_client_tls("mx.pod.lab");
    } catch (const std::system_error& failure) {
      code = failure.code();
    }
  });
  with.loop.restart();
  with.loop.poll();
  with.stream->end_input();
  while (!code) with.loop.run_one();
  EXPECT_EQ(code, Errc::shutting_down);
}

// ---- whose certificate it is

/// What a client that trusts `authorities` finds of a server with this certificate, asked for by `name`.
bool is_verified(const MadeCertificate& shown, const std::string& authorities, const std::string& name) {
  const AuthoritiesFile file(authorities);
  Dialed with(file.path());
  CurrentTls tls(tls_with(shown));
  const auto server = make_stream(with.loop.get_executor(), with.other_end, tls);
  start(with.loop.get_executor(), [&]() -> awaitable<void> { co_await server->start_tls(); });
  EXPECT_EQ(with.start_tls(name), std::error_code{}) << "any certificate is taken";
  while (!server->secure()) with.loop.run_one();
  EXPECT_FALSE(server->tls().verified) << "a client shows none";
  return with.stream->tls().verified;
}

TEST(ClientTls, KnowsACertificateForTheNameFromSomebodyItTrusts) {
  const MadeCertificate shown = make_certificate({"mx.pod.lab", "*.wide.lab"});
  EXPECT_TRUE(is_verified(shown, shown.chain, "mx.pod.lab"));
  EXPECT_TRUE(is_verified(shown, shown.chain, "MX.pod.lab"));
  EXPECT_TRUE(is_verified(shown, shown.chain, "a.wide.lab"));
}

TEST(ClientTls, DoesNotTakeACertificateForAnotherName) {
  const MadeCertificate shown = make_certificate({"mx.pod.lab", "*.wide.lab", "m*.part.lab", "*.lab"});
  for (const std::string name : {"mx2.pod.lab", "a.mx.pod.lab", "a.b.wide.lab", "wide.lab.evil", "mx.part.lab",
                                 "127.0.0.1", "", ".pod.lab", ".lab"}) {
    EXPECT_FALSE(is_verified(shown, shown.chain, name)) << name;
  }
}

TEST(ClientTls, DoesNotTakeANameThatStandsInTheSubjectAlone) {
  const MadeCertificate shown = make_certificate({"mx.pod.lab"}, {"other.pod.lab"});
  EXPECT_FALSE(is_verified(shown, shown.chain, "mx.pod.lab"));
  EXPECT_TRUE(is_verified(shown, shown.chain, "other.pod.lab"));
}

TEST(ClientTls, DoesNotTakeACertificateFromSomebodyElse) {
  const MadeCertificate shown = make_certificate({"mx.pod.lab"});
  const MadeCertificate other = make_certificate({"mx.pod.lab"});
  EXPECT_FALSE(is_verified(shown, other.chain, "mx.pod.lab"));
}

TEST(ClientTls, NamesAFileOfAuthoritiesThatIsNone) {
  const AuthoritiesFile empty("nothing");
  for (const std::string& path : {empty.path(), std::string("/nowhere/authorities.pem")}) {
    try {
      TlsContext::for_clients(path);
      FAIL() << path;
    } catch (const std::system_error& failure) {
      EXPECT_NE(std::string(failure.what()).find(path), std::string::npos);
    }
  }
}

// ---- servers of other makes

EVP_PKEY* ecdsa_key() {
  return EVP_EC_gen("P-256");
}
EVP_PKEY* weak_rsa_key() {
  return EVP_RSA_gen(1024);
}

X509* expired_certificate(EVP_PKEY* key) {
  X509* made = X509_new();
  X509_gmtime_adj(X509_getm_notBefore(made), -7200);
  X509_gmtime_adj(X509_getm_notAfter(made), -3600);
  X509_set_pubkey(made, key);
  X509_sign(made, key, EVP_sha256());
  return made;
}

/// What one of them, that shows an expired certificate and has no scruples, makes of a handshake.
std::error_code handshake_with(EVP_PKEY* (*make_key)(), const std::function<void(SSL_CTX*)>& configure,
                               Strength strength = Strength::whatever_keeps_listeners_out,
                               const std::string& authorities = {}, bool* verified = nullptr) {
  Dialed with(authorities, strength);
  SSL_CTX* settings = SSL_CTX_new(TLS_server_method());
  SSL_CTX_set_cipher_list(settings, "ALL:@SECLEVEL=0");
  SSL_CTX_set_min_proto_version(settings, TLS1_VERSION);
  EVP_PKEY* key = make_key();
  X509* certificate = expired_certificate(key);
  SSL_CTX_use_certificate(settings, certificate);
  SSL_CTX_use_PrivateKey(settings, key);
  configure(settings);
  ::fcntl(with.other_end, F_SETFL, 0);
  std::thread server([&] {
    SSL* session = SSL_new(settings);
    SSL_set_fd(session, with.other_end);
    SSL_accept(session);
    SSL_free(session);
    ::shutdown(with.other_end, SHUT_WR);
  });
  const std::error_code code = with.start_tls();
  server.join();
  if (verified != nullptr) *verified = with.stream->tls().verified;
  ::close(with.other_end);
  X509_free(certificate);
  EVP_PKEY_free(key);
  SSL_CTX_free(settings);
  return code;
}

TEST(ClientTls, TakesAnExpiredCertificate) {
  EXPECT_EQ(handshake_with(&ecdsa_key, [](SSL_CTX*) {}), std::error_code{});
}

TEST(ClientTls, TakesWeakKeysAndOldSuitesBeforeClearText) {
  EXPECT_EQ(handshake_with(&weak_rsa_key, [](SSL_CTX*) {}), std::error_code{});
  const auto old_suites = [](SSL_CTX* settings) {
    SSL_CTX_set_max_proto_version(settings, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(settings, "AES128-SHA:@SECLEVEL=0");  // without forward secrecy
  };
  EXPECT_EQ(handshake_with(&weak_rsa_key, old_suites), std::error_code{});
}

/// Diffie-Hellman over 1,536 bits, which the default of Debian's OpenSSL refuses.
void use_short_diffie_hellman(SSL_CTX* settings) {
  std::string group = "modp_1536";
  const std::array params{OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group.data(), group.size()),
                          OSSL_PARAM_construct_end()};
  EVP_PKEY_CTX* making = EVP_PKEY_CTX_new_from_name(nullptr, "DH", nullptr);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_keygen_init(making);
  EVP_PKEY_CTX_set_params(making, params.data());
  EVP_PKEY_generate(making, &made);
  EVP_PKEY_CTX_free(making);
  SSL_CTX_set0_tmp_dh_pkey(settings, made);
  SSL_CTX_set_max_proto_version(settings, TLS1_2_VERSION);
  SSL_CTX_set_cipher_list(settings, "DHE-RSA-AES128-GCM-SHA256:@SECLEVEL=0");
}

TEST(ClientTls, TakesShortDiffieHellmanBeforeClearText) {
  EXPECT_EQ(handshake_with(&weak_rsa_key, &use_short_diffie_hellman), std::error_code{});
}

TEST(ClientTls, OfTodayTakesNoneOfThat) {
  const auto as_it_is = [](SSL_CTX*) {};
  const auto old_suites = [](SSL_CTX* settings) {
    SSL_CTX_set_max_proto_version(settings, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(settings, "AES128-SHA:@SECLEVEL=0");
  };
  EXPECT_EQ(handshake_with(&ecdsa_key, as_it_is, Strength::of_today), std::error_code{});
  EXPECT_EQ(handshake_with(&weak_rsa_key, old_suites, Strength::of_today), Errc::tls_handshake_failed);
  EXPECT_EQ(handshake_with(&weak_rsa_key, &use_short_diffie_hellman, Strength::of_today), Errc::tls_handshake_failed);
}

TEST(ClientTls, OfTodayBelievesNoWeakKey) {
  EVP_PKEY* key = weak_rsa_key();
  X509* made = X509_new();
  X509_set_version(made, X509_VERSION_3);
  X509_gmtime_adj(X509_getm_notBefore(made), -3600);
  X509_gmtime_adj(X509_getm_notAfter(made), 3600);
  X509_set_pubkey(made, key);
  X509_EXTENSION* names = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, "DNS:mx.pod.lab");
  X509_add_ext(made, names, -1);
  X509_sign(made, key, EVP_sha256());
  BIO* out = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(out, made);
  char* pem = nullptr;
  const auto size = BIO_get_mem_data(out, &pem);
  const AuthoritiesFile file(std::string(pem, static_cast<std::size_t>(size)));
  const auto show_it = [&](SSL_CTX* settings) {
    SSL_CTX_use_certificate(settings, made);
    SSL_CTX_use_PrivateKey(settings, key);
  };
  for (const auto strength : {Strength::whatever_keeps_listeners_out, Strength::of_today}) {
    bool verified = false;
    EXPECT_EQ(handshake_with(&weak_rsa_key, show_it, strength, file.path(), &verified), std::error_code{});
    EXPECT_EQ(verified, strength == Strength::whatever_keeps_listeners_out);
  }
  BIO_free(out);
  X509_EXTENSION_free(names);
  X509_free(made);
  EVP_PKEY_free(key);
}

// RFC 5746 §4.1 leaves it to the client whether it goes on with a server that has never heard of it.
TEST(ClientTls, GoesOnWithAServerThatDoesNotKnowOfSecureRenegotiation) {
  Dialed with;
  BlockingClient server(with.other_end);
  const std::string hello = std::string("\x03\x03") + std::string(32, 'r') + std::string("\0\xC0\x2F\0", 4);
  const auto size = static_cast<char>(hello.size());
  server.send(std::string("\x16\x03\x03\0", 4) + static_cast<char>(size + 4) + std::string("\x02\0\0", 3) + size +
              hello);
  with.stream->set_timeout(milliseconds(20));
  EXPECT_EQ(with.start_tls(), std::errc::timed_out);  // it waits for the certificate
}

TEST(ClientTls, DoesNotSpeakWhatIsOlderThanOneDotTwo) {
  for (const int version : {TLS1_1_VERSION, TLS1_VERSION}) {
    const auto old = [version](SSL_CTX* settings) { SSL_CTX_set_max_proto_version(settings, version); };
    EXPECT_EQ(handshake_with(&ecdsa_key, old), Errc::tls_handshake_failed);
  }
}

TEST(ClientTls, DoesNotTakeSuitesThatKeepNoSecret) {
  const auto null_cipher = [](SSL_CTX* settings) {
    SSL_CTX_set_max_proto_version(settings, TLS1_2_VERSION);
    SSL_CTX_set_cipher_list(settings, "NULL:aNULL:@SECLEVEL=0");
  };
  EXPECT_EQ(handshake_with(&ecdsa_key, null_cipher), Errc::tls_handshake_failed);
}

}  // namespace
}  // namespace mailpod::net
