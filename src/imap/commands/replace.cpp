#include "../appending.hpp"
#include "commands.hpp"

// RFC 8508.
namespace mailpod::imap::commands {
namespace {

struct Replace {
  std::uint32_t number;  ///< of the message that goes: its sequence number, or its UID
  std::string mailbox;   ///< that the new one comes into
};

text::Parsed<Replace> parse_target(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a message number");
  const auto number = parse_nz_number(in);
  if (number.has_error()) return number.error();
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return Replace{*number, std::move(*mailbox)};
}

AppendGrammar grammar_for(const Dialect& dialect) {
  return {dialect, {.messages = 1, .parts = dialect.settings.append_parts}};
}

/// The message that goes, or why it cannot.
struct Outgoing {
  store::Uid uid;
  std::optional<Answer> refusal;
};

Outgoing message_of(Session& session, const Replace& replace, Numbers by) {
  const auto& selected = session.selected();
  const auto& view = selected.view;
  if (selected.access == Access::read_only) return {{}, no("[READ-ONLY] The mailbox was opened with EXAMINE")};
  if (by == Numbers::uid) {
    const auto number = view.find({replace.number});
    if (!number || view.is_ghost(*number)) return {{}, no("No such message")};
    return {{replace.number}, std::nullopt};
  }
  if (replace.number > view.count()) return {{}, bad("No such message number")};
  if (view.is_ghost({replace.number})) return {{}, no("[EXPUNGEISSUED] The message no longer exists")};
  return {view.at({replace.number}).uid, std::nullopt};
}

store::Usage usage_of(Session& session, store::Uid uid) {
  const auto& view = session.selected().view;
  return {view.at(*view.find(uid)).size, 1};
}

/// The new message comes and the old one goes, in one change of the vault.
awaitable<Answer> exchange(Session& session, const Replace& replace, store::Uid old, MessageIntake& intake) {
  auto& vault = session.vault();
  const store::Vault::Replaced replaced{session.selected().id, old};
  auto messages = intake.take_messages();
  const auto change = [&]() -> Result<store::Vault::Appended> {
    const auto mailbox = vault.state()->find(replace.mailbox);
    if (!mailbox) return store::Errc::no_such_mailbox;
    return vault.replace(replaced, mailbox->id, std::move(messages));
  };
  const auto appended = co_await session.on_lane(change);
  if (appended.has_error()) co_return answer_for_append(session, appended.error());
  // Before the EXPUNGE that announces the rest: RFC 8508 §4.3.
  session.out().line("* OK [" + append_uid_code(*appended) + "] The new message is there");
  co_return ok("REPLACE completed");
}

awaitable<Answer> run(Session& session, text::Cursor in, Numbers by) {
  const auto replace = parse_target(in, session.dialect());
  if (replace.has_error()) co_return bad(replace.error());
  const auto old = message_of(session, *replace, by);
  const auto freed = old.refusal ? store::Usage() : usage_of(session, old.uid);
  MessageIntake intake(session, grammar_for(session.dialect()), freed);
  if (old.refusal) intake.refuse(*old.refusal);
  if (auto refusal = refusal_of_target(session, replace->mailbox)) intake.refuse(std::move(*refusal));
  const auto failure = co_await intake.read(in);
  if (failure) co_return *failure;
  auto exchanging = exchange(session, *replace, old.uid, intake);
  co_return co_await std::move(exchanging);
}

}  // namespace

awaitable<Answer> replace(Session& session, text::Cursor in) {
  return run(session, in, Numbers::sequence);
}

awaitable<Answer> uid_replace(Session& session, text::Cursor in) {
  return run(session, in, Numbers::uid);
}

bool replace_awaits_message(text::Cursor in, const Dialect& dialect) {
  return parse_target(in, dialect).has_value() && grammar_for(dialect).awaits_literal(in);
}

}  // namespace mailpod::imap::commands
