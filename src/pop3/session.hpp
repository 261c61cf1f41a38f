#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/bell.hpp>
#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/lines.hpp>
#include <mailpod/net/output.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/pop3/server.hpp>
#include <mailpod/sasl/authentication.hpp>
#include <mailpod/store/session_work.hpp>

#include "maildrop.hpp"
#include "reply.hpp"

namespace mailpod::pop3 {

using boost::asio::awaitable;

/// What there is only in the TRANSACTION state. RFC 1939 §5.
struct Transaction {
  std::shared_ptr<store::OpenVault> open;
  std::shared_ptr<void> subscription;  ///< rings the session's bell when the vault is closed
  Maildrop maildrop;
};

/// One client's conversation, from greeting to close. Loop.
class Session {
public:
  Session(net::Stream& stream, const Server::Ports& ports, const Settings& settings);

  awaitable<void> converse();

  // What commands work with.

  net::Stream& stream() { return stream_; }
  net::Output& out() { return out_; }
  net::LineReader& lines() { return lines_; }
  const Server::Ports& ports() const { return ports_; }
  const Settings& settings() const { return settings_; }

  bool is_logged_in() const { return transaction_.has_value(); }
  /// Neither is there in the AUTHORIZATION state, whose commands have no use for it.
  std::shared_ptr<store::OpenVault> open_vault() { return transaction_->open; }
  store::Vault& vault() { return transaction_->open->vault(); }
  Maildrop& maildrop() { return transaction_->maildrop; }

  /// What USER said, until PASS takes it.
  std::optional<std::string>& user() { return user_; }

  /// Opens the member's vault, and takes INBOX as it is now for the maildrop: the TRANSACTION state.
  awaitable<Reply> enter(sasl::Login login);
  /// The reply for a login that ends with `error`; says so in the log.
  Reply reply_for_login(const boost::system::error_code& error);
  /// The reply for an error of the vault; a closed one also ends the conversation.
  Reply reply_for_vault(const boost::system::error_code& error);
  /// The conversation ends after this command's reply.
  void leave() { leaving_ = true; }
  /// TLS begins once this command's reply was sent.
  void start_tls_after_reply() { wants_tls_ = true; }

  /// What is said from here to end_lines() is a response of several lines: should the conversation end within it,
  /// nothing more may be said, for the client would take it for one of these lines.
  void begin_lines(std::string_view status);
  void end_lines();
  /// The same where the last line was written already.
  void end_message() { within_lines_ = false; }

private:
  enum class Turn { go_on, end };

  awaitable<void> talk();
  awaitable<Turn> take_turn();
  awaitable<Turn> take_line(net::Line line);
  awaitable<Reply> perform(std::string_view line);
  awaitable<void> start_tls();
  awaitable<Status> open(sasl::Login login);
  void say(const Reply& reply);
  void count(Reply::Kind kind);
  awaitable<void> say_goodbye(std::string text);
  std::optional<std::string> farewell_for(const std::system_error& failure) const;
  void hear_bell();
  bool vault_is_closed() const { return transaction_ && transaction_->open->closed(); }
  std::chrono::milliseconds patience() const;

  net::Stream& stream_;
  const Server::Ports& ports_;
  const Settings& settings_;
  net::Output out_;
  net::LineReader lines_;
  net::Dismissal dismissal_;
  net::Bell bell_;
  const std::chrono::microseconds begun_;
  std::optional<Transaction> transaction_;
  std::optional<std::string> user_;
  std::optional<std::string> farewell_;
  bool within_lines_ = false;
  bool leaving_ = false;
  bool wants_tls_ = false;
  unsigned failures_ = 0;  // before login all, afterwards in a row
  unsigned strangers_commands_ = 0;
};

}  // namespace mailpod::pop3
