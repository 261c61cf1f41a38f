#include "../grammar.hpp"
#include "../listing.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.4, RFC 9051 §6.3.5.
namespace mailpod::imap::commands {
namespace {

struct Delete {
  NamedMailbox mailbox;
};

text::Parsed<Delete> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_named_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return Delete{std::move(*mailbox)};
}

awaitable<Answer> run(Session& session, const Delete& command) {
  auto& vault = session.vault();
  const auto change = [&] { return vault.delete_mailbox(command.mailbox.name); };
  const auto done = co_await session.on_lane(change);
  if (done.has_error() && done.error() == store::Errc::mailbox_not_deletable && command.mailbox.name != "INBOX") {
    co_return no("[HASCHILDREN] This name only has mailboxes below it");
  }
  if (done.has_error()) co_return session.answer_for(done.error());
  const ListResponse gone{"\\NonExistent", command.mailbox.name};
  write_old_name(session.out().text(), command.mailbox.as_given, gone, session.dialect());
  co_return ok("DELETE completed");
}

}  // namespace

awaitable<Answer> delete_(Session& session, text::Cursor in) {
  return parse_and_run<Delete>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
