#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include <mailpod/smtp/client.hpp>

#include "dialogue.hpp"
#include "simulation/clock.hpp"
#include "simulation/stream.hpp"
#include "simulation/time.hpp"

namespace mailpod::conversations {

/// The SMTP client before a server that is the dialogue, over a simulated connection in simulated time. It does what
/// the queue does: hears the greeting, sends the given message, and waits with the connection open; a server that
/// refuses it is left with QUIT, and a connection that is over is closed.
///
/// It understands
///
///     given message <octets>           with the escapes of `S>`; else a small one
///     given an empty message
///     given sender <address>           else carol@client.example
///     given recipients <a>, <b>        else alice@pod.lab
///     given recipient <a> NOTIFY=… ORCPT=…
///     given envelope RET=… ENVID=…
///     given smtputf8                   the message's header needs SMTPUTF8
///     given requiretls
///     given a policy demands <encrypted or authenticated>
///     given a certificate of somebody else
///     given setting <name> <number>    of smtp::ClientSettings; times in milliseconds
///     given no tls                     the handshake has just failed with this server
///     given handshake fails
///     D: tls                           the server begins the handshake
///     D: secure with <name>            TLS is on; the client has asked for that name
///     D: in clear
///     D: <n> seconds pass
///     D: send <octets>                 another message; without octets the same again
///     D: quit
///     D: the connection breaks
///     D: greeted <answer>              what greet() came back with
///     D: <recipient> is told <answer>  `nothing` where the last message's fate is open to us; `by us` behind `told`
///                                      where we decided without asking
///     D: breaks off: <why>             the operation threw, and the message was not taken
///     D: breaks off in doubt: <why>    … and whether it was taken cannot be known
///     D: goes on                       the connection is good for another message
class SmtpClientExchange final : public Exchange {
public:
  explicit SmtpClientExchange(std::uint64_t wire_seed);
  ~SmtpClientExchange() override;

  void given(std::string_view words) override;
  void connect(std::size_t client) override;
  void send(std::size_t client, std::string_view octets) override;
  void close(std::size_t client) override;
  std::string receive(std::size_t client) override;
  bool closed(std::size_t client) override;
  void directive(std::size_t client, std::string_view words) override;

private:
  using Work = boost::asio::awaitable<void> (SmtpClientExchange::*)();

  void set(std::string_view name, std::uint64_t value);
  bool act(std::string_view words);
  void check(std::string_view words);
  void check_failure(std::string_view words);
  std::string told(std::string_view recipient) const;

  void begin(Work work);
  boost::asio::awaitable<void> greet_and_send();
  boost::asio::awaitable<void> hand_over();
  boost::asio::awaitable<void> leave();
  void settle();

  boost::asio::io_context loop_;
  simulation::Clock clock_;
  simulation::Time time_{loop_, clock_};
  simulation::Wire wire_;
  simulation::Duplex duplex_;
  std::string received_;

  smtp::ClientSettings settings_;
  smtp::Client::Tls tls_ = smtp::Client::Tls::if_offered;
  std::string message_ = "Subject: hello\r\n\r\nHello.\r\n";
  std::string sender_ = "carol@client.example";
  std::vector<smtp::DispatchRecipient> recipients_ = {{"alice@pod.lab"}};
  std::string envelope_id_;
  std::string return_content_;
  bool smtp_utf8_ = false;
  bool require_tls_ = false;
  smtp::Protection protection_ = smtp::Protection::any;

  std::unique_ptr<smtp::Client> client_;
  bool busy_ = false;
  bool closed_ = false;
  std::optional<smtp::Answer> greeted_;
  std::vector<std::optional<smtp::Answer>> answers_;
  std::string failure_;  ///< why the last operation threw
};

}  // namespace mailpod::conversations
