#include "commands.hpp"

// RFC 3501 §6.1.2. What it is for, news of the mailbox, every command brings before its answer.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session&, const NoArguments&) {
  co_return ok("NOOP completed");
}

}  // namespace

awaitable<Answer> noop(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
