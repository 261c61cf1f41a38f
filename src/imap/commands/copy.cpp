#include <fmt/format.h>

#include "../transfer.hpp"
#include "commands.hpp"

// RFC 3501 §6.4.7, with the COPYUID of RFC 4315 §3 and the SAVELIMIT of RFC 9738 §3.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const Transfer& transfer) {
  auto& vault = session.vault();
  const auto from = session.selected().id;
  const auto what = plan(session, transfer);
  if (what.refusal) co_return *what.refusal;
  const auto limit = session.settings().saved_messages;
  if (what.uids.size() > limit) {
    // All or none, so none; from this UID on they would be few enough. RFC 9738 §3.1.
    const auto lowest = what.uids[what.uids.size() - limit];
    co_return no(fmt::format("[MESSAGELIMIT {} {}] Too many messages for one COPY", limit, lowest.value));
  }
  const auto change = [&] { return vault.copy(from, what.uids, what.to); };
  Progress progress(session, what.uids.size());
  const auto copied = co_await session.on_lane(change, &progress);
  if (copied.has_error()) co_return session.answer_for(copied.error());
  if (copied->uids.empty()) co_return ok("No messages to take");
  co_return ok('[' + copy_uid_code(*copied) + "] COPY completed");
}

}  // namespace

awaitable<Answer> copy(Session& session, text::Cursor in) {
  return parse_and_run<Transfer>(session, in, parse_transfer<Numbers::sequence>, run);
}

awaitable<Answer> uid_copy(Session& session, text::Cursor in) {
  return parse_and_run<Transfer>(session, in, parse_transfer<Numbers::uid>, run);
}

}  // namespace mailpod::imap::commands
