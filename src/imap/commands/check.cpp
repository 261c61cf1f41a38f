#include "commands.hpp"

// RFC 3501 §6.4.1: a checkpoint. Every change but of flags is durable when it is answered; CHECK makes these durable
// too.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  auto& vault = session.vault();
  const auto flush = [&]() -> Status {
    vault.flush();
    return {};
  };
  const auto flushed = co_await session.on_lane(flush);
  if (flushed.has_error()) co_return session.answer_for(flushed.error());
  co_return ok("CHECK completed");
}

}  // namespace

awaitable<Answer> check(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
