#include "../deleted_messages.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.2: expunges silently, then leaves the mailbox.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  const auto id = session.selected().id;
  const auto access = session.selected().access;
  session.unselect();
  const auto uids = deleted_messages(session.vault(), id);
  if (access == Access::read_only || uids.empty()) co_return ok("CLOSE completed");
  auto expunging = expunge_deleted(session, id, uids);
  const auto expunged = co_await std::move(expunging);
  if (expunged.has_error()) co_return session.answer_for(expunged.error());
  co_return ok("CLOSE completed");
}

}  // namespace

awaitable<Answer> close(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
