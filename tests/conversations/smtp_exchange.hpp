#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <mailpod/smtp/server.hpp>

#include "dialogue.hpp"
#include "simulation/clock.hpp"
#include "simulation/stream.hpp"

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
///     D: end input                     the daemon stops: Stream::end_input
///     D: wait for a word               runs until the server says something by an alarm
///     D: wait for the end              runs until the server closes the connection by a deadline
///
/// and leaves other words to `more`.
class SmtpExchange : public Exchange {
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
  void send(std::size_t client, std::string_view octets) override;
  void close(std::size_t client) override;
  std::string receive(std::size_t client) override;
  bool closed(std::size_t client) override;
  void directive(std::size_t client, std::string_view words) override;

protected:
  void settle();
  simulation::Clock clock_;

private:
  struct Connection;
  void set(std::string_view name, std::uint64_t value);

  World world_;
  boost::asio::io_context loop_;
  smtp::Settings settings_;
  smtp::Role role_ = smtp::Role::exchange;
  simulation::Wire wire_;
  std::string sent_before_greeting_;
  std::vector<std::unique_ptr<Connection>> connections_;
};

}  // namespace mailpod::conversations
