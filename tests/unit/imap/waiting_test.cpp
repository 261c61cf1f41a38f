#include <mailpod/imap/server.hpp>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

#include "conversations/imap_world.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

// What a client hears while its command waits for others' work on the vault's lane. RFC 9585.
namespace mailpod::imap {
namespace {

using namespace std::chrono_literals;
using boost::asio::awaitable;
using testing::HasSubstr;
using testing::Not;

struct Waiting : testing::Test {
  conversations::ImapWorld world;
  simulation::Time time{world.loop, world.clock};
  Settings settings;
  Server server{{world, *world.vaults, world.spool(), world.clock, base::silent_log()}, settings};
  simulation::Duplex duplex = make();
  std::string received;

  simulation::Duplex make() {
    simulation::Wire wire;
    wire.secure = true;
    wire.time = &time;
    return simulation::make_duplex(world.loop.get_executor(), wire);
  }

  void SetUp() override {
    world.add_message("INBOX", "Subject: one\r\n\r\nx\r\n");
    world.add_message("INBOX", "Subject: two\r\n\r\nx\r\n");
    spawn([this]() -> awaitable<void> { co_await server.converse(*duplex.server); });
    spawn([this]() -> awaitable<void> {
      char octets[4096];
      for (std::size_t count = 1; count > 0;) {
        count = co_await duplex.client->read_some(octets);
        received.append(octets, count);
      }
    });
    say("a1 LOGIN alice \"correct horse\"\r\na2 SELECT INBOX\r\n");
    time.run_for(0s);
    ASSERT_THAT(received, HasSubstr("a2 OK"));
  }

  void TearDown() override {
    duplex.client->abort();
    duplex.server->abort();
    time.run_for(1min);
  }

  template <class Body>
  void spawn(Body body) {
    boost::asio::co_spawn(world.loop, kept(std::move(body)), boost::asio::detached);
  }
  template <class Body>
  static awaitable<void> kept(Body body) {
    try {
      co_await body();
    } catch (const std::system_error&) {
      // The connection was cut.
    }
  }

  void say(std::string octets) {
    spawn([this, octets]() -> awaitable<void> { co_await duplex.client->write(octets); });
  }

  /// The client says this while somebody else keeps the vault's lane for `duration`; what it hears until then.
  std::string while_the_lane_is_taken(const std::string& command, std::chrono::seconds duration) {
    world.vault();
    std::string heard;
    const auto work = [&] {
      received.clear();
      say(command);
      time.run_for(duration);
      heard = received;
    };
    boost::asio::co_spawn(world.loop, world.open_vault().lane().run(work), boost::asio::detached);
    time.run_for(0s);
    return heard;
  }
};

TEST_F(Waiting, ForACopyIsToldEveryTenSeconds) {
  const auto heard = while_the_lane_is_taken("a3 COPY 1:2 Archive\r\n", 25s);
  EXPECT_EQ(heard,
            "* OK [INPROGRESS (\"a3\" 0 2)] Still at it\r\n"
            "* OK [INPROGRESS (\"a3\" 0 2)] Still at it\r\n");
  EXPECT_THAT(received, HasSubstr("\r\na3 OK [COPYUID"));
  const auto all = received;
  time.run_for(1min);
  EXPECT_EQ(received, all);
}

TEST_F(Waiting, ForWhatHasNoCountIsToldWithoutOne) {
  EXPECT_EQ(while_the_lane_is_taken("a3 CREATE x\r\n", 10s), "* OK [INPROGRESS (\"a3\" NIL NIL)] Still at it\r\n");
  EXPECT_THAT(received, HasSubstr("\r\na3 OK [MAILBOXID"));
}

TEST_F(Waiting, ThatIsShortIsNotWorthAWord) {
  EXPECT_EQ(while_the_lane_is_taken("a3 MOVE 1 Archive\r\n", 9s), "");
  EXPECT_THAT(received, Not(HasSubstr("INPROGRESS")));
  EXPECT_THAT(received, HasSubstr("a3 OK"));
}

TEST_F(Waiting, OfAClientThatIsGoneEndsWithTheWork) {
  const auto heard = while_the_lane_is_taken("a3 STORE 1 +FLAGS (\\Seen)\r\n", 5s);
  EXPECT_EQ(heard, "");
  duplex.client->abort();
  time.run_for(1min);
}

}  // namespace
}  // namespace mailpod::imap
