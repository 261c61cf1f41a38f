#include "../grammar.hpp"
#include "../response.hpp"
#include "../rights.hpp"
#include "commands.hpp"

// RFC 4314. A vault is opened by its member's secrets alone, so the list of each mailbox has one entry, which nobody
// can change: docs/decisions/0104.
namespace mailpod::imap::commands {
namespace {

struct OfMailbox {
  std::string mailbox;
};
text::Parsed<OfMailbox> parse_mailbox_alone(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return OfMailbox{std::move(*mailbox)};
}

struct OfIdentifier {
  std::string mailbox;
  std::string identifier;
};
text::Parsed<OfIdentifier> parse_identifier(text::Cursor& in, const Dialect& dialect) {
  auto of = parse_mailbox_alone(in, dialect);
  if (of.has_error()) return of.error();
  if (!in.take_space()) return in.error("SP and an identifier");
  auto identifier = parse_astring(in);
  if (identifier.has_error()) return identifier.error();
  return OfIdentifier{std::move(of->mailbox), std::move(*identifier)};
}
text::Parsed<OfIdentifier> parse_change(text::Cursor& in, const Dialect& dialect) {
  auto of = parse_identifier(in, dialect);
  if (of.has_error()) return of.error();
  if (!in.take_space()) return in.error("SP and rights");
  const auto rights = parse_astring(in);
  if (rights.has_error()) return rights.error();
  return of;
}

std::optional<Answer> missing(Session& session, const std::string& mailbox) {
  if (session.vault().state()->find(mailbox)) return std::nullopt;
  return no("[NONEXISTENT] No such mailbox");
}

void begin(Session& session, std::string_view word, const std::string& mailbox) {
  auto& out = session.out().text();
  out += "* ";
  out += word;
  out += ' ';
  write_mailbox(out, mailbox, session.dialect());
  out += ' ';
}

/// RFC 4314 §3.3.
awaitable<Answer> run_get(Session& session, const OfMailbox& of) {
  if (auto answer = missing(session, of.mailbox)) co_return std::move(*answer);
  begin(session, "ACL", of.mailbox);
  auto& out = session.out().text();
  write_astring(out, session.login_name());
  out += ' ';
  out += owners_rights;
  out += "\r\n";
  co_return ok("GETACL completed");
}

/// RFC 4314 §3.4: the first rights are always there, others could be given. To anybody else, none.
awaitable<Answer> run_list(Session& session, const OfIdentifier& of) {
  if (auto answer = missing(session, of.mailbox)) co_return std::move(*answer);
  begin(session, "LISTRIGHTS", of.mailbox);
  auto& out = session.out().text();
  write_astring(out, of.identifier);
  out += ' ';
  write_astring(out, of.identifier == session.login_name() ? owners_rights : std::string_view());
  out += "\r\n";
  co_return ok("LISTRIGHTS completed");
}

/// RFC 4314 §3.5.
awaitable<Answer> run_mine(Session& session, const OfMailbox& of) {
  if (auto answer = missing(session, of.mailbox)) co_return std::move(*answer);
  begin(session, "MYRIGHTS", of.mailbox);
  session.out().text() += owners_rights;
  session.out().text() += "\r\n";
  co_return ok("MYRIGHTS completed");
}

/// RFC 4314 §3.1, §3.2.
awaitable<Answer> refuse(Session& session, const OfIdentifier& of) {
  if (auto answer = missing(session, of.mailbox)) co_return std::move(*answer);
  co_return no("[CANNOT] Only its member's secrets open a vault");
}

}  // namespace

awaitable<Answer> set_acl(Session& session, text::Cursor in) {
  return parse_and_run<OfIdentifier>(session, in, parse_change, refuse);
}

awaitable<Answer> delete_acl(Session& session, text::Cursor in) {
  return parse_and_run<OfIdentifier>(session, in, parse_identifier, refuse);
}

awaitable<Answer> get_acl(Session& session, text::Cursor in) {
  return parse_and_run<OfMailbox>(session, in, parse_mailbox_alone, run_get);
}

awaitable<Answer> list_rights(Session& session, text::Cursor in) {
  return parse_and_run<OfIdentifier>(session, in, parse_identifier, run_list);
}

awaitable<Answer> my_rights(Session& session, text::Cursor in) {
  return parse_and_run<OfMailbox>(session, in, parse_mailbox_alone, run_mine);
}

}  // namespace mailpod::imap::commands
