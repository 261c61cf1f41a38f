#include "../deleted_messages.hpp"
#include "commands.hpp"

// EXPUNGE, RFC 3501 §6.4.3, and UID EXPUNGE, RFC 4315 §2.1.
namespace mailpod::imap::commands {
namespace {

text::Parsed<SequenceSet> parse_uids(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a UID set");
  return parse_sequence_set(in, dialect.settings.set_ranges);
}

/// The EXPUNGE responses come with whatever else is new, before the answer.
awaitable<Answer> remove(Session& session, const std::vector<store::Uid>& uids) {
  const auto& selected = session.selected();
  if (selected.access == Access::read_only) co_return no("[READ-ONLY] The mailbox was opened with EXAMINE");
  auto expunging = expunge_deleted(session, selected.id, uids);
  const auto expunged = co_await std::move(expunging);
  if (expunged.has_error()) co_return session.answer_for(expunged.error());
  co_return ok("EXPUNGE completed");
}

awaitable<Answer> run(Session& session, const NoArguments&) {
  const auto uids = deleted_messages(session.vault(), session.selected().id);
  auto removing = remove(session, uids);
  co_return co_await std::move(removing);
}

awaitable<Answer> run_uid(Session& session, const SequenceSet& set) {
  const auto named = session.selected().view.uids_in(set);
  auto uids = deleted_messages(session.vault(), session.selected().id);
  std::erase_if(uids, [&](store::Uid uid) { return !contains(named, uid.value); });
  auto removing = remove(session, uids);
  co_return co_await std::move(removing);
}

}  // namespace

awaitable<Answer> expunge(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

awaitable<Answer> uid_expunge(Session& session, text::Cursor in) {
  return parse_and_run<SequenceSet>(session, in, parse_uids, run_uid);
}

}  // namespace mailpod::imap::commands
