#include "commands.hpp"

// RFC 1939 §5.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session&, const NoArguments&) {
  co_return ok("Still here");
}

}  // namespace

awaitable<Reply> noop(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
