#include "commands.hpp"

// RFC 2342: one personal namespace; nobody else's mailboxes, none that are shared.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  session.out().line(R"(* NAMESPACE (("" "/")) NIL NIL)");
  co_return ok("NAMESPACE completed");
}

}  // namespace

awaitable<Answer> namespace_(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
