#include "commands.hpp"

// RFC 3501 §6.1.3.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  session.out().line("* BYE Logging out");
  session.leave();
  co_return ok("LOGOUT completed");
}

}  // namespace

awaitable<Answer> logout(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
