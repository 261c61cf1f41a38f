#include "commands.hpp"

#include <algorithm>
#include <array>

#include <mailpod/text/ascii.hpp>
#include <mailpod/text/cursor.hpp>

namespace mailpod::smtp {

namespace {

using N = Command;

constexpr std::array table = {
    // RFC 5321 §4.1.1
    Command{"EHLO", N::nothing, true, run_ehlo},
    Command{"HELO", N::nothing, true, run_helo},
    Command{"MAIL", N::greeting | N::login | N::no_transaction, false, run_mail},
    Command{"RCPT", N::greeting | N::login | N::transaction | N::no_chunks, false, run_rcpt},
    Command{"DATA", N::greeting | N::login | N::transaction | N::no_arguments | N::no_chunks, false, run_data},
    Command{"RSET", N::no_arguments, true, run_rset},
    Command{"VRFY", N::nothing, true, run_vrfy},
    Command{"EXPN", N::nothing, true, run_expn},
    Command{"HELP", N::nothing, true, run_help},
    Command{"NOOP", N::nothing, true, run_noop},
    Command{"QUIT", N::no_arguments, false, run_quit},
    // RFC 2033 §4.1
    Command{"LHLO", N::nothing, true, run_lhlo},
    // RFC 3030 §2; asks for what it needs itself, for its octets come whatever is missing
    Command{"BDAT", N::nothing, false, run_bdat},
    // RFC 3207 §4
    Command{"STARTTLS", N::greeting | N::no_transaction | N::no_arguments, false, run_starttls},
    // RFC 4954 §4
    Command{"AUTH", N::greeting | N::no_transaction, false, run_auth},
    // Postfix's XCLIENT_README
    Command{"XCLIENT", N::no_transaction, true, run_xclient},
};

// What browsers and request-forging tricks say to a mail port. RFC 5321 knows none of them, and what follows is not
// meant for us: the body of such a request could hold SMTP commands.
constexpr std::array<std::string_view, 7> http_methods = {"GET", "POST", "PUT", "HEAD", "CONNECT", "OPTIONS", "DELETE"};

std::string_view verb_of(std::string_view line) {
  return line.substr(0, line.find(' '));
}

Reply unknown_command(std::string_view verb) {
  const bool http = std::ranges::any_of(http_methods, [&](auto method) { return text::equal_fold(verb, method); });
  if (http) return {500, "5.5.1", "this is a mail server", Next::close};
  return {500, "5.5.1", "command not recognized"};
}

}  // namespace

std::span<const Command> commands() {
  return table;
}

std::optional<Reply> missing(unsigned wanted, const Session& session, std::string_view arguments) {
  const auto needs = [&](Command::Needs need) { return (wanted & need) != 0; };
  if (needs(N::no_arguments) && !arguments.empty()) return Reply(501, "5.5.4", "no arguments allowed");
  if (needs(N::greeting) && session.peer.helo.empty()) return Reply(503, "5.5.1", "say EHLO first");
  if (needs(N::login) && session.is_submission() && !session.peer.login) {
    return Reply(530, "5.7.0", session.peer.tls ? "authentication required" : "must issue a STARTTLS command first");
  }
  if (needs(N::transaction) && !session.transaction)
    return session.refused_mail.value_or(Reply(503, "5.5.1", "say MAIL first"));
  if (needs(N::no_transaction) && session.transaction) return Reply(503, "5.5.1", "not within a mail transaction");
  if (needs(N::no_chunks) && session.transaction && session.transaction->chunks)
    return Reply(503, "5.5.1", "not within a message that comes in chunks");
  return std::nullopt;
}

bool is_command(std::string_view line, std::string_view verb) {
  return text::equal_fold(verb_of(line), verb);
}

awaitable<Reply> run_command(Session& session, std::string_view line) {
  const std::string_view verb = verb_of(line);
  const std::string_view arguments = text::trim(line.substr(verb.size()));
  const bool control = std::ranges::any_of(line, [](char octet) { return text::octets::ctl.contains(octet); });
  if (control) {
    ++session.patience.errors;
    co_return Reply(501, "5.5.2", "control characters are not allowed");
  }
  const auto command =
      std::ranges::find_if(table, [&](const Command& row) { return text::equal_fold(row.verb, verb); });
  if (command == table.end()) {
    ++session.patience.errors;
    co_return unknown_command(verb);
  }
  if (command->idles) ++session.patience.idle_commands;
  if (auto reply = missing(command->needs, session, arguments)) {
    ++session.patience.errors;
    co_return std::move(*reply);
  }
  Reply reply = co_await command->run(session, arguments);
  co_return reply;
}

}  // namespace mailpod::smtp
