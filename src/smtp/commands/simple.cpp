#include <mailpod/text/ascii.hpp>
#include <mailpod/text/unicode.hpp>

#include "../commands.hpp"

/// The commands that need no file of their own.
namespace mailpod::smtp {

// RFC 5321 §4.1.1.5
awaitable<Reply> run_rset(Session& session, std::string_view) {
  session.forget_transaction();
  co_return Reply(250, "2.0.0", "ok");
}

// RFC 5321 §4.1.1.6 and §3.5.3: who asks learns nothing that RCPT would not say, with its limits.
awaitable<Reply> run_vrfy(Session& session, std::string_view arguments) {
  if (arguments.empty()) {
    ++session.patience.errors;
    co_return Reply(501, "5.5.4", "whom?");
  }
  // RFC 6531 §3.7.4.2: with SMTPUTF8 the answer could name a mailbox in UTF-8; ours names none.
  const std::string_view last = arguments.substr(arguments.rfind(' ') + 1);
  if (!text::is_utf8(arguments) || text::starts_with_fold(last, "SMTPUTF8=")) {
    ++session.patience.errors;
    co_return Reply(501, "5.5.4", "VRFY takes UTF-8, and SMTPUTF8 no value");
  }
  co_return Reply(252, "2.1.5", "cannot verify, but will take mail and try");
}

// RFC 5321 §4.1.1.7: optional, and a list's members are nobody's business.
awaitable<Reply> run_expn(Session& session, std::string_view) {
  ++session.patience.errors;
  co_return Reply(502, "5.5.1", "not implemented");
}

// RFC 5321 §4.1.1.8
awaitable<Reply> run_help(Session& session, std::string_view) {
  std::string verbs;
  for (const Command& command : commands()) {
    // RFC 2033 §4.1: the two protocols differ in how a client greets.
    const bool other_greeting =
        session.is_lmtp() ? command.run == run_ehlo || command.run == run_helo : command.run == run_lhlo;
    const bool refused = command.run == run_xclient && !session.offers_xclient();
    if (!other_greeting && !refused) verbs.append(verbs.empty() ? "" : " ").append(command.verb);
  }
  Reply reply(214, "2.0.0", "this is Mailpod; it knows");
  reply.add(std::move(verbs));
  co_return reply;
}

// RFC 5321 §4.1.1.9
awaitable<Reply> run_noop(Session&, std::string_view) {
  co_return Reply(250, "2.0.0", "ok");
}

// RFC 5321 §4.1.1.10
awaitable<Reply> run_quit(Session&, std::string_view) {
  co_return Reply(221, "2.0.0", "bye", Next::close);
}

}  // namespace mailpod::smtp
