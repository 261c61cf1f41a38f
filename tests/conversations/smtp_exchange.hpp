#pragma once

#include <functional>
#include <string>

#include <mailpod/smtp/server.hpp>

#include "server_exchange.hpp"
#include "simulation/clock.hpp"

namespace mailpod::conversations {

/// Clients of one SMTP server over simulated connections, all on one thread.
///
/// It understands
///
///     given role submission            (else port 25)
///     given role lmtp
///     given tls                        the connection is secure from the beginning
///     given no certificate             STARTTLS is not offered
///     given setting <name> <number>    of smtp::Settings; times in milliseconds
///     given xclient <network>          who may speak for others; clients are 192.0.2.1
///     given sent before the greeting <line>
///
/// and leaves other words to its World.
class SmtpExchange : public ServerExchange {
public:
  struct World {
    smtp::Mailroom& mailroom;
    sasl::Credentials& credentials;
    /// Words that the exchange itself does not know; false if nobody does. For `given` and `D:`.
    std::function<bool(std::string_view)> given;
    std::function<bool(std::string_view)> directive;
  };
  SmtpExchange(World world, std::uint64_t wire_seed);
  ~SmtpExchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;

protected:
  simulation::Clock clock_;

private:
  boost::asio::io_context& loop() override { return loop_; }
  boost::asio::awaitable<void> serve(net::Stream& client) override;
  bool act(std::size_t client, std::string_view words) override;
  void set(std::string_view name, std::uint64_t value);

  World world_;
  boost::asio::io_context loop_;
  smtp::Settings settings_;
  smtp::Role role_ = smtp::Role::exchange;
  std::string sent_before_greeting_;
};

}  // namespace mailpod::conversations
