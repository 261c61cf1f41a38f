#include "../transfer.hpp"
#include "commands.hpp"

// RFC 6851: COPYUID in an untagged OK, the EXPUNGE responses, then the answer.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const Transfer& transfer) {
  auto& vault = session.vault();
  const auto from = session.selected().id;
  const auto access = session.selected().access;
  const auto what = plan(session, transfer);
  if (what.refusal) co_return *what.refusal;
  if (access == Access::read_only) co_return no("[READ-ONLY] The mailbox was opened with EXAMINE");
  const auto change = [&] { return vault.move(from, what.uids, what.to); };
  Progress progress(session, what.uids.size());
  const auto moved = co_await session.on_lane(change, &progress);
  if (moved.has_error()) co_return session.answer_for(moved.error());
  if (moved->uids.empty()) co_return ok("No messages to take");
  session.out().line("* OK [" + copy_uid_code(*moved) + "] Moved");
  co_return ok("MOVE completed");
}

}  // namespace

awaitable<Answer> move(Session& session, text::Cursor in) {
  return parse_and_run<Transfer>(session, in, parse_transfer<Numbers::sequence>, run);
}

awaitable<Answer> uid_move(Session& session, text::Cursor in) {
  return parse_and_run<Transfer>(session, in, parse_transfer<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
