#include "smtp_session.hpp"

#include <charconv>
#include <system_error>

#include <mailpod/net/error.hpp>
#include <mailpod/text/base64.hpp>

namespace mailpod::world {
namespace {

constexpr std::size_t longest_line = 2'000;

std::string dot_stuffed(std::string_view octets) {
  std::string out;
  bool at_begin = true;
  for (const char octet : octets) {
    if (at_begin && octet == '.') out += '.';
    out += octet;
    at_begin = octet == '\n';
  }
  return out;
}

}  // namespace

SmtpSession::SmtpSession(std::unique_ptr<net::Stream> stream, Witness& witness, std::string who)
    : stream_(std::move(stream)), lines_(*stream_), witness_(witness), who_(std::move(who)) {
  stream_->set_timeout(std::chrono::minutes(10));
}

awaitable<void> SmtpSession::begin() {
  co_await hear("(connection)", "220");
  co_await ask("EHLO client.example", "250");
}

awaitable<void> SmtpSession::start_tls(bool at_once) {
  if (!at_once) {
    const int code = co_await ask("STARTTLS", "220");
    if (code != 220) co_return;
  }
  co_await stream_->start_client_tls("pod.lab");
  if (!at_once) co_await ask("EHLO client.example", "250");
}

awaitable<bool> SmtpSession::log_in(std::string name, std::string password) {
  const std::string claim = std::string(1, '\0') + name + std::string(1, '\0') + password;
  co_await write("AUTH PLAIN " + text::write_base64(claim) + "\r\n");
  const int code = co_await hear("AUTH PLAIN", "235");
  co_return code == 235;
}

awaitable<std::vector<int>> SmtpSession::exchange(std::vector<SmtpCommand> commands) {
  std::string all;
  for (const auto& command : commands) all += command.line + "\r\n";
  co_await write(std::move(all));
  std::vector<int> codes;
  bool trouble = false;
  for (const auto& command : commands) {
    // What follows a command that failed may be refused for that: RCPT without MAIL, DATA without RCPT.
    const std::string expected = trouble ? "" : command.expected;
    const int code = co_await hear(command.line, expected);
    trouble = trouble || (code >= 400 && code < 500);
    codes.push_back(code);
  }
  expect_nothing_more();
  co_return codes;
}

void SmtpSession::expect_nothing_more() {
  const auto more = lines_.buffered();
  // But for 421, or its beginning.
  if (more.substr(0, 3) != std::string_view("421").substr(0, more.size()))
    witness_.accuse(fmt::format("SMTP, {}: a reply to nothing: {}", who_, more));
}

awaitable<int> SmtpSession::ask(std::string line, std::string expected) {
  std::vector<SmtpCommand> one{{std::move(line), std::move(expected)}};
  const std::vector<int> codes = co_await exchange(std::move(one));
  co_return codes.front();
}

awaitable<void> SmtpSession::send_data(std::string octets) {
  std::string stuffed = dot_stuffed(octets);
  co_await write(std::move(stuffed));
}

awaitable<void> SmtpSession::write(std::string octets) {
  co_await stream_->write(octets);
}

awaitable<int> SmtpSession::hear(std::string what, std::string expected) {
  int code = 0;
  bool more = true;
  while (more) {
    const net::Line line = co_await lines_.read_line(longest_line);
    if (line.kind == net::Line::Kind::closed)
      throw std::system_error(net::make_error_code(net::Errc::peer_closed), "smtp");
    std::from_chars(line.text.data(), line.text.data() + line.text.size(), code);
    more = line.text.size() > 3 && line.text[3] == '-';
    last_text = line.text;
  }
  witness_.note("{} C: {} S: {}", who_, what, last_text);
  const auto digits = std::to_string(code);
  const bool trouble = digits.starts_with('4');
  if (!trouble && !digits.starts_with(expected))
    witness_.accuse(fmt::format("SMTP, {}: {} was answered {}", who_, what, last_text));
  // Nothing that was sent after it will be answered.
  if (code == 421) throw std::system_error(net::make_error_code(net::Errc::peer_closed), "smtp");
  co_return code;
}

awaitable<void> SmtpSession::close() {
  co_await ask("QUIT", "221");
  co_await stream_->close();
}

}  // namespace mailpod::world
