#include "../deleted_messages.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.2: expunges silently, then leaves the mailbox.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NoArguments&) {
  auto& vault = session.vault();
  const auto id = session.selected().id;
  const auto access = session.selected().access;
  session.unselect();
  const auto uids = deleted_messages(vault, id);
  if (access == Access::read_only || uids.empty()) co_return ok("CLOSE completed");
  const auto change = [&] { return vault.expunge(id, uids, store::Vault::Expunge::only_deleted); };
  const auto expunged = co_await session.on_lane(change);
  if (expunged.has_error()) co_return session.answer_for(expunged.error());
  co_return ok("CLOSE completed");
}

}  // namespace

awaitable<Answer> close(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::imap::commands
