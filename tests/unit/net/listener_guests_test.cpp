#include <mailpod/net/listener.hpp>

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>

#include "blocking_client.hpp"
#include "certificate.hpp"

/// Who comes another way than straight from an address: by a local socket, or through a proxy.
namespace mailpod::net {
namespace {

/// Says who is there, and goes.
awaitable<void> name_them(std::unique_ptr<Stream> stream) {
  const std::string words = "you are " + stream->peer().address + "\r\n";
  co_await stream->write(words);
  co_await stream->close();
}

class Server {
public:
  explicit Server(Listener::Settings settings)
      : listener(loops, tls, base::silent_log(), "names", std::move(settings), &name_them) {
    listener.start();
    loops.start();
  }
  CurrentTls tls{make_tls({{"mail.example"}})};
  Loops loops{base::silent_log(), 2};
  Listener listener;
};

class LocalSocket : public testing::Test {
protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / ("mailpod-" + std::to_string(::getpid()));
    std::filesystem::create_directory(folder_);
    settings_.path = folder_ / "socket";
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  BlockingClient connect() const {
    const int made = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    settings_.path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(::connect(made, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
    return BlockingClient(made);
  }

  std::filesystem::path folder_;
  Listener::Settings settings_;
};

TEST_F(LocalSocket, AnswersOwnerAndGroupAndIsGoneAtTheEnd) {
  {
    const Server server(settings_);
    struct stat found {};
    ASSERT_EQ(::stat(settings_.path.c_str(), &found), 0);
    EXPECT_EQ(found.st_mode & 0777U, 0660U);
    EXPECT_EQ(connect().receive_all(), "you are \r\n");
  }
  EXPECT_FALSE(std::filesystem::exists(settings_.path));
}

TEST_F(LocalSocket, IsCountedByNoAddress) {
  settings_.max_per_address = 1;
  const Server server(settings_);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(connect().receive_all(), "you are \r\n");
  EXPECT_EQ(server.listener.turned_away(), 0U);
}

TEST_F(LocalSocket, TakesThePlaceOfOneThatACrashLeft) {
  const int left = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  settings_.path.copy(address.sun_path, sizeof address.sun_path - 1);
  ASSERT_EQ(::bind(left, reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  ::close(left);
  const Server server(settings_);
  EXPECT_EQ(connect().receive_all(), "you are \r\n");
}

TEST_F(LocalSocket, LeavesAloneWhatIsNoSocket) {
  std::ofstream(settings_.path) << "a letter";
  EXPECT_THROW(Server{settings_}, std::system_error);
  EXPECT_TRUE(std::filesystem::exists(settings_.path));
}

TEST_F(LocalSocket, NeedsAPathThatTheKernelTakes) {
  settings_.path = folder_ / std::string(120, 'x');
  EXPECT_THROW(Server{settings_}, std::system_error);
}

Listener::Settings behind_a_proxy() {
  Listener::Settings settings;
  settings.address = "127.0.0.1";
  settings.proxies = {Network::parse("127.0.0.0/8").value()};
  return settings;
}

std::string answer(const Server& server, std::string_view octets) {
  auto client = BlockingClient::connect(server.listener.port());
  client.send(octets);
  return client.receive_all();
}

TEST(Proxy, BringsItsClient) {
  const Server server(behind_a_proxy());
  EXPECT_EQ(answer(server, "PROXY TCP4 192.0.2.7 192.0.2.1 8080 25\r\n"), "you are 192.0.2.7\r\n");
  EXPECT_EQ(answer(server, "PROXY TCP6 2001:db8::7 ::1 8080 25\r\n"), "you are 2001:db8::7\r\n");
  EXPECT_EQ(answer(server, "PROXY UNKNOWN\r\n"), "you are 127.0.0.1\r\n");
}

TEST(Proxy, MustSayWhomItBrings) {
  const Server server(behind_a_proxy());
  EXPECT_EQ(answer(server, "EHLO client.example\r\n"), "");
}

TEST(Proxy, IsBelievedOnlyWhereItIsKnown) {
  auto settings = behind_a_proxy();
  settings.proxies = {Network::parse("192.0.2.1").value()};
  const Server server(settings);
  EXPECT_EQ(answer(server, "PROXY TCP4 192.0.2.7 192.0.2.1 8080 25\r\n"), "you are 127.0.0.1\r\n");
}

TEST(Proxy, SpeaksBeforeTheHandshake) {
  auto settings = behind_a_proxy();
  settings.tls = Listener::Tls::at_once;
  const Server server(settings);
  auto client = BlockingClient::connect(server.listener.port());
  client.send("PROXY TCP4 192.0.2.7 192.0.2.1 8080 25\r\n");
  ASSERT_TRUE(client.start_tls());
  EXPECT_EQ(client.receive_all(), "you are 192.0.2.7\r\n");
}

TEST(Proxy, BringsNobodyBeyondTheirOwnShare) {
  auto settings = behind_a_proxy();
  settings.max_per_address = 1;
  settings.too_many = "421 too many\r\n";
  CurrentTls tls{make_tls({{"mail.example"}})};
  Loops loops{base::silent_log(), 2};
  // Stays until its client goes.
  const auto stay = [](std::unique_ptr<Stream> stream) -> awaitable<void> {
    const std::string words = "you are " + stream->peer().address + "\r\n";
    co_await stream->write(words);
    char octet = 0;
    co_await stream->read_some(std::span(&octet, 1));
  };
  Listener listener(loops, tls, base::silent_log(), "stays", settings, stay);
  listener.start();
  loops.start();

  auto first = BlockingClient::connect(listener.port());
  first.send("PROXY TCP4 192.0.2.7 192.0.2.1 8080 25\r\n");
  EXPECT_EQ(first.receive(19), "you are 192.0.2.7\r\n");
  auto again = BlockingClient::connect(listener.port());
  again.send("PROXY TCP4 192.0.2.7 192.0.2.1 8081 25\r\n");
  EXPECT_EQ(again.receive_all(), "421 too many\r\n");
  auto other = BlockingClient::connect(listener.port());
  other.send("PROXY TCP4 192.0.2.8 192.0.2.1 8082 25\r\n");
  EXPECT_EQ(other.receive(19), "you are 192.0.2.8\r\n");
  EXPECT_EQ(listener.turned_away(), 1U);
  first.close();
  other.close();
  loops.stop(std::chrono::milliseconds(1000));
}

}  // namespace
}  // namespace mailpod::net
