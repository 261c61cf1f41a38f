#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <mailpod/net/lines.hpp>

#include "simulation/network.hpp"

namespace mailpod::simulation {

/// A mail server of somebody else's, as well or badly behaved as the test wants. It keeps what it accepted.
class FarServer {
public:
  /// Where a connection breaks.
  enum class Breaks { nowhere, on_connect, at_mail, at_rcpt, at_data, within_message, before_last_answer };

  // How it behaves, from the next command on. Replies are whole, without their CRLF.
  std::string greeting = "220 far.example ESMTP";
  std::vector<std::string> offers{"8BITMIME", "PIPELINING"};
  std::string mail_reply = "250 2.1.0 ok";
  std::map<std::string, std::string> rcpt_replies;  ///< by address; others are accepted
  std::string last_reply = "250 2.0.0 taken";
  Breaks breaks = Breaks::nowhere;
  std::string silent_at;                     ///< this verb, or DOT, is never answered; GREETING: nor any
  std::size_t most_recipients = SIZE_MAX;    ///< of a message
  std::size_t most_sessions = SIZE_MAX;      ///< further ones are greeted with 421
  std::size_t mails_per_session = SIZE_MAX;  ///< then MAIL is answered 421
  std::function<void(const std::string& verb)> on_command;

  struct Mail {
    std::string reverse_path;
    std::vector<std::string> recipients;
    std::string octets;
    std::size_t session;  ///< the how manieth of this server, from 1
    bool secure;
    /// When the client was told that it was taken, by the clock of the connection; nothing if it never was.
    std::optional<std::chrono::steady_clock::time_point> answered_at = std::nullopt;
  };
  std::vector<Mail> mails;            ///< taken, in order
  std::vector<std::string> verbs;     ///< heard, in order
  std::vector<std::string> commands;  ///< heard, in order, whole
  std::size_t sessions = 0;           ///< begun
  std::size_t peak_sessions = 0;
  std::size_t open_sessions() const { return *open_sessions_; }
  /// How often an address stands in what was taken.
  std::size_t copies_for(const std::string& address) const;

  void listen(Network& network, const std::string& address, std::uint16_t port = 25);

private:
  struct Session;
  net::awaitable<void> serve(std::unique_ptr<net::Stream> stream);
  net::awaitable<bool> answer(Session& session, std::string line);
  net::awaitable<bool> take_message(Session& session);

  // A session may end with the loop, after the server.
  std::shared_ptr<std::size_t> open_sessions_ = std::make_shared<std::size_t>(0);
};

}  // namespace mailpod::simulation
