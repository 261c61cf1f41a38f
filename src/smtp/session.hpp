#pragma once

#include <concepts>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include <mailpod/net/bell.hpp>
#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/lines.hpp>
#include <mailpod/smtp/mailroom.hpp>
#include <mailpod/smtp/server.hpp>

#include "chunked_message.hpp"
#include "reply.hpp"
#include "status_for.hpp"

namespace mailpod::smtp {

using boost::asio::awaitable;

/// From an accepted MAIL to the end of DATA, RSET or another greeting; outside of it there is none. RFC 5321 §3.3.
struct Transaction {
  Mailbox reverse_path;
  MailParameters parameters;
  std::vector<Addressee> recipients{};
  std::unique_ptr<ChunkedMessage> chunks{};  ///< from the first BDAT on
};

/// What a session has used up of Settings' patience.
struct Patience {
  std::size_t errors = 0;
  std::size_t refused_recipients = 0;
  std::size_t surplus_recipients = 0;
  std::size_t idle_commands = 0;
  std::size_t failed_logins = 0;
  std::size_t messages = 0;
  std::uint64_t refused_octets = 0;  ///< of chunks that were refused, and read nevertheless
};

/// One client's session: what the commands work on.
class Session {
public:
  Session(net::Stream& session_stream, Role role, const Settings& session_settings, Services session_services);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// The whole conversation. Throws the stream's failures.
  awaitable<void> converse();

  /// Adds a reply to those that wait. They go out together when the session would wait for the client (RFC 2920 §3.2).
  awaitable<void> say(const Reply& reply);
  awaitable<void> flush();

  /// Whether the client has sent something that it should not have sent yet. RFC 2920 §3.1, RFC 3207 §4.2.
  awaitable<bool> client_runs_ahead();

  /// MAIL, RCPT, AUTH … make no sense before EHLO; a new one forgets everything since. RFC 5321 §4.1.4.
  void greet(std::string_view helo, bool extended);
  /// What RSET leaves: nothing of a transaction.
  void forget_transaction();
  /// The client is another than it was, `helo` of it known or empty: nothing that was said before counts.
  void speak_for(std::string_view address, std::string_view helo);
  Reply welcome() const;
  /// TLS has begun: nothing that was said before counts. RFC 3207 §4.2.
  void forget_everything();
  /// From now on the session is the member's, as long as the login stands; then it is dismissed.
  void log_in(sasl::Login login, std::string_view name);
  bool dismissed() const { return dismissal_.begun(); }

  /// Whether who is really at the other end may speak for others.
  bool offers_xclient() const { return net::any_contains(settings.xclient, stream.peer().address); }
  bool is_lmtp() const { return peer.role == Role::lmtp; }
  bool is_submission() const { return peer.role == Role::submission; }
  /// To members alone: what happened to mail of others is told by their own servers. docs/decisions/0051.
  bool offers_dsn() const { return is_submission(); }
  bool offers_require_tls() const { return peer.tls && !is_lmtp(); }
  bool offers_auth() const { return is_submission() && peer.tls; }
  bool offers_starttls() const { return !is_lmtp() && !peer.tls && stream.offers_tls(); }

  net::Stream& stream;
  net::LineReader lines;
  const Settings& settings;
  Services services;
  Peer peer;
  std::optional<Transaction> transaction;
  /// What the last MAIL was answered, if that was no. A client that sends RCPT regardless shows its person the last
  /// answer (Alpine 2.26, 2022), so it hears this one again.
  std::optional<Reply> refused_mail;
  /// A chunk of the last transaction was refused, which ended it; those that were sent ahead are still to come.
  bool chunks_refused = false;
  Patience patience;

private:
  awaitable<bool> greeting();
  awaitable<Reply> answer(net::Line line);
  void note_tls();
  void look_at_login();
  std::size_t line_limit() const;
  std::optional<Reply> out_of_patience(const Reply& reply) const;

  std::string waiting_;
  std::string told_helo_;  ///< what a proxy says that its client said; stands for what the proxy says itself
  net::Dismissal dismissal_;
  net::Bell bell_;  ///< rung when the login may stand no longer
  std::shared_ptr<void> watch_;
};

/// What the Mailroom answers; a failure of the machine while it works becomes its Errc, so that the peer hears 451 or
/// 452 and not silence.
template <class T>
awaitable<Result<T>> answer_of(awaitable<Result<T>> question) {
  std::optional<Errc> failed;
  try {
    co_return co_await std::move(question);
  } catch (const std::system_error& failure) {
    failed = errc_for(failure);
  }
  co_return Result<T>(make_error_code(*failed));
}

}  // namespace mailpod::smtp
