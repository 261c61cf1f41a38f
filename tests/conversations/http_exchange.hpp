#pragma once

#include <memory>
#include <string>

#include <boost/asio/io_context.hpp>

#include <mailpod/http/server.hpp>

#include "server_exchange.hpp"
#include "simulation/clock.hpp"
#include "simulation/time.hpp"

namespace mailpod::conversations {

/// Clients of one HTTP server over simulated connections, on simulated time. It has
///
///     GET  /          "hello" and CRLF, with the entity tag "v1"
///     GET  /host      the request's host, and CRLF
///     GET  /large     100 octets
///     GET  /fails     throws
///     POST /echo      what was sent, and CRLF
///
/// and understands
///
///     given <setting> <n>          of http::Settings: durations in seconds, sizes in octets
///     given tls                    connections are under TLS
///     D: <n> seconds pass
class HttpExchange final : public ServerExchange {
public:
  explicit HttpExchange(std::uint64_t wire_seed);
  ~HttpExchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;

private:
  boost::asio::io_context& loop() override { return loop_; }
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool act(std::size_t client, std::string_view words) override;
  void run() override;

  boost::asio::io_context loop_;
  simulation::Clock clock_;
  simulation::Time time_;
  http::Settings settings_;
  http::Router router_;
  http::Server server_;
};

}  // namespace mailpod::conversations
