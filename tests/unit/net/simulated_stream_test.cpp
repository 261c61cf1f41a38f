#include "simulation/stream.hpp"

#include <gtest/gtest.h>

#include "on_loop.hpp"

namespace mailpod::simulation {
namespace {

using net::awaitable;
using net::Wake;

std::string read_all(boost::asio::io_context& loop, net::Stream& stream, std::vector<std::size_t>* sizes = nullptr) {
  std::string all;
  net::run_on(loop, [&]() -> awaitable<void> {
    std::string room(1000, '\0');
    while (true) {
      const std::size_t count = co_await stream.read_some(room);
      if (count == 0) co_return;
      if (sizes != nullptr) sizes->push_back(count);
      all.append(room, 0, count);
    }
  });
  return all;
}

void write(boost::asio::io_context& loop, net::Stream& stream, std::string_view octets) {
  net::run_on(loop, [&]() -> awaitable<void> { co_await stream.write(octets); });
}

TEST(SimulatedStream, CarriesOctetsAndRemembersThem) {
  boost::asio::io_context loop;
  auto duplex = make_duplex(loop.get_executor());
  write(loop, *duplex.server, "220 hi\r\n");
  write(loop, *duplex.client, "EHLO ");
  write(loop, *duplex.client, "x\r\n");
  duplex.client->abort();
  EXPECT_EQ(read_all(loop, *duplex.server), "EHLO x\r\n");
  ASSERT_EQ(duplex.transcript->pieces.size(), 2U);
  EXPECT_EQ(duplex.transcript->pieces[1].octets, "EHLO x\r\n");
  EXPECT_EQ(duplex.transcript->of(Transcript::From::server), "220 hi\r\n");
}

TEST(SimulatedStream, CutsPiecesAsItsSeedSays) {
  std::vector<std::vector<std::size_t>> runs;
  for (const std::uint64_t seed : {1U, 1U, 2U}) {
    boost::asio::io_context loop;
    Wire wire;
    wire.seed = seed;
    auto duplex = make_duplex(loop.get_executor(), wire);
    const std::string octets(200, 'x');
    write(loop, *duplex.client, octets);
    duplex.client->abort();
    runs.emplace_back();
    EXPECT_EQ(read_all(loop, *duplex.server, &runs.back()), octets);
    for (const std::size_t size : runs.back()) EXPECT_LE(size, wire.max_piece);
  }
  EXPECT_EQ(runs[0], runs[1]);
  EXPECT_NE(runs[0], runs[2]);
}

TEST(SimulatedStream, BreaksAtTheOctetItWasToldTo) {
  for (std::uint64_t cut = 0; cut < 10; ++cut) {
    boost::asio::io_context loop;
    Wire wire;
    wire.cut_at = cut;
    auto duplex = make_duplex(loop.get_executor(), wire);
    EXPECT_THROW(write(loop, *duplex.client, "0123456789"), std::system_error);
    EXPECT_EQ(duplex.transcript->of(Transcript::From::client).size(), cut);
    EXPECT_THROW(read_all(loop, *duplex.server), std::system_error);
  }
}

TEST(SimulatedStream, EndsOrFallsSilentWithoutTheWriterNoticing) {
  for (const Cut how : {Cut::ends, Cut::falls_silent}) {
    boost::asio::io_context loop;
    Wire wire;
    wire.cut_at = 4;
    wire.cut = how;
    auto duplex = make_duplex(loop.get_executor(), wire);
    duplex.server->set_timeout(std::chrono::milliseconds(10));
    write(loop, *duplex.client, "0123456789");
    write(loop, *duplex.server, "lost");
    EXPECT_EQ(duplex.transcript->of(Transcript::From::client), "0123");
    EXPECT_EQ(duplex.transcript->of(Transcript::From::server), "");
    if (how == Cut::ends) {
      EXPECT_EQ(read_all(loop, *duplex.server), "0123");
      EXPECT_EQ(read_all(loop, *duplex.client), "");
    } else {
      EXPECT_THROW(read_all(loop, *duplex.server), std::system_error) << "silence is no end";
    }
  }
}

TEST(SimulatedStream, WakesLikeARealOne) {
  boost::asio::io_context loop;
  auto duplex = make_duplex(loop.get_executor());
  const auto wait = [&] {
    Wake wake{};
    net::run_on(loop,
                [&]() -> awaitable<void> { wake = co_await duplex.server->wait_input(std::chrono::milliseconds(20)); });
    return wake;
  };
  EXPECT_EQ(wait(), Wake::timeout);
  boost::asio::post(loop, [&] { duplex.server->ring(); });
  EXPECT_EQ(wait(), Wake::rung);
  write(loop, *duplex.client, "x");
  EXPECT_EQ(wait(), Wake::input);
}

TEST(SimulatedStream, ClaimsTlsFromTheBeginningOrAfterStartTls) {
  boost::asio::io_context loop;
  Wire wire;
  auto duplex = make_duplex(loop.get_executor(), wire);
  EXPECT_FALSE(duplex.server->secure());
  net::run_on(loop, [&]() -> awaitable<void> { co_await duplex.server->start_tls(); });
  EXPECT_TRUE(duplex.server->secure());
  EXPECT_EQ(duplex.server->tls().version, "TLSv1.3");
  wire.secure = true;
  EXPECT_TRUE(make_duplex(loop.get_executor(), wire).server->secure());
}

TEST(SimulatedStream, TimesOutLikeARealOne) {
  boost::asio::io_context loop;
  auto duplex = make_duplex(loop.get_executor());
  duplex.server->set_timeout(std::chrono::milliseconds(10));
  EXPECT_THROW(read_all(loop, *duplex.server), std::system_error);
}

}  // namespace
}  // namespace mailpod::simulation
