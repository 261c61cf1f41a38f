#include "../capabilities.hpp"
#include "commands.hpp"

// RFC 3501 §6.1.1.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  session.out().line("* CAPABILITY " + capabilities_of(session));
  co_return ok("CAPABILITY completed");
}

}  // namespace

awaitable<Answer> capability(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
