#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <type_traits>
#include <utility>

#include <boost/asio/awaitable.hpp>

#include <mailpod/imap/server.hpp>
#include <mailpod/net/bell.hpp>
#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/output.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/store/session_work.hpp>
#include <mailpod/store/vault.hpp>

#include "answer.hpp"
#include "dialect.hpp"
#include "request.hpp"
#include "view.hpp"

namespace mailpod::imap {

using boost::asio::awaitable;

struct CommandRow;

enum class Access { read_only, read_write };

/// What there is only in the selected state. RFC 3501 §3.3.
struct Selected {
  Selected(store::MailboxId the_id, Access the_access, std::shared_ptr<const store::MailboxState> state)
      : id(the_id), access(the_access), view(std::move(state)) {}

  store::MailboxId id;
  Access access;
  View view;
};

/// What there is only after login.
struct LoggedIn {
  std::shared_ptr<store::OpenVault> open;
  std::shared_ptr<void> subscription;  ///< rings the session's bell at each change, and when the vault is closed
};

/// One client's conversation, from greeting to close. Loop.
class Session {
public:
  Session(net::Stream& stream, const Server::Ports& ports, const Settings& settings);

  awaitable<void> converse();

  // What commands work with.

  net::Stream& stream() { return stream_; }
  Output& out() { return out_; }
  RequestReader& requests() { return requests_; }
  const Server::Ports& ports() const { return ports_; }
  const Settings& settings() const { return dialect_.settings; }
  const Dialect& dialect() const { return dialect_; }
  Enabled& enabled() { return dialect_.enabled; }

  /// Neither is there in states whose commands have no use for it.
  store::Vault& vault() { return logged_in_->open->vault(); }
  Selected& selected() { return *selected_; }
  std::shared_ptr<store::OpenVault> open_vault() { return logged_in_->open; }
  bool is_logged_in() const { return logged_in_.has_value(); }
  bool has_selected() const { return selected_.has_value(); }

  /// Opens the member's vault; the session is then authenticated.
  awaitable<Status> log_in(sasl::Login login);
  void select(Selected selected) { selected_.emplace(std::move(selected)); }
  void unselect() { selected_.reset(); }
  /// The conversation ends after this command's answer; LOGOUT sent its BYE already.
  void leave() { leaving_ = true; }
  /// The conversation ends with `* BYE`, instead of this command's answer.
  void say_bye(std::string text);
  /// TLS begins once this command's answer was sent.
  void start_tls_after_answer() { wants_tls_ = true; }

  /// The answer for an error; a closed vault also ends the conversation.
  Answer answer_for(const boost::system::error_code& error);

  /// The message that the present command's request announced; APPEND reads it.
  const std::optional<AnnouncedMessage>& announced_message() const { return announced_message_; }

  /// Blocking reads: `work` returns a Result or Status. What the disk fails at becomes its error.
  template <class F>
  awaitable<std::invoke_result_t<F&>> on_pool(F work);
  /// Changes, in the vault's order.
  template <class F>
  awaitable<std::invoke_result_t<F&>> on_lane(F work);

  /// Takes the newest version of the selected mailbox into the view, telling nothing yet but new keywords. Each command
  /// begins so: what it shows is new, while the numbers that the client used keep their meaning.
  void look();
  /// Looks, and tells the client what it does not know.
  awaitable<void> announce(Expunges expunges, Shown shown);
  /// The vault was closed: revoked, or the server stops.
  bool vault_is_closed() const;

private:
  enum class Turn { go_on, end };

  awaitable<void> talk();
  awaitable<Turn> take_turn();
  Turn refuse(const Refusal& refusal);
  awaitable<void> start_tls();
  awaitable<void> perform(Request& request);
  awaitable<void> answer(const std::string& tag, const CommandRow* row, Answer answer);
  awaitable<void> say_goodbye(std::string text);
  std::optional<std::string> farewell_for(const std::system_error& failure) const;
  void hear_bell();
  std::chrono::milliseconds patience() const;
  bool awaits_message(std::string_view text) const;
  RequestReader::Limits limits() const;
  void count(Answer::Kind kind);

  net::Stream& stream_;
  const Server::Ports& ports_;
  Dialect dialect_;
  Output out_;
  RequestReader requests_;
  net::Dismissal dismissal_;
  net::Bell bell_;
  const std::chrono::microseconds begun_;
  std::optional<LoggedIn> logged_in_;
  std::optional<Selected> selected_;
  std::optional<AnnouncedMessage> announced_message_;
  std::optional<std::string> bye_;
  bool leaving_ = false;
  bool wants_tls_ = false;
  unsigned failures_ = 0;  // before login all, afterwards in a row
  unsigned strangers_commands_ = 0;
};

// ------------------------------------------------------------------------------------------------------------------

template <class F>
awaitable<std::invoke_result_t<F&>> Session::on_pool(F work) {
  return store::on_pool(logged_in_->open, work);
}

template <class F>
awaitable<std::invoke_result_t<F&>> Session::on_lane(F work) {
  return store::on_lane(logged_in_->open, work);
}

}  // namespace mailpod::imap
