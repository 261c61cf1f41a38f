#include <fmt/format.h>

#include "../grammar.hpp"
#include "../response.hpp"
#include "commands.hpp"

// RFC 9208 §4.1: one quota root for all mailboxes, whose name is empty.
namespace mailpod::imap::commands {
namespace {

constexpr std::string_view only_root;

/// In units of 1024 octets, so that whatever is used at all shows.
std::uint64_t units(std::uint64_t octets) {
  constexpr std::uint64_t unit = 1024;
  return octets / unit + (octets % unit != 0 ? 1 : 0);
}

/// RFC 9208 §4.2.1. What has no limit is not told. RFC 9208 §5.1, §5.2, §5.3.
void write_quota(std::string& out, Session& session) {
  auto& vault = session.vault();
  const auto state = vault.state();
  const store::Quota quota = vault.quota();
  const store::Usage usage = store::usage_of(*state);
  std::string resources;
  const auto tell = [&](std::string_view name, std::uint64_t used, std::uint64_t limit) {
    if (limit != 0) resources += fmt::format("{}{} {} {}", resources.empty() ? "" : " ", name, used, limit);
  };
  tell("STORAGE", units(usage.octets), units(quota.octets));
  tell("MESSAGE", usage.messages, quota.messages);
  tell("MAILBOX", state->mailboxes.size(), quota.mailboxes);
  out += "* QUOTA ";
  write_string(out, only_root);
  out += " (" + resources + ")\r\n";
}

struct Root {
  std::string name;
};
text::Parsed<Root> parse_root(text::Cursor& in, const Dialect&) {
  if (!in.take_space()) return in.error("SP and the name of a quota root");
  auto name = parse_astring(in);
  if (name.has_error()) return name.error();
  return Root{std::move(*name)};
}

awaitable<Answer> tell_quota(Session& session, const Root& root) {
  if (root.name != only_root) co_return no("[NONEXISTENT] No such quota root");
  write_quota(session.out().text(), session);
  co_return ok("GETQUOTA completed");
}

struct RootOf {
  std::string mailbox;
};
text::Parsed<RootOf> parse_root_of(text::Cursor& in, const Dialect& dialect) {
  if (!in.take_space()) return in.error("SP and a mailbox name");
  auto mailbox = parse_mailbox(in, dialect);
  if (mailbox.has_error()) return mailbox.error();
  return RootOf{std::move(*mailbox)};
}

/// Also of a mailbox that could be made. RFC 9208 §4.1.2
awaitable<Answer> tell_root(Session& session, const RootOf& of) {
  auto& out = session.out().text();
  out += "* QUOTAROOT ";
  write_mailbox(out, of.mailbox, session.dialect());
  out += ' ';
  write_string(out, only_root);
  out += "\r\n";
  write_quota(out, session);
  co_return ok("GETQUOTAROOT completed");
}

/// Whatever it asks for: limits are the charter's, and the maintainers'. RFC 9208 §4.1.3
struct Wish {};
text::Parsed<Wish> parse_wish(text::Cursor& in, const Dialect& dialect) {
  const auto root = parse_root(in, dialect);
  if (root.has_error()) return root.error();
  if (!in.take_space() || !in.take('(')) return in.error("SP and a list of resources");
  constexpr std::size_t most = 16;
  for (std::size_t count = 0; !in.take(')'); ++count) {
    if (count == most) return in.error("fewer resources");
    if (count > 0 && !in.take_space()) return in.error("SP or ')'");
    const auto name = parse_atom(in);
    if (name.has_error()) return name.error();
    if (!in.take_space()) return in.error("SP and a limit");
    if (in.take_while(text::octets::digit).empty()) return in.error("a limit");
  }
  return Wish{};
}

awaitable<Answer> refuse(Session&, const Wish&) {
  co_return no("[NOPERM] The charter and the maintainers set quotas");
}

}  // namespace

awaitable<Answer> get_quota(Session& session, text::Cursor in) {
  return parse_and_run<Root>(session, in, parse_root, tell_quota);
}

awaitable<Answer> get_quota_root(Session& session, text::Cursor in) {
  return parse_and_run<RootOf>(session, in, parse_root_of, tell_root);
}

awaitable<Answer> set_quota(Session& session, text::Cursor in) {
  return parse_and_run<Wish>(session, in, parse_wish, refuse);
}

}  // namespace mailpod::imap::commands
