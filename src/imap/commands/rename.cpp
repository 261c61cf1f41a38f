#include "../grammar.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.5.
namespace mailpod::imap::commands {
namespace {

struct Rename {
  std::string from;
  std::string to;
};

text::Parsed<Rename> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto from = parse_mailbox(in, dialect);
  if (from.has_error()) return from.error();
  if (!in.take_space()) return in.error("SP and the new name");
  auto to = parse_mailbox(in, dialect);
  if (to.has_error()) return to.error();
  return Rename{std::move(*from), std::move(*to)};
}

awaitable<Answer> run(Session& session, const Rename& rename) {
  auto& vault = session.vault();
  const auto change = [&] { return vault.rename_mailbox(rename.from, rename.to); };
  const auto renamed = co_await session.on_lane(change);
  if (renamed.has_error()) co_return session.answer_for(renamed.error());
  co_return ok("RENAME completed");
}

}  // namespace

awaitable<Answer> rename(Session& session, text::Cursor in) {
  return parse_and_run<Rename>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
