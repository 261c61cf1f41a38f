#include "../grammar.hpp"
#include "../status_items.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.10, RFC 9051 §6.3.11.
namespace mailpod::imap::commands {
namespace {

struct StatusOf {
  std::string mailbox;
  StatusItems asked;
};

text::Parsed<StatusOf> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  if (!in.take_space()) return in.error("SP and a list of status items");
  auto asked = parse_status_items(in, dialect);
  if (asked.has_error()) return asked.error();
  return StatusOf{std::move(*mailbox), std::move(*asked)};
}

awaitable<Answer> run(Session& session, const StatusOf& status) {
  const auto mailbox = session.vault().state()->find(status.mailbox);
  if (!mailbox) co_return no("[NONEXISTENT] No such mailbox");
  if (!mailbox->selectable) co_return no("[CANNOT] This name only has mailboxes below it");
  auto writing = write_status(session, *mailbox, status.asked);
  const auto written = co_await std::move(writing);
  if (written.has_error()) co_return session.answer_for(written.error());
  co_return ok("STATUS completed");
}

}  // namespace

awaitable<Answer> status(Session& session, text::Cursor in) {
  return parse_and_run<StatusOf>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
