#include "commands.hpp"

// RFC 1939 §5.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session& session, const NoArguments&) {
  session.maildrop().unmark_all();
  co_return ok("Nothing is marked as deleted");
}

}  // namespace

awaitable<Reply> rset(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
