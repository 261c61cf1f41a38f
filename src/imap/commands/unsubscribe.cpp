#include "../grammar.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.7, RFC 9051 §6.3.8.
namespace mailpod::imap::commands {
namespace {

struct Unsubscribe {
  std::string mailbox;
};

text::Parsed<Unsubscribe> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return Unsubscribe{std::move(*mailbox)};
}

awaitable<Answer> run(Session& session, const Unsubscribe& command) {
  auto& vault = session.vault();
  const auto change = [&] { return vault.unsubscribe_mailbox(command.mailbox); };
  const auto done = co_await session.on_lane(change);
  if (done.has_error()) co_return session.answer_for(done.error());
  co_return ok("UNSUBSCRIBE completed");
}

}  // namespace

awaitable<Answer> unsubscribe(Session& session, text::Cursor in) {
  return parse_and_run<Unsubscribe>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
