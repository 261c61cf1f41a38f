#include "commands.hpp"

// RFC 8437: back to before the login, on the same connection.
namespace mailpod::imap::commands {
namespace {

/// Compression ends as well: RFC 8437 §4.1. What the client says next is plain, so it waits for the answer.
awaitable<void> end_compression(Session& session) {
  constexpr std::chrono::seconds for_the_flush{5};
  auto looking = session.stream().can_end(for_the_flush);
  const bool can_end = co_await std::move(looking);
  if (can_end && session.requests().lines().buffered().empty()) {
    session.end_compression_after_answer();
  } else {
    session.say_bye("Where compression ends cannot be told");
  }
}

awaitable<Answer> run(Session& session, const NoArguments&) {
  if (session.settings().unauthenticates == 0) co_return bad("Unknown command");
  session.log_out();
  if (session.stream().is_active()) co_await end_compression(session);
  co_return ok("UNAUTHENTICATE completed");
}

}  // namespace

awaitable<Answer> unauthenticate(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
