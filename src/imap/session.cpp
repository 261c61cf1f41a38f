#include "session.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <mailpod/net/error.hpp>

#include "capabilities.hpp"
#include "command.hpp"
#include "grammar.hpp"
#include "status_for.hpp"

namespace mailpod::imap {
namespace {

bool allowed(States states, const Session& session) {
  switch (states) {
    case States::any:
      return true;
    case States::not_authenticated:
      return !session.is_logged_in();
    case States::authenticated_or_selected:
      return session.is_logged_in();
    case States::selected:
      return session.has_selected();
  }
  return false;
}

std::string_view why_not(States states) {
  switch (states) {
    case States::not_authenticated:
      return "Already logged in";
    case States::selected:
      return "Select a mailbox first";
    case States::authenticated_or_selected:
    case States::any:
      break;
  }
  return "Log in first";
}

}  // namespace

Session::Session(net::DeflatingStream& stream, const Server::Ports& ports, const Settings& settings)
    : stream_(stream),
      ports_(ports),
      dialect_{settings},
      out_(stream, settings.output),
      requests_(stream, out_, ports.clock),
      dismissal_(stream),
      bell_(stream.executor(), [this] { hear_bell(); }),
      begun_(ports.clock.monotonic()) {}

awaitable<void> Session::converse() {
  std::optional<std::string> farewell;
  try {
    co_await talk();
    farewell = bye_;
  } catch (const std::system_error& failure) {
    farewell = farewell_for(failure);
    if (!farewell) ports_.log.debug("imap session failed reason={}", base::printable(failure.what()));
  }
  if (farewell) co_await say_goodbye(std::move(*farewell));
  co_await stream_.close();
}

/// The text of BYE for what ended the conversation; nothing if the client is not there to read it, or would take it for
/// part of a message.
std::optional<std::string> Session::farewell_for(const std::system_error& failure) const {
  const bool stopped = failure.code() == net::Errc::shutting_down;
  if (store::ends_session(failure.code()) || (stopped && vault_is_closed())) return "The mail store was closed";
  if (stopped) return "The server is shutting down";
  return std::nullopt;
}

/// The mailbox changed; or the vault was closed, and whatever the session is doing has to end.
void Session::hear_bell() {
  if (vault_is_closed()) {
    dismissal_.begin();
  } else {
    stream_.ring();
  }
}

awaitable<void> Session::say_goodbye(std::string text) {
  try {
    stream_.set_timeout(std::chrono::seconds(5));
    out_.line("* BYE " + text);
    co_await out_.flush();
  } catch (const std::system_error& failure) {
    ports_.log.debug("imap session gone before BYE reason={}", base::printable(failure.what()));
  }
}

awaitable<void> Session::talk() {
  stream_.set_timeout(settings().data_timeout);
  out_.line(fmt::format("* OK [CAPABILITY {}] Mailpod is ready", capabilities_of(*this)));
  auto turn = Turn::go_on;
  while (turn == Turn::go_on) {
    // What was pipelined is answered in one write: the reader flushes before it waits for more.
    co_await out_.flush_if_large();
    turn = co_await take_turn();
  }
  co_await out_.flush();
}

/// Until login there is one deadline for all of it; later each pause has its own.
std::chrono::milliseconds Session::patience() const {
  using std::chrono::milliseconds;
  if (is_logged_in()) return settings().idle_timeout;
  const auto used = ports_.clock.monotonic() - begun_;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(settings().login_timeout - used));
}

awaitable<Session::Turn> Session::take_turn() {
  auto wake = net::Wake::rung;
  while (wake == net::Wake::rung) {
    // Revocation must reach a session that just waits.
    if (vault_is_closed()) {
      say_bye("The mail store was closed");
      co_return Turn::end;
    }
    const bool waits = requests_.lines().buffered().empty();
    if (watched_ && waits) co_await tell_unasked();
    if (waits) co_await out_.flush();
    const auto limit = patience();
    wake = co_await requests_.lines().wait_input(limit);
  }
  // A stranger who never falls silent must not stay either.
  if (wake == net::Wake::timeout || patience() == std::chrono::milliseconds(0)) {
    say_bye(is_logged_in() ? "Idle for too long" : "Too long without login");
    co_return Turn::end;
  }
  stream_.set_timeout(std::min<std::chrono::milliseconds>(patience(), settings().data_timeout));
  const RequestReader::AwaitsMessage awaits = [this](std::string_view text) { return awaits_message(text); };
  const auto bounds = request_limits();
  auto received = co_await requests_.next(bounds, awaits);
  if (std::holds_alternative<Gone>(received)) co_return Turn::end;
  if (auto* refusal = std::get_if<Refusal>(&received)) co_return refuse(*refusal);
  co_await perform(std::get<Request>(received));
  if (wants_tls_ && !leaving_) co_await start_tls();
  if (wants_compression_ && !leaving_) co_await start_compression();
  if (wants_no_compression_ && !leaving_) co_await end_compression();
  co_return leaving_ ? Turn::end : Turn::go_on;
}

RequestReader::Limits Session::request_limits() const {
  if (!is_logged_in()) {
    const auto all = settings().command_before_login;
    return {all, all, all, all, begun_ + settings().login_timeout};
  }
  return {.line = settings().line,
          .command = settings().command,
          .literal = settings().literal,
          .unasked_literal = settings().literal};
}

/// RFC 9586 §3.
bool Session::wants_numbers_in_vain(const CommandRow& row) const {
  return dialect_.enabled.uid_only && uses_message_numbers(row);
}

bool Session::awaits_message(std::string_view text) const {
  text::Cursor in(text);
  if (parse_tag(in).has_error() || !in.take_space()) return false;
  const auto* row = find_command(take_command_name(in));
  // Who is refused before it runs reads nothing: its message's octets would be taken for commands.
  const bool runs = row != nullptr && allowed(row->states, *this) && !wants_numbers_in_vain(*row);
  return runs && row->awaits_message != nullptr && row->awaits_message(in, dialect_);
}

/// After STARTTLS was answered. RFC 3501 §6.2.1: nothing that was said in clear counts any more; nothing was kept
/// either.
awaitable<void> Session::start_tls() {
  wants_tls_ = false;
  co_await out_.flush();
  co_await stream_.start_tls();
}

/// After COMPRESS was answered; the answer itself goes as it is. RFC 4978 §3.
awaitable<void> Session::start_compression() {
  wants_compression_ = false;
  co_await out_.flush();
  stream_.begin();
}

/// After UNAUTHENTICATE was answered, which still goes compressed. RFC 8437 §4.1.
awaitable<void> Session::end_compression() {
  wants_no_compression_ = false;
  co_await out_.flush();
  stream_.end();
}

Session::Turn Session::refuse(const Refusal& refusal) {
  out_.line(fmt::format("{} BAD {}", refusal.tag, refusal.reason));
  count(Answer::Kind::bad);
  if (refusal.then == Refusal::Then::close) say_bye("What follows cannot be told apart from commands");
  return leaving_ ? Turn::end : Turn::go_on;
}

awaitable<void> Session::perform(Request& request) {
  text::Cursor in(request.text);
  const auto tag = parse_tag(in);
  if (tag.has_error() || !in.take_space()) {
    out_.line("* BAD Expected a tag and a command");
    count(Answer::Kind::bad);
    co_return;
  }
  const auto* row = find_command(take_command_name(in));
  auto result = bad("Unknown command");
  if (row != nullptr && !allowed(row->states, *this)) {
    result = bad(std::string(why_not(row->states)));
  } else if (row != nullptr && wants_numbers_in_vain(*row)) {
    result = bad("[UIDREQUIRED] Message numbers cannot be used any more");
  } else if (row != nullptr) {
    tag_ = *tag;
    announced_message_ = request.message;
    look();
    result = co_await row->perform(*this, in);
    announced_message_.reset();
  }
  // Passwords and message texts may stand in it.
  crypto::wipe(request.text);
  if (!bye_) co_await answer(*tag, row, std::move(result));
}

awaitable<void> Session::answer(const std::string& tag, const CommandRow* row, Answer answer) {
  if (row != nullptr && answer.kind != Answer::Kind::bad && !leaving_) {
    const auto shown = row->name.starts_with("UID ") ? Shown::uid_and_flags : Shown::flags;
    const auto expunges = keeps_numbers_ ? Expunges::held_back : row->expunges;
    // Whatever NOTIFY says of others' expunges, these are the command's own.
    const auto expunges_itself = [&](std::string_view name) { return row->name.ends_with(name); };
    constexpr std::string_view names[] = {"EXPUNGE", "MOVE", "REPLACE"};
    if (watched_ && std::ranges::any_of(names, expunges_itself)) {
      const Telling own{expunges, shown, dialect_.enabled, 0};
      co_await announce_selected(own);
    }
    co_await announce(expunges, shown);
    add_highest_mod_seq(answer);
  }
  keeps_numbers_ = false;
  out_.line(fmt::format("{} {} {}", tag, word_for(answer.kind), answer.text));
  count(answer.kind);
}

/// Once expunges were told, what is complete now; while something is not told, how far it is complete, whatever MODSEQ
/// a FETCH response had: RFC 7162 §3.2, §3.2.7, §6.
void Session::add_highest_mod_seq(Answer& answer) {
  if (!selected_) return;
  const auto& view = selected_->view;
  const bool told = std::exchange(selected_->expunges_told, false);
  if (!dialect_.enabled.condstore) return;
  if (!told && view.settled() == view.mailbox().highest_mod_seq) return;
  const auto code = fmt::format("[HIGHESTMODSEQ {}]", view.settled().value);
  if (answer.kind == Answer::Kind::ok && !answer.text.starts_with('[')) {
    answer.text = code + ' ' + answer.text;
  } else {
    out_.line("* OK " + code + " So far all is told");
  }
}

void Session::enable_condstore() {
  if (std::exchange(dialect_.enabled.condstore, true) || !selected_) return;
  out_.line(fmt::format("* OK [HIGHESTMODSEQ {}] So far all is told", selected_->view.settled().value));
}

/// Somebody who only fails is guessing, or broken; a stranger who only talks keeps us from our members.
void Session::count(Answer::Kind kind) {
  if (!is_logged_in() && ++strangers_commands_ >= settings().commands_before_login) {
    say_bye("Too many commands without login");
  }
  if (kind == Answer::Kind::ok || (kind == Answer::Kind::no && is_logged_in())) {
    if (is_logged_in()) failures_ = 0;
    return;
  }
  ++failures_;
  const auto limit = is_logged_in() ? settings().bad_after_login : settings().bad_before_login;
  if (failures_ >= limit) say_bye("Too many commands failed");
}

void Session::say_bye(std::string text) {
  if (!bye_) bye_ = std::move(text);
  leaving_ = true;
}

Answer Session::answer_for(const boost::system::error_code& error) {
  if (store::ends_session(error)) say_bye("The mail store was closed");
  return status_for(error);
}

bool Session::vault_is_closed() const {
  return logged_in_ && logged_in_->open->closed();
}

awaitable<Status> Session::log_in(sasl::Login login, std::string name) {
  auto opening = ports_.vaults.open(std::move(login));
  auto opened = co_await std::move(opening);
  if (opened.has_error()) {
    ports_.log.warning("imap cannot open a vault reason={}", base::printable(opened.error().message()));
    co_return opened.error();
  }
  LoggedIn logged_in;
  logged_in.name = std::move(name);
  logged_in.open = std::move(*opened);
  logged_in.subscription = logged_in.open->vault().subscribe(bell_.rope());
  logged_in_ = std::move(logged_in);
  failures_ = 0;
  // It may have been closed before there was anybody to tell.
  if (vault_is_closed()) dismissal_.begin();
  co_return Status{};
}

void Session::log_out() {
  // NO is no answer to it: RFC 8437 §3.
  if (++log_outs_ > settings().unauthenticates) say_bye("Too many logins on one connection");
  selected_.reset();
  watched_.reset();
  annotation_watch_ = {};
  logged_in_.reset();
  ports_.credentials.left();
  dialect_.enabled = {};
  begun_ = ports_.clock.monotonic();
  failures_ = 0;
  strangers_commands_ = 0;
}

}  // namespace mailpod::imap
