#include <fmt/format.h>

#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// SELECT and EXAMINE. RFC 3501 §6.3.1, §6.3.2.
namespace mailpod::imap::commands {
namespace {

struct Select {
  std::string mailbox;
};

text::Parsed<Select> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return Select{std::move(*mailbox)};
}

/// 0 if there is none.
std::uint32_t first_unseen(const store::MailboxState& mailbox) {
  if (mailbox.unseen == 0) return 0;
  std::uint32_t number = 0;
  for (const auto& chunk : mailbox.chunks) {
    for (const auto& message : chunk->messages) {
      ++number;
      if (!message.flags.has(store::Flags::seen)) return number;
    }
  }
  return 0;
}

void describe(Output& out, const store::MailboxState& mailbox, Access access) {
  write_flags_response(out.text(), mailbox);
  out.line(fmt::format("* {} EXISTS", mailbox.count));
  // Mailpod keeps no \Recent (RFC 9051 abolished it): no message is recent to any session.
  out.line("* 0 RECENT");
  if (const auto unseen = first_unseen(mailbox)) out.line(fmt::format("* OK [UNSEEN {}] First unseen message", unseen));
  std::string permanent = "()";
  if (access == Access::read_write) {
    permanent.clear();
    write_permanent_flags(permanent, mailbox);
  }
  out.line(fmt::format("* OK [PERMANENTFLAGS {}] Flags that are kept", permanent));
  out.line(fmt::format("* OK [UIDVALIDITY {}] UIDs valid", mailbox.uid_validity.value));
  out.line(fmt::format("* OK [UIDNEXT {}] Predicted next UID", mailbox.uid_next.value));
}

awaitable<Answer> open(Session& session, const Select& select, Access access) {
  // Whatever becomes of it, what was selected is no longer: RFC 3501 §6.3.1.
  session.unselect();
  auto mailbox = session.vault().state()->find(select.mailbox);
  if (!mailbox) co_return no("[NONEXISTENT] No such mailbox");
  if (!mailbox->selectable) co_return no("[CANNOT] This name only has mailboxes below it");
  describe(session.out(), *mailbox, access);
  session.select(Selected(mailbox->id, access, mailbox));
  co_return access == Access::read_write ? ok("[READ-WRITE] SELECT completed") : ok("[READ-ONLY] EXAMINE completed");
}

awaitable<Answer> run_select(Session& session, const Select& select) {
  return open(session, select, Access::read_write);
}

awaitable<Answer> run_examine(Session& session, const Select& select) {
  return open(session, select, Access::read_only);
}

}  // namespace

awaitable<Answer> select(Session& session, text::Cursor in) {
  return parse_and_run<Select>(session, in, parse, run_select);
}

awaitable<Answer> examine(Session& session, text::Cursor in) {
  return parse_and_run<Select>(session, in, parse, run_examine);
}

}  // namespace mailpod::imap::commands
