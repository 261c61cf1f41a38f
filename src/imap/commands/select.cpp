#include <fmt/format.h>

#include "../grammar.hpp"
#include "../listing.hpp"
#include "../mailbox_object_id.hpp"
#include "../response.hpp"
#include "../resynchronization.hpp"
#include "commands.hpp"

// SELECT and EXAMINE. RFC 3501 §6.3.1, §6.3.2, RFC 9051 §6.3.2, §6.3.3, with the parameters of RFC 7162 §3.1.8, §3.2.5.
namespace mailpod::imap::commands {
namespace {

struct Select {
  NamedMailbox mailbox;
  enum class Condstore { as_it_is, enabled } condstore = Condstore::as_it_is;
  std::optional<LastKnown> known{};
};

std::optional<text::ParseError> parse_parameter(text::Cursor& in, const Dialect& dialect, Select& select) {
  if (in.take_word("CONDSTORE")) {
    select.condstore = Select::Condstore::enabled;
    return std::nullopt;
  }
  if (select.known || !in.take_word("QRESYNC")) return in.error("CONDSTORE or QRESYNC");
  if (!dialect.enabled.qresync) return in.error("ENABLE QRESYNC before QRESYNC");
  if (!in.take_space()) return in.error("SP and what is known");
  auto known = parse_last_known(in, dialect);
  if (known.has_error()) return known.error();
  select.known = std::move(*known);
  return std::nullopt;
}

/// `(QRESYNC (67890007 20050715194045000))`
std::optional<text::ParseError> parse_parameters(text::Cursor& in, const Dialect& dialect, Select& select) {
  if (!in.take_space() || !in.take('(')) return in.error("SP and parameters in parentheses");
  do {
    if (const auto error = parse_parameter(in, dialect, select)) return error;
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return std::nullopt;
}

text::Parsed<Select> parse(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_named_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  Select select{std::move(*mailbox)};
  if (in.at_end()) return select;
  if (const auto error = parse_parameters(in, dialect, select)) return *error;
  return select;
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

/// What clients of RFC 3501 alone are told. Mailpod keeps no \Recent: no message is recent to any session.
void describe_to_rev1(Session& session, const store::MailboxState& mailbox) {
  auto& out = session.out();
  out.line("* 0 RECENT");
  // A number of a message is nothing that whoever enabled UIDONLY wants to be told: RFC 9586 §3.
  const auto unseen = session.enabled().uid_only ? 0 : first_unseen(mailbox);
  if (unseen != 0) out.line(fmt::format("* OK [UNSEEN {}] First unseen message", unseen));
}

/// What clients of RFC 9051 are told: which mailbox it is, and what they called it if that is not its name.
void describe_to_rev2(Session& session, const store::MailboxState& mailbox, const Select& select) {
  auto& out = session.out().text();
  const auto attributes = attributes_of(*session.vault().state(), mailbox);
  if (select.mailbox.as_given == mailbox.name) {
    write_list_response(out, "LIST", {attributes, mailbox.name}, session.dialect());
  } else {
    write_old_name(out, select.mailbox.as_given, {attributes, mailbox.name}, session.dialect());
  }
}

void describe(Session& session, const store::MailboxState& mailbox, const Select& select, Access access) {
  auto& out = session.out();
  write_flags_response(out.text(), mailbox);
  out.line(fmt::format("* {} EXISTS", mailbox.count));
  if (session.dialect().enabled.imap4rev2) {
    describe_to_rev2(session, mailbox, select);
  } else {
    describe_to_rev1(session, mailbox);
  }
  std::string permanent = "()";
  if (access == Access::read_write) {
    permanent.clear();
    write_permanent_flags(permanent, mailbox);
  }
  out.line(fmt::format("* OK [PERMANENTFLAGS {}] Flags that are kept", permanent));
  out.line(fmt::format("* OK [UIDVALIDITY {}] UIDs valid", mailbox.uid_validity.value));
  out.line(fmt::format("* OK [UIDNEXT {}] Predicted next UID", mailbox.uid_next.value));
  out.line(fmt::format("* OK [HIGHESTMODSEQ {}] Highest mod-sequence", mailbox.highest_mod_seq.value));
  const auto object_id = mailbox_object_id(session.vault().member(), mailbox);
  out.line(fmt::format("* OK [MAILBOXID ({})] The same whatever it is called", object_id));  // RFC 8474 §4.2
}

awaitable<Answer> open(Session& session, const Select& select, Access access) {
  // Whatever becomes of it, what was selected is no longer: RFC 3501 §6.3.1. What follows is of another: RFC 9051 §7.1,
  // RFC 7162 §3.2.11.
  if (session.has_selected()) session.out().line("* OK [CLOSED] The mailbox selected before is closed");
  session.unselect();
  if (select.condstore == Select::Condstore::enabled) session.enable_condstore();
  auto mailbox = session.vault().state()->find(select.mailbox.name);
  if (!mailbox) co_return no("[NONEXISTENT] No such mailbox");
  if (!mailbox->selectable) co_return no("[CANNOT] This name only has mailboxes below it");
  describe(session, *mailbox, select, access);
  session.select(Selected(mailbox->id, access, mailbox));
  if (select.known) {
    const bool told = co_await resynchronize(session, *select.known);
    if (!told) co_return session.answer_for(store::Errc::closed);
  }
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
