#include "supervisor.hpp"

#include <array>
#include <cstdlib>
#include <cstring>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

namespace mailpod::daemon {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;
using testing::StartsWith;

/// A service manager's end, under an abstract name of this process.
class Ear {
public:
  Ear() : name_("@mailpod-test-" + std::to_string(::getpid())) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, name_.data(), name_.size());
    address.sun_path[0] = '\0';
    descriptor_ = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name_.size());
    if (::bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0) throw std::runtime_error("bind");
  }
  ~Ear() { ::close(descriptor_); }
  Ear(const Ear&) = delete;
  Ear& operator=(const Ear&) = delete;

  const std::string& name() const { return name_; }
  /// What was said, which is there already: a datagram is delivered when it is sent.
  std::string hear() const {
    std::array<char, 4096> octets{};
    const auto count = ::recv(descriptor_, octets.data(), octets.size(), MSG_DONTWAIT);
    return count < 0 ? "" : std::string(octets.data(), static_cast<std::size_t>(count));
  }

private:
  std::string name_;
  int descriptor_ = -1;
};

TEST(ASupervisor, HearsWhatBecomesOfTheDaemon) {
  const Ear ear;
  const Supervisor supervisor(ear.name());
  supervisor.ready();
  EXPECT_THAT(ear.hear(), StartsWith("READY=1\n"));
  supervisor.reloading();
  EXPECT_THAT(ear.hear(), StartsWith("RELOADING=1\nMONOTONIC_USEC="));
  supervisor.alive("3 connections");
  EXPECT_EQ(ear.hear(), "WATCHDOG=1\nSTATUS=3 connections");
  supervisor.stopping();
  EXPECT_THAT(ear.hear(), StartsWith("STOPPING=1\n"));
  EXPECT_EQ(ear.hear(), "");
}

TEST(ASupervisor, ThatIsNotThereIsNotMissed) {
  Supervisor("").ready();
  Supervisor("/nonexistent/notify").ready();
  Supervisor(std::string(500, 'x')).ready();
}

TEST(ASupervisor, IsTakenFromTheEnvironmentOnce) {
  const Ear ear;
  const auto process = std::to_string(::getpid());
  ::setenv("NOTIFY_SOCKET", ear.name().c_str(), 1);
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", process.c_str(), 1);
  ::setenv("LISTEN_PID", process.c_str(), 1);
  ::setenv("LISTEN_FDS", "2", 1);
  ::setenv("LISTEN_FDNAMES", "smtp:imaps", 1);
  auto supervisor = Supervisor::of_this_process();
  EXPECT_EQ(supervisor.watchdog_interval(), 10s);
  EXPECT_THAT(supervisor.take_sockets(), ElementsAre(Pair("imaps", 4), Pair("smtp", 3)));
  supervisor.ready();
  EXPECT_THAT(ear.hear(), HasSubstr("READY=1"));
  auto next = Supervisor::of_this_process();
  next.ready();
  EXPECT_EQ(ear.hear(), "");
  EXPECT_TRUE(next.take_sockets().empty());
  EXPECT_EQ(next.watchdog_interval(), 1min);
}

TEST(ASupervisor, OfAnotherProcessIsNotOurs) {
  ::setenv("WATCHDOG_USEC", "30000000", 1);
  ::setenv("WATCHDOG_PID", "1", 1);
  ::setenv("LISTEN_PID", "1", 1);
  ::setenv("LISTEN_FDS", "1", 1);
  ::setenv("LISTEN_FDNAMES", "smtp", 1);
  auto supervisor = Supervisor::of_this_process();
  EXPECT_EQ(supervisor.watchdog_interval(), 1min);
  EXPECT_TRUE(supervisor.take_sockets().empty());
}

TEST(SocketsNamed, AreAsManyAsThereAreDescriptors) {
  EXPECT_THAT(sockets_named("a:b:c", 2), ElementsAre(Pair("a", 3), Pair("b", 4)));
  EXPECT_THAT(sockets_named("a", 2), ElementsAre(Pair("", 4), Pair("a", 3)));
  EXPECT_TRUE(sockets_named("a:b", 0).empty());
}

}  // namespace
}  // namespace mailpod::daemon
