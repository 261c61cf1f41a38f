#include "commands.hpp"

// RFC 1939 §6: what DELE marked goes now, and at no other time.
namespace mailpod::pop3::commands {
namespace {

awaitable<Reply> run(Session& session, const NoArguments&) {
  session.leave();
  if (!session.is_logged_in()) co_return ok("Goodbye");
  const auto marked = session.maildrop().marked();
  if (marked.empty()) co_return ok("Goodbye");
  auto& vault = session.vault();
  const auto mailbox = session.maildrop().mailbox();
  const auto change = [&] { return vault.expunge(mailbox, marked, store::Vault::Expunge::all); };
  auto changing = store::on_lane(session.open_vault(), change);
  const auto expunged = co_await std::move(changing);
  // What another session removed meanwhile is gone all the same.
  if (expunged.has_error()) co_return session.reply_for_vault(expunged.error());
  co_return ok("Goodbye, what was marked is deleted");
}

}  // namespace

awaitable<Reply> quit(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
