#include "session.hpp"

#include "commands.hpp"

namespace mailpod::smtp {

namespace {

using namespace std::chrono_literals;

// Replies to a pipelined burst are collected up to this many octets.
constexpr std::size_t most_waiting = 16 * 1024;

Reply not_a_line(const net::Line& line) {
  if (line.kind == net::Line::Kind::too_long) {
    // RFC 4954 §4: an exchange line that is too long has its own code.
    const bool auth = is_command(line.text, "AUTH");
    return {500, auth ? "5.5.6" : "5.5.2", "line too long"};
  }
  // Whoever disagrees with us about where lines end also disagrees about where commands and messages begin; nothing
  // that follows on this connection could be trusted to be what its sender meant.
  return {500, "5.5.2", "lines end with CR LF", Next::close};
}

}  // namespace

Session::Session(net::Stream& session_stream, Role role, const Settings& session_settings, Services session_services)
    : stream(session_stream),
      lines(session_stream),
      settings(session_settings),
      services(session_services),
      dismissal_(session_stream),
      bell_(session_stream.executor(), [this] { look_at_login(); }) {
  peer.role = role;
  peer.address = stream.peer().address;
  stream.set_timeout(settings.timeout);
  note_tls();
}

awaitable<void> Session::converse() {
  const bool welcome = co_await greeting();
  if (!welcome) co_return;

  while (true) {
    // What came ahead of its dismissal is not answered any more.
    if (dismissed()) throw std::system_error(net::make_error_code(net::Errc::shutting_down));
    if (lines.buffered().find('\n') == std::string_view::npos) co_await flush();
    const net::Wake wake = co_await lines.wait_input(settings.timeout);
    if (wake == net::Wake::timeout) throw std::system_error(std::make_error_code(std::errc::timed_out));
    net::Line line = co_await lines.read_line(line_limit());
    if (line.kind == net::Line::Kind::closed) break;

    Reply reply = co_await answer(std::move(line));
    if (auto farewell = out_of_patience(reply)) reply = std::move(*farewell);
    co_await say(reply);
    if (reply.next() == Next::close) break;
  }
  co_await flush();
}

awaitable<bool> Session::greeting() {
  // A client that speaks before it is spoken to does not follow what we say: most are spam engines, some are octets
  // meant for another protocol.
  const net::Wake wake = co_await lines.wait_input(settings.greeting_pause);
  if (wake == net::Wake::input) {
    char octet;
    const std::size_t count = co_await lines.read_some(std::span(&octet, 1));
    if (count == 0) co_return false;
    co_await say(Reply(554, "5.5.0", "you spoke before the greeting", Next::close));
    co_await flush();
    co_return false;
  }
  const Reply words = welcome();
  co_await say(words);
  co_return true;
}

awaitable<Reply> Session::answer(net::Line line) {
  if (line.kind != net::Line::Kind::complete) {
    ++patience.errors;
    co_return not_a_line(line);
  }
  if (line.text.size() > settings.command_line && !is_command(line.text, "AUTH")) {
    ++patience.errors;
    co_return Reply(500, "5.5.2", "line too long");
  }
  Reply reply = co_await run_command(*this, line.text);
  co_return reply;
}

std::optional<Reply> Session::out_of_patience(const Reply& reply) const {
  if (reply.next() == Next::close) return std::nullopt;
  const auto farewell = [](std::string_view enhanced, std::string text) {
    return Reply(421, enhanced, std::move(text), Next::close);
  };
  if (patience.errors >= settings.errors) return farewell("4.7.0", "too many errors");
  if (patience.failed_logins >= settings.logins) return farewell("4.7.0", "too many failed logins");
  if (patience.refused_recipients >= settings.refused_recipients)
    return farewell("4.7.0", "too many unknown recipients");
  // A list of some thousand recipients may be pipelined in good faith, and is cut at the limit.
  if (patience.surplus_recipients >= 10 * settings.recipients) return farewell("4.5.3", "too many recipients");
  if (patience.idle_commands >= settings.idle_commands) return farewell("4.7.0", "too many commands without mail");
  return std::nullopt;
}

awaitable<void> Session::say(const Reply& reply) {
  waiting_ += reply.str();
  if (waiting_.size() > most_waiting) co_await flush();
}

awaitable<void> Session::flush() {
  if (waiting_.empty()) co_return;
  const std::string out = std::exchange(waiting_, {});
  co_await stream.write(out);
}

awaitable<bool> Session::client_runs_ahead() {
  // The peer's closing counts as input too; the next read then finds out.
  const net::Wake wake = co_await lines.wait_input(0ms);
  co_return wake == net::Wake::input;
}

void Session::forget_transaction() {
  transaction.reset();
  refused_mail.reset();
  chunks_refused = false;
}

void Session::greet(std::string_view helo, bool extended) {
  forget_transaction();
  peer.helo = told_helo_.empty() ? helo : told_helo_;
  peer.extended = extended;
}

void Session::speak_for(std::string_view address, std::string_view helo) {
  forget_everything();
  if (!address.empty()) peer.address = address;
  told_helo_ = helo;
}

Reply Session::welcome() const {
  return {220, "", settings.host_name + (is_lmtp() ? " LMTP Mailpod" : " ESMTP Mailpod")};
}

void Session::forget_everything() {
  lines.discard();
  forget_transaction();
  peer.helo.clear();
  peer.extended = false;
  peer.login.reset();
  peer.login_name.clear();
  note_tls();
}

void Session::log_in(sasl::Login login, std::string_view name) {
  // Submission reads no mail: the key must not stay in memory as long as a client stays connected.
  login.vault_key.reset();
  watch_ = login.watch(bell_.rope());
  peer.login = std::move(login);
  peer.login_name = name;
  look_at_login();
}

void Session::look_at_login() {
  if (peer.login && !peer.login->stands()) dismissal_.begin();
}

void Session::note_tls() {
  peer.tls = stream.secure();
  const net::TlsInformation tls = stream.tls();
  // "TLSv1.3" is written "TLS1.3" in Received fields.
  peer.tls_version = tls.version.starts_with("TLSv") ? "TLS" + tls.version.substr(4) : tls.version;
  peer.tls_cipher = tls.cipher;
}

std::size_t Session::line_limit() const {
  // Only who may log in is granted the long lines of AUTH.
  return offers_auth() && !peer.login ? settings.auth_line : settings.command_line;
}

}  // namespace mailpod::smtp
