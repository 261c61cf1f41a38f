#include "server_exchange.hpp"

#include <stdexcept>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>

namespace mailpod::conversations {

using boost::asio::awaitable;
using boost::asio::co_spawn;
using boost::asio::detached;

namespace {

awaitable<void> write_all(net::Stream& client, std::string octets) {
  constexpr std::size_t piece = 64 * 1024;
  try {
    for (std::size_t at = 0; at < octets.size(); at += piece) {
      co_await client.write(std::string_view(octets).substr(at, piece));
    }
  } catch (const std::system_error&) {
    // The server has closed: what it said before is what counts.
  }
}

awaitable<void> read_all(net::Stream& client, std::string& received) {
  try {
    while (true) {
      char buffer[4096];
      const std::size_t count = co_await client.read_some(buffer);
      if (count == 0) co_return;
      received.append(buffer, count);
    }
  } catch (const std::system_error&) {
    // Closed by either side.
  }
}

awaitable<void> close_stream(net::Stream& stream) {
  co_await stream.close();
}

}  // namespace

awaitable<void> ServerExchange::talk(Connection& with) {
  try {
    co_await serve(*with.duplex.server);
  } catch (...) {
    with.failure = std::current_exception();
  }
  with.server_ended = true;
  co_await with.duplex.server->close();
}

std::size_t ServerExchange::open(std::string early) {
  connections_.push_back(std::make_unique<Connection>());
  Connection& made = *connections_.back();
  made.duplex = simulation::make_duplex(loop().get_executor(), wire_);
  if (!early.empty()) {
    co_spawn(loop(), write_all(*made.duplex.client, std::move(early)), detached);
    settle();
  }
  co_spawn(loop(), read_all(*made.duplex.client, made.received), detached);
  co_spawn(loop(), talk(made), detached);
  settle();
  return connections_.size();
}

void ServerExchange::run() {
  loop().restart();
  while (loop().poll() > 0) {
  }
}

void ServerExchange::settle() {
  run();
  for (const auto& one : connections_) {
    if (one->failure) std::rethrow_exception(std::exchange(one->failure, nullptr));
  }
}

void ServerExchange::hang_up() {
  for (const auto& one : connections_) {
    one->duplex.client->abort();
    one->duplex.server->abort();
  }
  settle();
  connections_.clear();  // before the loop that their timers belong to
}

void ServerExchange::send(std::size_t client, std::string_view octets) {
  Connection& one = connection(client);
  send_raw(one, one.deflate ? one.deflate->compress(octets) : std::string(octets));
}

void ServerExchange::send_raw(Connection& with, std::string octets) {
  co_spawn(loop(), write_all(*with.duplex.client, std::move(octets)), detached);
  settle();
}

void ServerExchange::close(std::size_t client) {
  co_spawn(loop(), close_stream(*connection(client).duplex.client), detached);
  settle();
}

std::string ServerExchange::receive(std::size_t client) {
  settle();
  Connection& one = connection(client);
  auto received = std::exchange(one.received, {});
  return one.deflate && !received.empty() ? one.deflate->decompress(received) : received;
}

bool ServerExchange::closed(std::size_t client) {
  settle();
  return connection(client).server_ended;
}

void ServerExchange::directive(std::size_t client, std::string_view words) {
  Connection& one = connection(client);
  if (words == "compress") {
    one.deflate = std::make_unique<DeflateLayer>();
  } else if (words == "no compress") {
    one.deflate.reset();
  } else if (words.starts_with("send raw ")) {
    send_raw(one, octets_of(words.substr(9)));
  } else if (words == "end input") {
    one.duplex.server->end_input();
  } else if (words == "wait for the end") {
    loop().restart();
    while (!one.server_ended && loop().run_one() > 0) {
    }
  } else if (words == "wait for a word") {
    loop().restart();
    while (one.received.empty() && loop().run_one() > 0) {
    }
  } else if (!act(client, words)) {
    throw std::runtime_error("do what? " + std::string(words));
  }
  settle();
}

}  // namespace mailpod::conversations
