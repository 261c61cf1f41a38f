#include <fmt/format.h>

#include "../appending.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.11 with several messages (RFC 3502), and the APPENDUID of RFC 4315 §3.
namespace mailpod::imap::commands {
namespace {

text::Parsed<std::string> parse_target(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  return parse_mailbox(in, dialect);
}

AppendGrammar grammar_for(const Dialect& dialect) {
  const auto most = dialect.settings.append_parts;
  return {dialect, {.messages = most, .parts = most}};
}

/// Numbers what is sealed: only this needs the vault's order.
awaitable<Answer> add(Session& session, const std::string& name, MessageIntake& intake) {
  auto& vault = session.vault();
  auto messages = intake.take_messages();
  const auto change = [&]() -> Result<store::Vault::Appended> {
    // Only now is it certain that nobody deleted or renamed it meanwhile.
    const auto mailbox = vault.state()->find(name);
    if (!mailbox) return store::Errc::no_such_mailbox;
    return vault.append(mailbox->id, std::move(messages));
  };
  const auto appended = co_await session.on_lane(change);
  if (appended.has_error()) co_return answer_for_append(session, appended.error());
  co_return ok('[' + append_uid_code(*appended) + "] APPEND completed");
}

}  // namespace

awaitable<Answer> append(Session& session, text::Cursor in) {
  const auto mailbox = parse_target(in, session.dialect());
  if (mailbox.has_error()) co_return bad(mailbox.error());
  MessageIntake intake(session, grammar_for(session.dialect()));
  if (auto refusal = refusal_of_target(session, *mailbox)) intake.refuse(std::move(*refusal));
  const auto failure = co_await intake.read(in);
  if (failure) co_return *failure;
  auto adding = add(session, *mailbox, intake);
  co_return co_await std::move(adding);
}

bool append_awaits_message(text::Cursor in, const Dialect& dialect) {
  return parse_target(in, dialect).has_value() && grammar_for(dialect).awaits_literal(in);
}

}  // namespace mailpod::imap::commands
