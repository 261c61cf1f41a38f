#include <mailpod/net/deflating_stream.hpp>

#include <gtest/gtest.h>

#include "on_loop.hpp"
#include "simulation/stream.hpp"

namespace mailpod::net {
namespace {

/// Two ends that compress, over a simulated connection.
class DeflatingStreamTest : public testing::Test {
protected:
  void SetUp() override {
    client_.begin();
    server_.begin();
  }

  void send(std::string_view octets) {
    run_on(loop_, [&]() -> awaitable<void> { co_await client_.write(octets); });
  }

  std::string receive(std::size_t count) {
    std::string all;
    run_on(loop_, [&]() -> awaitable<void> {
      std::string room(1000, '\0');
      while (all.size() < count) {
        const std::span<char> wanted(room.data(), std::min(room.size(), count - all.size()));
        const auto received = co_await server_.read_some(wanted);
        if (received == 0) co_return;
        all.append(room, 0, received);
      }
    });
    return all;
  }

  Wake wait(std::chrono::milliseconds limit = std::chrono::milliseconds(0)) {
    auto wake = Wake::rung;
    run_on(loop_, [&]() -> awaitable<void> { wake = co_await server_.wait_input(limit); });
    return wake;
  }

  bool can_end() {
    bool can = false;
    run_on(loop_, [&]() -> awaitable<void> { can = co_await server_.can_end(std::chrono::milliseconds(0)); });
    return can;
  }

  void send_raw(std::string_view octets) {
    run_on(loop_, [&]() -> awaitable<void> { co_await duplex_.client->write(octets); });
  }

  boost::asio::io_context loop_;
  simulation::Duplex duplex_ = simulation::make_duplex(loop_.get_executor());
  DeflatingStream client_{*duplex_.client};
  DeflatingStream server_{*duplex_.server};
};

TEST_F(DeflatingStreamTest, CarriesWhatItIsGiven) {
  std::string large;
  for (unsigned i = 0; i < 200'000; ++i) large += static_cast<char>(i * i % 251);
  send("a1 NOOP\r\n");
  EXPECT_EQ(receive(9), "a1 NOOP\r\n");
  send(std::string_view(large).substr(0, 60'000));
  EXPECT_EQ(receive(60'000), large.substr(0, 60'000));
  EXPECT_LT(duplex_.transcript->of(simulation::Transcript::From::client).size(), 30'000U);
}

TEST_F(DeflatingStreamTest, GivesABombByTheReadersMeasure) {
  const std::string zeros(64'000, '\0');
  for (int i = 0; i < 20; ++i) send(zeros);
  EXPECT_LT(duplex_.transcript->of(simulation::Transcript::From::client).size(), 10'000U);
  for (int i = 0; i < 1'280; ++i) EXPECT_EQ(receive(1'000).size(), 1'000U);
  EXPECT_EQ(wait(), Wake::timeout);
}

TEST_F(DeflatingStreamTest, DoesNotTakeAnEmptyBlockForInput) {
  EXPECT_EQ(wait(), Wake::timeout);
  const std::string empty_block("\x00\x00\x00\xff\xff", 5);
  send_raw(empty_block);
  EXPECT_EQ(wait(), Wake::timeout);
  send("x");
  EXPECT_EQ(wait(), Wake::input);
  EXPECT_EQ(wait(), Wake::input);
  EXPECT_EQ(receive(1), "x");
  EXPECT_EQ(wait(), Wake::timeout);
  server_.ring();
  EXPECT_EQ(wait(), Wake::rung);
}

TEST_F(DeflatingStreamTest, ForgetsBetweenBatchesWhatItSaid) {
  const std::string secret = "the same long words, said twice, one batch after the other";
  const auto sent = [&] { return duplex_.transcript->of(simulation::Transcript::From::client).size(); };
  const auto say = [&] {
    const auto before = sent();
    send(secret);
    EXPECT_EQ(receive(secret.size()), secret);
    return sent() - before;
  };
  const auto first = say();
  EXPECT_LT(say(), first);
  run_on(loop_, [&]() -> awaitable<void> { co_await client_.wait_input(std::chrono::milliseconds(0)); });
  EXPECT_EQ(say(), first);
}

TEST_F(DeflatingStreamTest, EndsWithItsPeer) {
  send("bye");
  duplex_.client->abort();
  EXPECT_EQ(receive(10), "bye");
  EXPECT_EQ(wait(), Wake::input);
}

TEST_F(DeflatingStreamTest, RefusesWhatIsNotDeflate) {
  send_raw("\xff\xff\xff\xff");
  EXPECT_THROW(receive(1), std::system_error);
}

TEST_F(DeflatingStreamTest, EndsWhereTheFlushOfWhatWasReadEnds) {
  send("x");
  EXPECT_FALSE(can_end());  // it is not read yet
  EXPECT_EQ(receive(1), "x");
  EXPECT_TRUE(can_end());
  server_.end();
  EXPECT_FALSE(server_.is_active());
  send_raw("plain");
  EXPECT_EQ(receive(5), "plain");
  server_.begin();
  client_.end();
  client_.begin();
  send("again");
  EXPECT_EQ(receive(5), "again");
}

TEST_F(DeflatingStreamTest, CannotEndWhereTheFlushIsNotThereYet) {
  send_raw(std::string_view("\x00\x01\x00\xfe\xffx", 6));  // a block, and no flush
  EXPECT_EQ(receive(1), "x");
  EXPECT_FALSE(can_end());
  send_raw(std::string_view("\x00\x00\x00\xff", 4));
  EXPECT_FALSE(can_end());
  send_raw("\xff");
  EXPECT_TRUE(can_end());
  send("more");
  EXPECT_FALSE(can_end());
}

TEST_F(DeflatingStreamTest, CanEndWithTheLastBlockAndNothingBehindIt) {
  send_raw(std::string_view("\x01\x01\x00\xfe\xffx", 6));
  EXPECT_EQ(receive(1), "x");
  EXPECT_TRUE(can_end());
}

TEST_F(DeflatingStreamTest, CannotEndWhereSomethingFollowsTheLastBlock) {
  send_raw(std::string_view("\x01\x01\x00\xfe\xffxplain", 11));
  EXPECT_EQ(receive(1), "x");
  EXPECT_FALSE(can_end());
}

TEST(ADeflatingStream, IsPlainUntilItBegins) {
  boost::asio::io_context loop;
  auto duplex = simulation::make_duplex(loop.get_executor());
  DeflatingStream client(*duplex.client);
  EXPECT_FALSE(client.is_active());
  run_on(loop, [&]() -> awaitable<void> { co_await client.write("plain"); });
  EXPECT_EQ(duplex.transcript->of(simulation::Transcript::From::client), "plain");
}

}  // namespace
}  // namespace mailpod::net
