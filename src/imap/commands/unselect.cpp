#include "commands.hpp"

// RFC 3691.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  session.unselect();
  co_return ok("UNSELECT completed");
}

}  // namespace

awaitable<Answer> unselect(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
