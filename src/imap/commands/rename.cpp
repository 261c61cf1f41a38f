#include "../grammar.hpp"
#include "../listing.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.5, RFC 9051 §6.3.6.
namespace mailpod::imap::commands {
namespace {

struct Rename {
  NamedMailbox from;
  NamedMailbox to;
};

text::Parsed<Rename> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto from = parse_named_mailbox(in, dialect);
  if (from.has_error()) return from.error();
  if (!in.take_space()) return in.error("SP and the new name");
  auto to = parse_named_mailbox(in, dialect);
  if (to.has_error()) return to.error();
  return Rename{std::move(*from), std::move(*to)};
}

/// If one of the names is kept in another spelling, the client hears what became of what it named.
void tell_of_spelling(Session& session, const Rename& rename) {
  if (rename.from.as_given == rename.from.name && rename.to.as_given == rename.to.name) return;
  const auto state = session.vault().state();
  const auto mailbox = state->find(rename.to.name);
  if (!mailbox) return;  // another session has renamed or deleted it meanwhile
  const auto attributes = attributes_of(*state, *mailbox);
  write_old_name(session.out().text(), rename.from.as_given, {attributes, mailbox->name}, session.dialect());
}

awaitable<Answer> run(Session& session, const Rename& rename) {
  auto& vault = session.vault();
  const auto change = [&] { return vault.rename_mailbox(rename.from.name, rename.to.name); };
  const auto renamed = co_await session.on_lane(change);
  if (renamed.has_error()) co_return session.answer_for(renamed.error());
  tell_of_spelling(session, rename);
  co_return ok("RENAME completed");
}

}  // namespace

awaitable<Answer> rename(Session& session, text::Cursor in) {
  return parse_and_run<Rename>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
