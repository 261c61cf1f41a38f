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
#include <mailpod/net/deflating_stream.hpp>
#include <mailpod/net/dismissal.hpp>
#include <mailpod/net/meanwhile.hpp>
#include <mailpod/net/output.hpp>
#include <mailpod/net/stream.hpp>
#include <mailpod/store/session_work.hpp>
#include <mailpod/store/vault.hpp>

#include "annotation_watch.hpp"
#include "answer.hpp"
#include "dialect.hpp"
#include "live_search.hpp"
#include "notifications.hpp"
#include "progress.hpp"
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
  LiveSearches searches;
  bool expunges_told = false;  ///< since the last tagged response
  store::Uid shown_below{};    ///< what the client itself put there is below: no FETCH shows it unasked
};

/// What there is only after login.
struct LoggedIn {
  std::string name;  ///< as the client gave it
  std::shared_ptr<store::OpenVault> open;
  std::shared_ptr<void> subscription;  ///< rings the session's bell at each change, and when the vault is closed
};

/// One client's conversation, from greeting to close. Loop.
class Session {
public:
  Session(net::DeflatingStream& stream, const Server::Ports& ports, const Settings& settings);

  awaitable<void> converse();

  // What commands work with.

  net::DeflatingStream& stream() { return stream_; }
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
  std::optional<store::MailboxId> selected_id() const {
    return selected_ ? std::optional(selected_->id) : std::nullopt;
  }

  /// Opens the member's vault; the session is then authenticated.
  awaitable<Status> log_in(sasl::Login login, std::string name);
  /// Whom the client said it logs in as.
  const std::string& login_name() const { return logged_in_->name; }
  /// As after the greeting, but for TLS: whatever belongs to the member is released as at the end of the conversation.
  /// RFC 8437 §3.
  void log_out();
  void select(Selected selected) { selected_.emplace(std::move(selected)); }
  void unselect() { selected_.reset(); }
  /// Message numbers stand in the present command, whose row does not say so: no EXPUNGE before its answer.
  void keep_numbers() { keeps_numbers_ = true; }
  /// A CONDSTORE enabling command was given; the first tells HIGHESTMODSEQ. RFC 7162 §3.1.
  void enable_condstore();
  /// From now on the client is told of these events, at any time, and of no others. RFC 5465 §3.1.
  void watch(std::unique_ptr<Notifications> watched) { watched_ = std::move(watched); }
  /// What the client knows of annotations, if it wants to know.
  AnnotationWatch& annotation_watch() { return annotation_watch_; }
  /// The conversation ends after this command's answer; LOGOUT sent its BYE already.
  void leave() { leaving_ = true; }
  /// The conversation ends with `* BYE`, instead of this command's answer.
  void say_bye(std::string text);
  /// TLS begins once this command's answer was sent.
  void start_tls_after_answer() { wants_tls_ = true; }
  /// Likewise for compression.
  void compress_after_answer() { wants_compression_ = true; }
  void end_compression_after_answer() { wants_no_compression_ = true; }

  /// The answer for an error; a closed vault also ends the conversation.
  Answer answer_for(const boost::system::error_code& error);

  /// The present command's: responses that name the command they belong to, RFC 4466 §2.6.2.
  const std::string& tag() const { return tag_; }
  /// The message that the present command's request announced; APPEND reads it.
  const std::optional<AnnouncedMessage>& announced_message() const { return announced_message_; }

  /// For commands that read on by themselves, as APPEND does.
  RequestReader::Limits request_limits() const;

  /// Blocking reads: `work` returns a Result or Status. What the disk fails at becomes its error.
  template <class F>
  awaitable<std::invoke_result_t<F&>> on_pool(F work);
  /// Changes, in the vault's order. Whoever waits long for them, or for others' before, is told so every ten seconds:
  /// how far `progress` is, if there is one.
  template <class F>
  awaitable<std::invoke_result_t<F&>> on_lane(F work, Progress* progress = nullptr);

  /// Takes the newest version of the selected mailbox into the view, telling nothing yet but new keywords. Each command
  /// begins so: what it shows is new, while the numbers that the client used keep their meaning.
  void look();
  /// Looks, and tells the client what it does not know and wants to know.
  awaitable<void> announce(Expunges expunges, Shown shown);
  /// The vault was closed: revoked, or the server stops.
  bool vault_is_closed() const;

private:
  enum class Turn { go_on, end };

  void pass_over(const Notifications::Vault& before, const Notifications::Vault& after);
  awaitable<void> announce_selected(const Telling& telling);
  awaitable<void> tell_unasked();
  awaitable<void> talk();
  awaitable<Turn> take_turn();
  Turn refuse(const Refusal& refusal);
  awaitable<void> start_tls();
  awaitable<void> start_compression();
  awaitable<void> end_compression();
  awaitable<void> perform(Request& request);
  awaitable<void> answer(const std::string& tag, const CommandRow* row, Answer answer);
  void add_highest_mod_seq(Answer& answer);
  awaitable<void> say_goodbye(std::string text);
  std::optional<std::string> farewell_for(const std::system_error& failure) const;
  void hear_bell();
  std::chrono::milliseconds patience() const;
  bool wants_numbers_in_vain(const CommandRow& row) const;
  bool awaits_message(std::string_view text) const;
  void count(Answer::Kind kind);

  net::DeflatingStream& stream_;
  const Server::Ports& ports_;
  Dialect dialect_;
  Output out_;
  RequestReader requests_;
  net::Dismissal dismissal_;
  net::Bell bell_;
  std::chrono::microseconds begun_;  // the greeting, or log_out()
  std::optional<LoggedIn> logged_in_;
  std::optional<Selected> selected_;
  std::unique_ptr<Notifications> watched_;  // nullptr: NOTIFY was never given
  AnnotationWatch annotation_watch_;
  std::string tag_;
  std::optional<AnnouncedMessage> announced_message_;
  std::optional<std::string> bye_;
  bool leaving_ = false;
  bool wants_tls_ = false;
  bool wants_compression_ = false;
  bool wants_no_compression_ = false;
  bool keeps_numbers_ = false;
  unsigned failures_ = 0;  // before login all, afterwards in a row
  unsigned strangers_commands_ = 0;
  unsigned log_outs_ = 0;
};

// ------------------------------------------------------------------------------------------------------------------

template <class F>
awaitable<std::invoke_result_t<F&>> Session::on_pool(F work) {
  return store::on_pool(logged_in_->open, work);
}

template <class F>
awaitable<std::invoke_result_t<F&>> Session::on_lane(F work, Progress* progress) {
  const auto keep = logged_in_->open;
  Notifications::Vault before;
  Notifications::Vault after;
  const auto safe = [&] {
    before = keep->vault().state();
    auto result = store::guarded(work);
    after = keep->vault().state();
    return result;
  };
  const auto say = [this, progress] { return progress == nullptr ? tell_of_waiting(*this) : progress->tell_again(); };
  net::Meanwhile meanwhile(stream_, Progress::between, say);
  auto pending = keep->lane().run(safe);
  auto result = co_await std::move(pending);
  co_await meanwhile.end();
  pass_over(before, after);
  co_return result;
}

}  // namespace mailpod::imap
