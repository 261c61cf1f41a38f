#include "../deleted_messages.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.2: expunges silently, then leaves the mailbox. Where it cannot, the mailbox stays selected, and what
// was expunged of it is told.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  const auto id = session.selected().id;
  const auto access = session.selected().access;
  const auto uids = deleted_messages(session.vault(), id);
  if (access == Access::read_write && !uids.empty()) {
    auto expunging = expunge_deleted(session, id, uids);
    const auto expunged = co_await std::move(expunging);
    if (expunged.has_error()) co_return session.answer_for(expunged.error());
  }
  session.unselect();
  co_return ok("CLOSE completed");
}

}  // namespace

awaitable<Answer> close(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
