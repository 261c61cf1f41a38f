#include <mailpod/smtp/client.hpp>

#include <boost/asio/io_context.hpp>

#include <gtest/gtest.h>

#include <mailpod/smtp/server.hpp>

#include "conversations/smtp_scripted_room.hpp"
#include "simulation/clock.hpp"
#include "simulation/stream.hpp"
#include "unit/net/on_loop.hpp"

/// The client before our own server: they agree, in whatever pieces the octets come, and whenever the connection
/// breaks.
namespace mailpod::smtp {
namespace {

using boost::asio::awaitable;

/// One connection between a client and a server of ours.
struct Meeting {
  explicit Meeting(simulation::Wire wire = {}) : duplex(simulation::make_duplex(loop.get_executor(), std::move(wire))) {
    settings.linger = std::chrono::milliseconds(0);
  }

  /// Runs the client's side to its end, and then the server's; throws what the client's throws.
  void run(const std::function<awaitable<void>(Client&)>& talk) {
    Client client(*duplex.client, {.host_name = "client.example"});
    bool served = false;
    net::start(loop.get_executor(), [&]() -> awaitable<void> {
      const Services services{room, credentials, clock, base::silent_log()};
      co_await serve(*duplex.server, Role::exchange, settings, services);
      co_await duplex.server->close();
      served = true;
    });
    std::exception_ptr failure;
    try {
      net::run_on(loop, [&]() -> awaitable<void> { co_await talk(client); });
    } catch (...) {
      failure = std::current_exception();
    }
    duplex.client->abort();
    loop.restart();
    loop.run();
    EXPECT_TRUE(served);
    if (failure) std::rethrow_exception(failure);
  }

  std::string said(simulation::Transcript::From side) const { return duplex.transcript->of(side); }

  boost::asio::io_context loop;
  simulation::Clock clock;
  conversations::ScriptedRoom room;
  conversations::ScriptedCredentials credentials;
  Settings settings;
  simulation::Duplex duplex;
};

const std::string message = "Subject: hello\r\n\r\n.hidden\r\n..\r\nna\xc3\xafve\r\n";

TEST(Client, DeliversToOurOwnServer) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    simulation::Wire wire;
    wire.seed = seed;
    wire.max_piece = 1 + seed;
    Meeting meeting(wire);
    std::vector<Answer> answers;
    meeting.run([&](Client& client) -> awaitable<void> {
      const Answer greeted = co_await client.greet("mail.pod.lab", Client::Tls::if_offered);
      EXPECT_EQ(greeted.code, 250);
      EXPECT_TRUE(client.extensions().eight_bit_mime);
      EXPECT_TRUE(client.extensions().pipelining);
      EXPECT_FALSE(client.extensions().starttls);
      EXPECT_EQ(client.extensions().size, 50U * 1024 * 1024);
      const base::MemorySource source(message);
      const Dispatch dispatch{"carol@client.example", {{"alice@pod.lab"}, {"nobody@pod.lab"}, {"bob@pod.lab"}}, source};
      answers = co_await client.send(dispatch);
      EXPECT_FALSE(client.spent());
      co_await client.quit();
    });
    EXPECT_TRUE(meeting.duplex.client->secure());
    ASSERT_EQ(answers.size(), 3U);
    EXPECT_EQ(answers[0], (Answer{250, "2.0.0", "taken as 1"}));
    EXPECT_EQ(answers[1].enhanced, "5.1.1");
    EXPECT_EQ(answers[2], answers[0]);
    ASSERT_EQ(meeting.room.taken.size(), 1U);
    EXPECT_EQ(meeting.room.taken[0].octets, message);
    EXPECT_EQ(meeting.room.taken[0].reverse_path, (Mailbox{"carol", "client.example"}));
    EXPECT_TRUE(meeting.said(simulation::Transcript::From::client).ends_with("\r\nQUIT\r\n"));
  }
}

TEST(Client, DeliversAMessageOfManyBlocks) {
  std::string large;
  for (int line = 0; large.size() < 1'000'000; ++line) large += ".line " + std::to_string(line) + "\r\n";
  Meeting meeting;
  meeting.run([&](Client& client) -> awaitable<void> {
    co_await client.greet("mail.pod.lab", Client::Tls::if_offered);
    const base::MemorySource source(large);
    const Dispatch dispatch{"<>", {{"alice@pod.lab"}}, source};
    const std::vector<Answer> answers = co_await client.send(dispatch);
    EXPECT_EQ(answers.at(0).code, 250);
  });
  ASSERT_EQ(meeting.room.taken.size(), 1U);
  EXPECT_EQ(meeting.room.taken[0].octets, large);
  EXPECT_TRUE(meeting.room.taken[0].reverse_path.empty());
}

TEST(Client, SendsMoreRecipientsThanOneGroupHolds) {
  Meeting meeting;
  meeting.settings.recipients = 10'000;
  meeting.settings.refused_recipients = 10'000;
  std::vector<DispatchRecipient> recipients;
  for (int i = 0; i < 1000; ++i) recipients.push_back({i % 2 == 0 ? "alice@pod.lab" : "nobody@pod.lab"});
  std::vector<Answer> answers;
  meeting.run([&](Client& client) -> awaitable<void> {
    co_await client.greet("mail.pod.lab", Client::Tls::if_offered);
    const base::MemorySource source(message);
    const Dispatch dispatch{"<>", recipients, source};
    answers = co_await client.send(dispatch);
  });
  ASSERT_EQ(answers.size(), recipients.size());
  for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i].code, i % 2 == 0 ? 250 : 550);
  ASSERT_EQ(meeting.room.taken.size(), 1U);
  EXPECT_EQ(meeting.room.taken[0].recipients.size(), 500U);
}

/// Cuts the connection after each octet of a whole delivery, both ways counted.
TEST(Client, NeverReportsWhatABrokenConnectionDidNotDeliver) {
  std::uint64_t whole = 0;
  std::size_t unknown = 0;
  std::size_t unknown_but_delivered = 0;
  for (std::uint64_t cut = 0; whole == 0; ++cut) {
    ASSERT_LT(cut, 10'000U);
    simulation::Wire wire;
    wire.cut_at = cut;
    Meeting meeting(wire);
    bool ended = false;
    bool data_ended = false;
    std::vector<Answer> answers;
    meeting.run([&](Client& client) -> awaitable<void> {
      try {
        co_await client.greet("mail.pod.lab", Client::Tls::if_offered);
        const base::MemorySource source(message);
        const Dispatch dispatch{"<>", {{"alice@pod.lab"}, {"nobody@pod.lab"}}, source};
        answers = co_await client.send(dispatch);
        ended = true;
      } catch (const std::system_error&) {
        EXPECT_TRUE(client.spent());
      }
      data_ended = client.data_ended();
    });
    const std::size_t taken = meeting.room.taken.size();
    if (ended) {
      EXPECT_FALSE(data_ended);
      EXPECT_EQ(answers.at(0).code, 250);
      EXPECT_EQ(answers.at(1).code, 550);
      EXPECT_EQ(taken, 1U) << "cut at " << cut;
      whole = cut;
    } else if (data_ended) {
      ++unknown;
      unknown_but_delivered += taken;
    } else {
      EXPECT_EQ(taken, 0U) << "cut at " << cut;
    }
    if (taken > 0) EXPECT_EQ(meeting.room.taken[0].octets, message);
  }
  // The block with the dot and the answer to it, and no octet more.
  const std::size_t last_block = message.size() + 2 + 3;
  const std::size_t last_answer = std::string_view("250 2.0.0 taken as 1\r\n").size();
  EXPECT_EQ(unknown, last_block + last_answer);
  EXPECT_EQ(unknown_but_delivered, last_answer);
}

}  // namespace
}  // namespace mailpod::smtp
