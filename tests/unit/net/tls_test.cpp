#include <mailpod/net/tls.hpp>

#include <future>

#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <mailpod/net/listener.hpp>

#include "blocking_client.hpp"
#include "certificate.hpp"
#include "on_loop.hpp"
#include "simulation/disk.hpp"

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

/// A stream whose peer, in its own thread, speaks TLS.
class SecureConnection {
public:
  explicit SecureConnection(std::shared_ptr<const TlsContext> context = make_tls({{"mail.example"}}))
      : tls(std::move(context)) {}

  /// The handshake; the code it fails with, or none.
  std::error_code handshake(const std::string& server_name = {}, int max_version = 0) {
    auto connected = std::async(
        std::launch::async, [this, server_name, max_version] { return client.start_tls(server_name, max_version); });
    std::error_code code;
    try {
      run_on(loop, [&]() -> awaitable<void> { co_await stream->start_tls(); });
    } catch (const std::system_error& failure) {
      code = failure.code();
      stream->abort();
    }
    client_connected = connected.get();
    return code;
  }

  boost::asio::io_context loop;
  CurrentTls tls;
  SocketPair sockets;
  BlockingClient client{sockets.theirs};
  std::unique_ptr<Stream> stream = make_stream(loop.get_executor(), sockets.ours, tls);
  bool client_connected = false;
};

TEST(Tls, UpgradesAStreamInPlace) {
  SecureConnection with;
  EXPECT_TRUE(with.stream->offers_tls());
  EXPECT_FALSE(with.stream->secure());
  ASSERT_EQ(with.handshake("mail.example"), std::error_code{});
  EXPECT_TRUE(with.stream->secure());
  EXPECT_EQ(with.stream->tls().version, "TLSv1.3");
  EXPECT_EQ(with.stream->tls().server_name, "mail.example");
  EXPECT_NE(with.stream->tls().cipher, "");
}

TEST(Tls, CarriesMoreThanARecordBothWays) {
  SecureConnection with;
  ASSERT_EQ(with.handshake(), std::error_code{});
  const std::string much(1'000'000, 'm');
  auto echoed = std::async(std::launch::async, [&] {
    std::string received = with.client.receive(much.size());
    with.client.send(received);
    return received.size();
  });
  std::string back;
  run_on(with.loop, [&]() -> awaitable<void> {
    co_await with.stream->write(much);
    std::string room(30'000, '\0');
    while (back.size() < much.size()) {
      const std::size_t count = co_await with.stream->read_some(room);
      back.append(room, 0, count);
      if (count == 0) break;
    }
  });
  EXPECT_EQ(echoed.get(), much.size());
  EXPECT_EQ(back, much);
}

TEST(Tls, SpeaksOneDotTwoButNothingOlder) {
  SecureConnection older;
  EXPECT_EQ(older.handshake({}, TLS1_2_VERSION), std::error_code{});
  EXPECT_EQ(older.stream->tls().version, "TLSv1.2");
  SecureConnection ancient;
  EXPECT_EQ(ancient.handshake({}, TLS1_1_VERSION), Errc::tls_handshake_failed);
  EXPECT_FALSE(ancient.client_connected);
}

TEST(Tls, ShowsTheCertificateThatFitsTheName) {
  const auto context = make_tls({{"mail.example"}, {"a.other", "*.many.other"}});
  const std::pair<std::string, std::string> expected[] = {
      {"mail.example", "mail.example"}, {"a.other", "a.other"}, {"x.many.other", "a.other"},
      {"unknown.test", "mail.example"}, {"", "mail.example"},
  };
  for (const auto& [asked, shown] : expected) {
    SecureConnection with(context);
    ASSERT_EQ(with.handshake(asked), std::error_code{}) << asked;
    EXPECT_EQ(with.client.shown_name(), shown) << asked;
    EXPECT_EQ(with.stream->channel_binding(Binding::tls_server_end_point), with.client.end_point_binding()) << asked;
  }
}

TEST(Tls, GivesBothSidesTheSameBinding) {
  SecureConnection with;
  EXPECT_EQ(with.stream->channel_binding(Binding::tls_exporter), "");
  ASSERT_EQ(with.handshake(), std::error_code{});
  EXPECT_EQ(with.stream->channel_binding(Binding::tls_exporter), with.client.exporter_binding());
  EXPECT_EQ(with.stream->channel_binding(Binding::tls_server_end_point), with.client.end_point_binding());
}

TEST(Tls, BindsAnOlderVersionOnlyWhereItsMasterSecretIsExtended) {
  SecureConnection extended;
  ASSERT_EQ(extended.handshake({}, TLS1_2_VERSION), std::error_code{});
  EXPECT_EQ(extended.stream->channel_binding(Binding::tls_exporter).size(), 32U);
  EXPECT_EQ(extended.stream->channel_binding(Binding::tls_exporter), extended.client.exporter_binding());
  SecureConnection older;
  older.client.forgo_extended_master_secret();
  ASSERT_EQ(older.handshake({}, TLS1_2_VERSION), std::error_code{});
  EXPECT_EQ(older.stream->channel_binding(Binding::tls_exporter), "");
  EXPECT_EQ(older.stream->channel_binding(Binding::tls_server_end_point), older.client.end_point_binding());
}

TEST(Tls, FailsTheHandshakeWithAPeerThatSpeaksSomethingElse) {
  SecureConnection with;
  with.client.send("EHLO plain.example\r\n");
  const auto code = [&] {
    try {
      run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->start_tls(); });
    } catch (const std::system_error& failure) {
      return failure.code();
    }
    return std::error_code{};
  }();
  EXPECT_EQ(code, Errc::tls_handshake_failed);
}

TEST(Tls, FailsTheHandshakeWhenThePeerLeaves) {
  SecureConnection with;
  with.client.close();
  std::error_code code;
  try {
    run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->start_tls(); });
  } catch (const std::system_error& failure) {
    code = failure.code();
  }
  EXPECT_EQ(code, Errc::tls_handshake_failed);
}

TEST(Tls, TimesOutAHandshakeThatDoesNotGoOn) {
  SecureConnection with;
  with.stream->set_timeout(milliseconds(20));
  std::error_code code;
  try {
    run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->start_tls(); });
  } catch (const std::system_error& failure) {
    code = failure.code();
  }
  EXPECT_EQ(code, std::errc::timed_out);
}

TEST(Tls, IsNotOfferedWithoutACertificate) {
  SecureConnection with(nullptr);
  EXPECT_FALSE(with.stream->offers_tls());
  EXPECT_THROW(run_on(with.loop, [&]() -> awaitable<void> { co_await with.stream->start_tls(); }), std::system_error);
}

TEST(Tls, DoesNotTakeItsOwnRecordsForInput) {
  SecureConnection with;
  ASSERT_EQ(with.handshake(), std::error_code{});
  with.client.send_key_update();
  boost::asio::post(with.loop, [&] { with.stream->ring(); });
  Wake wake{};
  run_on(with.loop, [&]() -> awaitable<void> { wake = co_await with.stream->wait_input(std::chrono::hours(1)); });
  EXPECT_EQ(wake, Wake::rung);
  with.client.send("DONE");
  run_on(with.loop, [&]() -> awaitable<void> { wake = co_await with.stream->wait_input(std::chrono::hours(1)); });
  EXPECT_EQ(wake, Wake::input);
}

TEST(Tls, CountsADecryptedRestAsInput) {
  SecureConnection with;
  ASSERT_EQ(with.handshake(), std::error_code{});
  with.client.send("0123456789");
  run_on(with.loop, [&]() -> awaitable<void> {
    std::array<char, 4> room;
    co_await with.stream->read_some(room);
    const Wake wake = co_await with.stream->wait_input(std::chrono::hours(1));
    EXPECT_EQ(wake, Wake::input);
  });
}

TEST(Tls, SaysGoodbye) {
  SecureConnection with;
  ASSERT_EQ(with.handshake(), std::error_code{});
  auto received = std::async(std::launch::async, [&] {
    std::string all = with.client.receive_all();
    with.client.close();
    return all;
  });
  run_on(with.loop, [&]() -> awaitable<void> {
    co_await with.stream->write("bye");
    co_await with.stream->close();
  });
  EXPECT_EQ(received.get(), "bye");
}

TEST(Tls, UsesTheNewCertificateForNewHandshakesOnly) {
  CurrentTls current(make_tls({{"old.example"}}));
  const auto old = current.get();
  current.replace(make_tls({{"new.example"}}));
  SecureConnection with(current.get());
  ASSERT_EQ(with.handshake(), std::error_code{});
  EXPECT_EQ(with.client.shown_name(), "new.example");
  SecureConnection running(old);
  ASSERT_EQ(running.handshake(), std::error_code{});
  EXPECT_EQ(running.client.shown_name(), "old.example");
}

std::string complaint(base::Disk& disk, const std::vector<CertificateFiles>& files) {
  try {
    TlsContext::load(disk, files);
  } catch (const std::system_error& failure) {
    return failure.what();
  }
  return {};
}

TEST(TlsContext, NamesTheFileAndTheRemedy) {
  simulation::Disk disk;
  const MadeCertificate one = make_certificate({"one.example"});
  const MadeCertificate other = make_certificate({"other.example"});
  base::replace_file(disk, "/one.crt", one.chain);
  base::replace_file(disk, "/one.key", one.key);
  base::replace_file(disk, "/other.key", other.key);
  EXPECT_EQ(complaint(disk, {{"/one.crt", "/one.key"}}), "");
  const auto expect = [&](const CertificateFiles& files, std::string_view file, std::string_view remedy) {
    const std::string said = complaint(disk, {files});
    EXPECT_NE(said.find(file), std::string::npos) << said;
    EXPECT_NE(said.find(remedy), std::string::npos) << said;
  };
  expect({"/none.crt", "/one.key"}, "/none.crt", "check [tls]");
  expect({"/one.key", "/one.key"}, "/one.key", "give the full chain");
  expect({"/one.crt", "/one.crt"}, "/one.crt", "no PEM private key");
  expect({"/one.crt", "/other.key"}, "/other.key", "the same renewal");
  EXPECT_NE(complaint(disk, {}), "");
}

}  // namespace
}  // namespace mailpod::net
