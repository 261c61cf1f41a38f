#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "../grammar.hpp"
#include "../message_reader.hpp"
#include "commands.hpp"

// RFC 3501 §6.3.11, with the APPENDUID of RFC 4315 §3.
namespace mailpod::imap::commands {
namespace {

struct Append {
  std::string mailbox;
  FlagList flags;
  std::optional<base::Time> internal_date;
};

/// Up to the literal, which stays unread.
text::Parsed<Append> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  if (!in.take_space()) return in.error("SP and a message");
  Append append{std::move(*mailbox), {}, std::nullopt};
  if (in.next_is('(')) {
    auto flags = parse_flag_list(in);
    if (flags.has_error()) return flags.error();
    append.flags = std::move(*flags);
    if (!in.take_space()) return in.error("SP and a message");
  }
  if (in.next_is('"')) {
    const auto date = parse_date_time(in);
    if (date.has_error()) return date.error();
    append.internal_date = *date;
    if (!in.take_space()) return in.error("SP and a message");
  }
  return append;
}

/// Why the message is not worth reading.
std::optional<Answer> refusal_before(Session& session, const Append& append) {
  const auto& message = *session.announced_message();
  const auto mailbox = session.vault().state()->find(append.mailbox);
  if (!mailbox || !mailbox->selectable) return no("[TRYCREATE] No such mailbox");
  if (message.octets > session.settings().message) return no("[TOOBIG] The message is too big");
  if (message.octets == 0) return no("A message has at least one octet");
  auto& vault = session.vault();
  const bool fits = vault.quota().fits(store::usage_of(*vault.state()) + store::Usage{message.octets, 1});
  if (!fits) return session.answer_for(store::Errc::over_quota);
  return std::nullopt;
}

/// Seals the message, then numbers it: only the second needs the vault's order.
awaitable<Answer> store_message(Session& session, const Append& append, const crypto::Spool& message) {
  using Prepared = std::vector<std::unique_ptr<store::PreparedMessage>>;
  auto& vault = session.vault();
  store::Vault::Append about;
  about.flags.system = append.flags.system;
  about.flags.keywords = append.flags.keywords;
  about.internal_date = append.internal_date.value_or(session.ports().clock.now());
  const auto prepare = [&] { return vault.prepare(message, about); };
  auto prepared = co_await session.on_pool(prepare);
  if (prepared.has_error()) co_return session.answer_for(prepared.error());
  Prepared messages;
  messages.push_back(std::move(*prepared));
  const auto add = [&]() -> Result<store::Vault::Appended> {
    // Only now is it certain that nobody deleted or renamed it meanwhile.
    const auto mailbox = vault.state()->find(append.mailbox);
    if (!mailbox) return store::Errc::no_such_mailbox;
    return vault.append(mailbox->id, std::move(messages));
  };
  const auto appended = co_await session.on_lane(add);
  if (appended.has_error() && appended.error() == store::Errc::no_such_mailbox)
    co_return no("[TRYCREATE] No such mailbox");
  if (appended.has_error()) co_return session.answer_for(appended.error());
  co_return ok(
      fmt::format("[APPENDUID {} {}] APPEND completed", appended->uid_validity.value, appended->uids.front().value));
}

awaitable<Answer> run(Session& session, const Append& append) {
  if (!session.announced_message()) co_return bad("Expected a message as a literal");
  const auto refusal = refusal_before(session, append);
  if (refusal && session.announced_message()->synchronizing) co_return *refusal;  // its octets were not sent
  MessageReader reader(session);
  auto reading = refusal ? reader.discard() : reader.read();
  const auto failure = co_await std::move(reading);
  if (refusal && !failure) co_return *refusal;
  if (failure) co_return *failure;
  auto storing = store_message(session, append, reader.message());
  co_return co_await std::move(storing);
}

}  // namespace

awaitable<Answer> append(Session& session, text::Cursor in) {
  return parse_and_run<Append>(session, in, parse, run);
}

bool append_awaits_message(text::Cursor in, const Dialect& dialect) {
  return parse(in, dialect).has_value() && in.at_end();
}

}  // namespace mailpod::imap::commands
