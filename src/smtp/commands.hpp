#pragma once

#include <span>
#include <string_view>

#include "session.hpp"

namespace mailpod::smtp {

/// One verb. A new one is a row here and a file in commands/.
struct Command {
  /// When it makes sense; checked once for all commands, in this order.
  enum Needs : unsigned {
    nothing = 0,
    greeting = 1,     ///< EHLO or HELO came before
    login = 2,        ///< TLS and AUTH came before, under Role::submission
    transaction = 4,  ///< MAIL was accepted
    no_transaction = 8,
    no_arguments = 16,
    no_chunks = 32,  ///< no BDAT came since MAIL. RFC 3030 §2
  };
  std::string_view verb;
  unsigned needs;
  /// Moves no mail: so many of them without a message in between end the session.
  bool idles;
  /// `arguments` are what follows the verb and a space, without trailing white space: printable ASCII or UTF-8.
  awaitable<Reply> (*run)(Session& session, std::string_view arguments);
};

/// In the order of RFC 5321 §4.1.1, then the extensions.
std::span<const Command> commands();

/// Whether the line's verb is `verb`, in any case.
bool is_command(std::string_view line, std::string_view verb);

/// What is missing of what `needs` asks for, as the reply that says so.
std::optional<Reply> missing(unsigned wanted, const Session& session, std::string_view arguments);

/// Finds the row, checks what it needs, runs it, counts refusals.
awaitable<Reply> run_command(Session& session, std::string_view line);

awaitable<Reply> run_ehlo(Session& session, std::string_view arguments);
awaitable<Reply> run_lhlo(Session& session, std::string_view arguments);
awaitable<Reply> run_helo(Session& session, std::string_view arguments);
awaitable<Reply> run_mail(Session& session, std::string_view arguments);
awaitable<Reply> run_rcpt(Session& session, std::string_view arguments);
awaitable<Reply> run_data(Session& session, std::string_view arguments);
awaitable<Reply> run_bdat(Session& session, std::string_view arguments);
awaitable<Reply> run_rset(Session& session, std::string_view arguments);
awaitable<Reply> run_vrfy(Session& session, std::string_view arguments);
awaitable<Reply> run_expn(Session& session, std::string_view arguments);
awaitable<Reply> run_help(Session& session, std::string_view arguments);
awaitable<Reply> run_noop(Session& session, std::string_view arguments);
awaitable<Reply> run_quit(Session& session, std::string_view arguments);
awaitable<Reply> run_starttls(Session& session, std::string_view arguments);
awaitable<Reply> run_xclient(Session& session, std::string_view arguments);
awaitable<Reply> run_auth(Session& session, std::string_view arguments);

}  // namespace mailpod::smtp
