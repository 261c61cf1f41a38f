#include "commands.hpp"

// RFC 8437: back to before the login, on the same connection.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  if (session.settings().unauthenticates == 0) co_return bad("Unknown command");
  session.log_out();
  co_return ok("UNAUTHENTICATE completed");
}

}  // namespace

awaitable<Answer> unauthenticate(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
