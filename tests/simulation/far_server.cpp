#include "simulation/far_server.hpp"

#include <algorithm>

#include <mailpod/text/ascii.hpp>

namespace mailpod::simulation {

using net::awaitable;

struct FarServer::Session {
  Session(FarServer& of, std::unique_ptr<net::Stream> over) : server(of), stream(std::move(over)), lines(*stream) {
    ++server.sessions;
    server.peak_sessions = std::max(server.peak_sessions, ++*open);
    number = server.sessions;
  }
  ~Session() { --*open; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  awaitable<void> say(std::string reply) {
    reply += "\r\n";
    co_await stream->write(reply);
  }

  /// Until the client has had enough.
  awaitable<void> be_silent() {
    stream->set_timeout(std::chrono::hours(24 * 365));
    while (true) {
      const net::Line line = co_await lines.read_line(1000);
      if (line.kind == net::Line::Kind::closed) break;
    }
  }

  FarServer& server;
  std::shared_ptr<std::size_t> open = server.open_sessions_;
  std::unique_ptr<net::Stream> stream;
  net::LineReader lines;
  std::size_t number = 0;
  std::size_t mails = 0;
  bool in_transaction = false;
  Mail mail{};
};

void FarServer::listen(Network& network, const std::string& address, std::uint16_t port) {
  network.listen({address, port}, [this](std::unique_ptr<net::Stream> stream) { return serve(std::move(stream)); });
}

std::size_t FarServer::copies_for(const std::string& address) const {
  std::size_t copies = 0;
  for (const Mail& mail : mails) copies += static_cast<std::size_t>(std::ranges::count(mail.recipients, address));
  return copies;
}

awaitable<void> FarServer::serve(std::unique_ptr<net::Stream> stream) {
  Session session(*this, std::move(stream));
  if (breaks == Breaks::on_connect) co_return;
  if (silent_at == "GREETING") {
    co_await session.be_silent();
    co_return;
  }
  std::string hello = open_sessions() > most_sessions ? "421 4.7.0 too many connections" : greeting;
  co_await session.say(hello);
  if (!hello.starts_with('2')) co_return;
  while (true) {
    net::Line line = co_await session.lines.read_line(2000);
    if (line.kind != net::Line::Kind::complete) co_return;
    std::string text = std::move(line.text);
    const bool goes_on = co_await answer(session, std::move(text));
    if (!goes_on) break;
  }
  co_await session.stream->close();
}

awaitable<bool> FarServer::answer(Session& session, std::string line) {
  const std::string verb = text::upper(line.substr(0, 4));
  verbs.push_back(verb);
  commands.push_back(line);
  if (on_command) on_command(verb);
  if (verb == silent_at) {
    co_await session.be_silent();
    co_return false;
  }
  const std::size_t open = line.find('<');
  const std::string path = open == std::string::npos ? "" : line.substr(open + 1, line.find('>') - open - 1);
  std::string reply = "250 2.0.0 ok";
  if (verb == "EHLO") {
    reply = "far.example";
    for (const auto& offer : offers) reply += "\r\n250-" + offer;
    reply = "250-" + reply + "\r\n250 HELP";
  } else if (verb == "STAR") {
    co_await session.say("220 2.0.0 go ahead");
    co_await session.stream->start_tls();
    co_return true;
  } else if (verb == "MAIL") {
    if (breaks == Breaks::at_mail) co_return false;
    reply = ++session.mails > mails_per_session ? "421 4.7.0 enough for one connection" : mail_reply;
    session.mail = {path, {}, {}, session.number, session.stream->secure()};
    session.in_transaction = reply.starts_with('2');
  } else if (verb == "RCPT") {
    if (breaks == Breaks::at_rcpt) co_return false;
    const auto special = rcpt_replies.find(path);
    if (special != rcpt_replies.end()) reply = special->second;
    if (session.mail.recipients.size() >= most_recipients) reply = "452 4.5.3 too many recipients";
    if (!session.in_transaction) reply = "503 5.5.1 MAIL first";
    if (reply.starts_with('2')) session.mail.recipients.push_back(path);
  } else if (verb == "DATA") {
    if (breaks == Breaks::at_data) co_return false;
    if (session.mail.recipients.empty()) {
      reply = "503 5.5.1 no recipients";
    } else {
      const bool goes_on = co_await take_message(session);
      co_return goes_on;
    }
  } else if (verb == "QUIT") {
    co_await session.say("221 2.0.0 bye");
    co_return false;
  }
  co_await session.say(reply);
  co_return !reply.starts_with("421");
}

awaitable<bool> FarServer::take_message(Session& session) {
  co_await session.say("354 go");
  if (breaks == Breaks::within_message) co_return false;
  while (true) {
    net::Line line = co_await session.lines.read_line(100'000);
    if (line.kind != net::Line::Kind::complete) co_return false;
    if (line.text == ".") break;
    if (line.text.starts_with('.')) line.text.erase(0, 1);
    session.mail.octets += line.text + "\r\n";
  }
  if (on_command) on_command("DOT");
  const bool taken = last_reply.starts_with('2');
  if (taken) mails.push_back(session.mail);
  const std::size_t number = mails.size();
  if (breaks == Breaks::before_last_answer) co_return false;
  if (silent_at == "DOT") {
    co_await session.be_silent();
    co_return false;
  }
  co_await session.say(last_reply);
  if (taken) mails[number - 1].answered_at = session.stream->now();
  co_return true;
}

}  // namespace mailpod::simulation
