#include "session.hpp"

#include <algorithm>

#include <mailpod/crypto/keys.hpp>
#include <mailpod/net/error.hpp>

#include "command.hpp"

namespace mailpod::pop3 {
namespace {

constexpr const char* closed_text = "[SYS/TEMP] The mail store was closed";

}  // namespace

Session::Session(net::Stream& stream, const Server::Ports& ports, const Settings& settings)
    : stream_(stream),
      ports_(ports),
      settings_(settings),
      out_(stream, settings.output),
      lines_(stream),
      dismissal_(stream),
      bell_(stream.executor(), [this] { hear_bell(); }),
      begun_(ports.clock.monotonic()) {}

awaitable<void> Session::converse() {
  std::optional<std::string> farewell;
  try {
    co_await talk();
    farewell = farewell_;
  } catch (const std::system_error& failure) {
    farewell = farewell_for(failure);
    if (!farewell) ports_.log.debug("pop3 session failed reason={}", base::printable(failure.what()));
  }
  if (farewell && !within_lines_) co_await say_goodbye(std::move(*farewell));
  co_await stream_.close();
}

/// What the client finds as the answer to its next command.
std::optional<std::string> Session::farewell_for(const std::system_error& failure) const {
  const bool stopped = failure.code() == net::Errc::shutting_down;
  if (store::ends_session(failure.code()) || (stopped && vault_is_closed())) return closed_text;
  if (stopped) return "[SYS/TEMP] The server is shutting down";
  return std::nullopt;
}

/// The vault was closed, and whatever the session is doing has to end. What changed in it is nothing to this session.
void Session::hear_bell() {
  if (vault_is_closed()) dismissal_.begin();
}

awaitable<void> Session::say_goodbye(std::string text) {
  try {
    stream_.set_timeout(std::chrono::seconds(5));
    out_.line("-ERR " + text);
    co_await out_.flush();
  } catch (const std::system_error& failure) {
    ports_.log.debug("pop3 session gone before its end reason={}", base::printable(failure.what()));
  }
}

awaitable<void> Session::talk() {
  stream_.set_timeout(settings_.data_timeout);
  // No timestamp, so no APOP: it needs passwords that the server can read.
  out_.line("+OK Mailpod is ready");
  auto turn = Turn::go_on;
  while (turn == Turn::go_on) {
    // What was pipelined is answered in one write, but waits for no command of which only the beginning has come.
    if (lines_.buffered().find('\n') == std::string_view::npos) {
      co_await out_.flush();
    } else {
      co_await out_.flush_if_large();
    }
    turn = co_await take_turn();
  }
  co_await out_.flush();
}

/// Until login there is one deadline for all of it; later each pause has its own.
std::chrono::milliseconds Session::patience() const {
  using std::chrono::milliseconds;
  if (is_logged_in()) return settings_.idle_timeout;
  const auto used = ports_.clock.monotonic() - begun_;
  return std::max(milliseconds(0), std::chrono::ceil<milliseconds>(settings_.login_timeout - used));
}

awaitable<Session::Turn> Session::take_turn() {
  if (vault_is_closed()) {
    farewell_ = closed_text;
    co_return Turn::end;
  }
  // Nobody rings here: what others do to the vault is nothing to this session, and begins no wait anew.
  const auto wake = co_await lines_.wait_input(patience());
  // RFC 1939 §3: without a word, and without removing anything. A stranger who never falls silent must not stay either.
  if (wake == net::Wake::timeout || patience() == std::chrono::milliseconds(0)) co_return Turn::end;
  stream_.set_timeout(std::min<std::chrono::milliseconds>(patience(), settings_.data_timeout));
  const auto room = is_logged_in() ? settings_.line : settings_.line_before_login;
  auto line = co_await lines_.read_line(room, net::Overlong::stop);
  auto taking = take_line(std::move(line));
  co_return co_await std::move(taking);
}

awaitable<Session::Turn> Session::take_line(net::Line line) {
  Reply reply;
  switch (line.kind) {
    case net::Line::Kind::closed:
      co_return Turn::end;
    case net::Line::Kind::too_long:
      farewell_ = "The command is too long";
      co_return Turn::end;
    case net::Line::Kind::bare_lf:
    case net::Line::Kind::bare_cr:
      reply = bad("A line ends with CR LF, and holds neither alone");
      break;
    case net::Line::Kind::complete:
      reply = co_await perform(line.text);
      break;
  }
  // Passwords may stand in it.
  crypto::wipe(line.text);
  if (farewell_) co_return Turn::end;
  say(reply);
  count(reply.kind);
  if (wants_tls_ && !leaving_) co_await start_tls();
  co_return leaving_ ? Turn::end : Turn::go_on;
}

awaitable<Reply> Session::perform(std::string_view line) {
  text::Cursor in(line);
  const auto* row = find_command(in.take_while(text::octets::alpha));
  if (row == nullptr) co_return bad("Unknown command");
  if (row->states == States::authorization && is_logged_in()) co_return bad("Already logged in");
  if (row->states == States::transaction && !is_logged_in()) co_return bad("Log in first");
  auto performing = row->perform(*this, in);
  co_return co_await std::move(performing);
}

/// After STLS was answered. RFC 2595 §4: nothing that was said in clear counts any more.
awaitable<void> Session::start_tls() {
  wants_tls_ = false;
  user_.reset();
  co_await out_.flush();
  co_await stream_.start_tls();
}

void Session::say(const Reply& reply) {
  if (reply.kind == Reply::Kind::given) return;
  out_.line((reply.kind == Reply::Kind::ok ? "+OK " : "-ERR ") + reply.text);
}

/// Somebody who only fails is guessing, or broken; a stranger who only talks keeps us from our members.
void Session::count(Reply::Kind kind) {
  if (leaving_) return;
  if (!is_logged_in() && ++strangers_commands_ >= settings_.commands_before_login) {
    farewell_ = "Too many commands without login";
    leaving_ = true;
  }
  const bool failed = kind == Reply::Kind::bad || (kind == Reply::Kind::err && !is_logged_in());
  if (!failed) {
    if (is_logged_in()) failures_ = 0;
    return;
  }
  ++failures_;
  if (failures_ < (is_logged_in() ? settings_.bad_after_login : settings_.bad_before_login)) return;
  farewell_ = "Too many commands failed";
  leaving_ = true;
}

void Session::begin_lines(std::string_view status) {
  out_.text() += "+OK ";
  out_.line(status);
  within_lines_ = true;
}

void Session::end_lines() {
  out_.line(".");
  within_lines_ = false;
}

awaitable<Reply> Session::enter(sasl::Login login) {
  const auto member = login.member.str();
  const auto alert = login.alert;
  auto opening = sasl::with_failures(open(std::move(login)));
  const auto opened = co_await std::move(opening);
  if (opened.has_error()) co_return reply_for_login(opened.error());
  ports_.log.info("pop3 login member={} client={}", member, stream_.peer().address);
  co_return ok(alert.empty() ? "Logged in" : alert);
}

awaitable<Status> Session::open(sasl::Login login) {
  auto opening = ports_.vaults.open(std::move(login));
  auto opened = co_await std::move(opening);
  if (opened.has_error()) {
    ports_.log.warning("pop3 cannot open a vault reason={}", base::printable(opened.error().message()));
    co_return opened.error();
  }
  auto inbox = (*opened)->vault().state()->find("INBOX");
  if (!inbox) co_return boost::system::error_code(store::Errc::damaged);
  auto subscription = (*opened)->vault().subscribe(bell_.rope());
  transaction_.emplace(Transaction{std::move(*opened), std::move(subscription), Maildrop(std::move(inbox))});
  failures_ = 0;
  // It may have been closed before there was anybody to tell.
  if (vault_is_closed()) dismissal_.begin();
  co_return Status{};
}

Reply Session::reply_for_login(const boost::system::error_code& error) {
  const auto client = stream_.peer().address;
  if (error.category() == sasl::credentials_category()) {
    ports_.log.info("pop3 login refused client={} reason={}", client, error.message());
  } else if (!store::ends_session(error)) {
    ports_.log.error("pop3 login failed client={} reason={}", client, base::printable(error.message()));
  }
  return reply_for(error);
}

Reply Session::reply_for_vault(const boost::system::error_code& error) {
  if (store::ends_session(error)) farewell_ = closed_text;
  return reply_for(error);
}

}  // namespace mailpod::pop3
