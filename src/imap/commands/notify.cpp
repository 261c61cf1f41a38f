#include "../notifications.hpp"
#include "commands.hpp"

// RFC 5465. What NOTIFY SET implies, news of the selected mailbox at once, every command brings before its answer.
namespace mailpod::imap::commands {
namespace {

awaitable<Answer> run(Session& session, const NotifyRequest& notify) {
  if (notify.unsupported) co_return no("[BADEVENT (" + event_names() + ")] Not all of these events are told here");
  auto watched = std::make_unique<Notifications>(notify.groups, session.vault().state());
  if (notify.status == NotifyRequest::Status::told) {
    watched->write_statuses(session.out().text(), session.selected_id(), session.dialect());
  }
  session.watch(std::move(watched));
  co_return ok("NOTIFY completed");
}

}  // namespace

awaitable<Answer> notify(Session& session, text::Cursor in) {
  return parse_and_run<NotifyRequest>(session, in, parse_notify, run);
}

}  // namespace mailpod::imap::commands
