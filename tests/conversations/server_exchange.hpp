#pragma once

#include <exception>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>

#include "deflate_layer.hpp"
#include "dialogue.hpp"
#include "simulation/stream.hpp"

namespace mailpod::conversations {

/// Clients of one server over simulated connections, all on one thread: what such exchanges have in common. Whoever
/// derives says what serves a connection, and calls hang_up() before that is gone.
///
/// It understands
///
///     D: compress                      from here on this client's octets go through DEFLATE, both ways
///     D: no compress                   and no more
///     D: send raw <octets>             as `C>`, but not through DEFLATE
///     D: end input                     the daemon stops: Stream::end_input
///     D: wait for a word               runs until the server says something by an alarm
///     D: wait for the end              runs until the server closes the connection by a deadline
class ServerExchange : public Exchange {
public:
  void send(std::size_t client, std::string_view octets) override;
  void close(std::size_t client) override;
  std::string receive(std::size_t client) override;
  bool closed(std::size_t client) override;
  void directive(std::size_t client, std::string_view words) override;

protected:
  explicit ServerExchange(std::uint64_t wire_seed) { wire_.seed = wire_seed; }

  virtual boost::asio::io_context& loop() = 0;
  /// One connection, from the greeting on.
  virtual boost::asio::awaitable<void> serve(net::Stream& client) = 0;
  /// Words of D: that the exchange itself does not know; false if nobody does.
  virtual bool act(std::size_t client, std::string_view words) = 0;
  /// All that can be done without time going by.
  virtual void run();

  /// One more client, which sends `early` before the server begins. Its number.
  std::size_t open(std::string early = {});
  /// run(), and what a connection threw.
  void settle();
  void hang_up();

  simulation::Wire wire_;

private:
  struct Connection {
    simulation::Duplex duplex;
    std::string received;
    std::unique_ptr<DeflateLayer> deflate;
    bool server_ended = false;
    std::exception_ptr failure;
  };
  void send_raw(Connection& with, std::string octets);
  Connection& connection(std::size_t client) { return *connections_.at(client - 1); }
  boost::asio::awaitable<void> talk(Connection& with);

  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace mailpod::conversations
