#include <mailpod/text/ascii.hpp>

#include "../grammar.hpp"
#include "commands.hpp"

// RFC 2177. The session sleeps until the client says DONE, the vault's bell rings, or the autologout time is over.
namespace mailpod::imap::commands {
namespace {

/// Tells what is new until the client sends something.
awaitable<net::Wake> watch(Session& session) {
  auto wake = net::Wake::rung;
  while (wake == net::Wake::rung && !session.vault_is_closed()) {
    co_await session.announce(Expunges::announced, Shown::flags);
    co_await session.out().flush();
    wake = co_await session.requests().lines().wait_input(session.settings().idle_timeout);
  }
  co_return wake;
}

awaitable<Answer> run(Session& session, const NoArguments&) {
  session.out().line("+ idling");
  const auto wake = co_await watch(session);
  if (session.vault_is_closed()) {
    session.say_bye("The mail store was closed");
    co_return no("IDLE ended");
  }
  if (wake == net::Wake::timeout) {
    session.say_bye("Idle for too long");
    co_return no("IDLE ended");
  }
  const auto line = co_await session.requests().lines().read_line(session.settings().line, net::Overlong::stop);
  if (line.kind == net::Line::Kind::closed) session.leave();
  if (line.kind == net::Line::Kind::too_long) session.say_bye("The line is too long");
  // Who forgets DONE may have sent a message as well, whose octets would be taken for commands.
  const auto mark = literal_mark_at_end(line.text);
  if (mark && !mark->synchronizing) session.say_bye("What follows cannot be told apart from commands");
  if (line.kind != net::Line::Kind::complete || !text::equal_fold(line.text, "DONE")) co_return bad("Expected DONE");
  co_return ok("IDLE completed");
}

}  // namespace

awaitable<Answer> idle(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
