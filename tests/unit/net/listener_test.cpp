#include <mailpod/net/listener.hpp>

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <future>
#include <latch>
#include <mutex>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>

#include <mailpod/net/alarm.hpp>
#include <mailpod/net/lines.hpp>

#include "blocking_client.hpp"
#include "certificate.hpp"
#include "on_loop.hpp"

namespace {

/// While set, the kernel seems to have no descriptor left for a connection. Really using them up would leave none for
/// the sanitizers, which then misjudge every object that they meet.
std::atomic<bool> out_of_descriptors{false};
std::atomic<int> refusals{0};

}  // namespace

extern "C" int accept4(int listening, sockaddr* peer, socklen_t* size, int flags) {
  if (out_of_descriptors) {
    ++refusals;
    refusals.notify_all();
    errno = EMFILE;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, listening, peer, size, flags));
}

namespace mailpod::net {
namespace {

using std::chrono::milliseconds;

Listener::Settings on_loopback() {
  Listener::Settings settings;
  settings.address = "127.0.0.1";
  return settings;
}

/// Answers each line with itself, until QUIT; says goodbye when we stop.
awaitable<void> echo(std::unique_ptr<Stream> stream) {
  co_await stream->write("220 ready\r\n");
  LineReader reader(*stream);
  bool stopping = false;
  try {
    while (true) {
      const Line line = co_await reader.read_line(100);
      if (line.kind != Line::Kind::complete || line.text == "QUIT") break;
      const std::string reply = line.text + "\r\n";
      co_await stream->write(reply);
    }
  } catch (const std::system_error& failure) {
    if (failure.code() != Errc::shutting_down) throw;
    stopping = true;
  }
  if (stopping) co_await stream->write("421 stopping\r\n");
  co_await stream->close();
}

class Server {
public:
  explicit Server(Listener::Settings settings, Listener::Serve serve = &echo)
      : listener(loops, tls, base::silent_log(), "echo", std::move(settings), std::move(serve)) {
    listener.start();
    loops.start();
  }
  CurrentTls tls{make_tls({{"mail.example"}})};
  Loops loops{base::silent_log(), 3};
  Listener listener;
};

TEST(Listener, ServesEachConnection) {
  Server server(on_loopback());
  for (int i = 0; i < 5; ++i) {
    auto client = BlockingClient::connect(server.listener.port());
    client.send("hello\r\nQUIT\r\n");
    EXPECT_EQ(client.receive_all(), "220 ready\r\nhello\r\n");
  }
}

TEST(Listener, HandsConnectionsToTheLoopsInTurn) {
  std::mutex mutex;
  std::set<std::thread::id> threads;
  std::latch all(3);
  Server server(on_loopback(), [&](std::unique_ptr<Stream> stream) -> awaitable<void> {
    const std::lock_guard lock(mutex);
    threads.insert(std::this_thread::get_id());
    all.count_down();
    stream->abort();
    co_return;
  });
  for (int i = 0; i < 3; ++i) BlockingClient::connect(server.listener.port()).receive_all();
  all.wait();
  server.loops.stop(milliseconds(1000));
  EXPECT_EQ(threads.size(), 3U);
}

TEST(Listener, KnowsWhoIsThere) {
  std::promise<Endpoint> peer;
  Server server(on_loopback(), [&](std::unique_ptr<Stream> stream) -> awaitable<void> {
    peer.set_value(stream->peer());
    co_return;
  });
  const auto client = BlockingClient::connect(server.listener.port());
  const Endpoint found = peer.get_future().get();
  EXPECT_EQ(found.address, "127.0.0.1");
  EXPECT_NE(found.port, 0);
}

TEST(Listener, ServesIpv4OnTheDualStackAddressUnderItsOwnName) {
  std::promise<Endpoint> peer;
  Listener::Settings settings;
  Server server(settings, [&](std::unique_ptr<Stream> stream) -> awaitable<void> {
    peer.set_value(stream->peer());
    co_return;
  });
  const auto client = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(peer.get_future().get().address, "127.0.0.1");
}

TEST(Listener, HandshakesFirstWhereTlsComesAtOnce) {
  auto settings = on_loopback();
  settings.tls = Listener::Tls::at_once;
  Server server(settings);
  auto client = BlockingClient::connect(server.listener.port());
  ASSERT_TRUE(client.start_tls("mail.example"));
  client.send("hello\r\nQUIT\r\n");
  EXPECT_EQ(client.receive(18), "220 ready\r\nhello\r\n");
}

TEST(Listener, NamesTheAddressThatIsTaken) {
  Server first(on_loopback());
  auto settings = on_loopback();
  settings.port = first.listener.port();
  try {
    const Listener second(first.loops, first.tls, base::silent_log(), "echo", settings, &echo);
    FAIL() << "two listeners on one port";
  } catch (const std::system_error& failure) {
    EXPECT_EQ(failure.code(), std::errc::address_in_use);
    EXPECT_NE(std::string(failure.what()).find("127.0.0.1:" + std::to_string(settings.port)), std::string::npos)
        << failure.what();
  }
}

TEST(Listener, RefusesAnAddressThatIsNone) {
  Loops loops(base::silent_log(), 1);
  const CurrentTls tls;
  auto settings = on_loopback();
  settings.address = "localhost";
  EXPECT_THROW(Listener(loops, tls, base::silent_log(), "echo", settings, &echo), std::system_error);
}

TEST(Listener, TurnsAwayWhoExceedsItsShare) {
  auto settings = on_loopback();
  settings.max_per_address = 2;
  settings.too_many = "421 4.7.0 too many connections\r\n";
  Server server(settings);
  auto first = BlockingClient::connect(server.listener.port());
  auto second = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(first.receive(11), "220 ready\r\n");
  EXPECT_EQ(second.receive(11), "220 ready\r\n");
  EXPECT_EQ(server.listener.connections(), 2U);
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive_all(), settings.too_many);
  EXPECT_EQ(server.listener.turned_away(), 1U);
  // A place is free again once its connection is over.
  first.send("QUIT\r\n");
  EXPECT_EQ(first.receive_all(), "");
  first.close();
  while (server.listener.connections() == 2) std::this_thread::yield();
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive(11), "220 ready\r\n");
}

TEST(Listener, TurnsAwayWhoExceedsTheWhole) {
  auto settings = on_loopback();
  settings.max_connections = 1;
  settings.too_many = "421 full\r\n";
  Server server(settings);
  auto first = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(first.receive(11), "220 ready\r\n");
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive_all(), settings.too_many);
}

TEST(Listener, TakesOtherLimitsWhileItAccepts) {
  auto settings = on_loopback();
  settings.max_connections = 1;
  settings.too_many = "421 full\r\n";
  Server server(settings);
  auto first = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(first.receive(11), "220 ready\r\n");
  settings.max_connections = 2;
  server.listener.set(settings);
  auto second = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(second.receive(11), "220 ready\r\n");
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive_all(), settings.too_many);
}

TEST(Listener, TurnsAwayWhomItIsToldNotToAdmit) {
  auto settings = on_loopback();
  settings.too_many = "421 not you\r\n";
  std::atomic<bool> welcome{false};
  settings.admits = [&](const Endpoint& peer) { return welcome && peer.address == "127.0.0.1"; };
  Server server(settings);
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive_all(), settings.too_many);
  EXPECT_EQ(server.listener.turned_away(), 1U);
  welcome = true;
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive(11), "220 ready\r\n");
}

TEST(Listener, AcceptsFromASocketThatWasHandedOver) {
  const int handed_over = ::socket(AF_INET6, SOCK_STREAM, 0);
  ASSERT_EQ(::listen(handed_over, 5), 0);
  auto settings = on_loopback();
  settings.inherited = handed_over;
  Server server(settings);
  EXPECT_NE(server.listener.port(), 0);
  EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive(11), "220 ready\r\n");
  EXPECT_NE(::fcntl(handed_over, F_GETFD) & FD_CLOEXEC, 0);
}

TEST(Listener, RefusesASocketThatDoesNotListen) {
  auto settings = on_loopback();
  settings.inherited = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_THROW(Server server(settings), std::system_error);
}

TEST(Listener, OutlivesAConversationThatThrows) {
  std::atomic<int> served{0};
  Server server(on_loopback(), [&](std::unique_ptr<Stream>) -> awaitable<void> {
    ++served;
    throw std::runtime_error("a bug");
    co_return;
  });
  for (int i = 0; i < 3; ++i) EXPECT_EQ(BlockingClient::connect(server.listener.port()).receive_all(), "");
  EXPECT_EQ(served, 3);
}

TEST(Listener, WaitsOutTheWantOfDescriptors) {
  Server server(on_loopback());
  auto first = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(first.receive(11), "220 ready\r\n");
  refusals = 0;
  out_of_descriptors = true;
  auto waiting = BlockingClient::connect(server.listener.port());
  refusals.wait(0);
  first.send("still served\r\n");
  EXPECT_EQ(first.receive(14), "still served\r\n");
  out_of_descriptors = false;
  EXPECT_EQ(waiting.receive(11), "220 ready\r\n");
  // It paused after each refusal; spinning would have met thousands.
  EXPECT_LT(refusals, 100);
}

TEST(Loops, EndConversationsPolitelyWhenTheyStop) {
  Server server(on_loopback());
  auto client = BlockingClient::connect(server.listener.port());
  EXPECT_EQ(client.receive(11), "220 ready\r\n");
  auto goodbye = std::async(std::launch::async, [&] {
    std::string all = client.receive_all();
    client.close();
    return all;
  });
  EXPECT_EQ(server.loops.stop(std::chrono::seconds(10)), 0U);
  EXPECT_EQ(goodbye.get(), "421 stopping\r\n");
  EXPECT_THROW(BlockingClient::connect(server.listener.port()), std::system_error);
}

TEST(Loops, DisconnectWhoDoesNotEndInTime) {
  std::atomic<bool> unwound{false};
  std::latch begun(1);
  Server server(on_loopback(), [&](std::unique_ptr<Stream> stream) -> awaitable<void> {
    const std::string much(100'000'000, 'm');
    begun.count_down();
    try {
      co_await stream->write(much);
    } catch (const std::system_error& failure) {
      unwound = failure.code() == std::errc::operation_canceled;
    }
  });
  const auto client = BlockingClient::connect(server.listener.port());
  begun.wait();
  EXPECT_EQ(server.loops.stop(milliseconds(50)), 0U);
  EXPECT_TRUE(unwound);
}

TEST(Loops, AbandonWhoWaitsForSomethingElse) {
  bool destroyed = false;
  struct Witness {
    explicit Witness(bool& d) : destroyed(d) {}
    ~Witness() { destroyed = true; }
    bool& destroyed;
  };
  {
    Loops loops(base::silent_log(), 1);
    const auto alarm = make_alarm(loops.executor(0));
    std::latch begun(1);
    loops.spawn(loops.executor(0), "waiting", [&]() -> awaitable<void> {
      const Witness witness(destroyed);
      begun.count_down();
      co_await alarm->wait(std::chrono::hours(1));
    });
    loops.start();
    begun.wait();
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(loops.stop(milliseconds(10)), 1U);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(10));
    EXPECT_EQ(loops.stop(milliseconds(10)), 0U);
    EXPECT_FALSE(destroyed);
  }
  EXPECT_TRUE(destroyed);
}

TEST(Loops, KnowWhichOfThemDoNotComeRound) {
  Loops loops(base::silent_log(), 3);
  std::latch begun(1);
  std::latch let_go(1);
  loops.spawn(loops.executor(1), "hog", [&]() -> awaitable<void> {
    begun.count_down();
    let_go.wait();
    co_return;
  });
  loops.start();
  begun.wait();
  EXPECT_EQ(loops.silent(milliseconds(20)), 1U);
  let_go.count_down();
  EXPECT_EQ(loops.silent(std::chrono::seconds(10)), 0U);
}

TEST(Loops, LetSpawnedCoroutinesKeepTheirCaptures) {
  Loops loops(base::silent_log(), 1);
  std::promise<std::string> said;
  const std::string words = "kept as long as the coroutine runs";
  loops.spawn(loops.next(), "talk", [&said, words]() -> awaitable<void> {
    co_await boost::asio::post(boost::asio::use_awaitable);
    said.set_value(words);
  });
  loops.start();
  EXPECT_EQ(said.get_future().get(), words);
}

}  // namespace
}  // namespace mailpod::net
