#include "../grammar.hpp"
#include "commands.hpp"

// RFC 2971. What clients say of themselves is read and forgotten.
namespace mailpod::imap::commands {
namespace {

struct Id {};

/// RFC 2971 §3.3: at most 30 pairs, names of 30 octets, values of 1024.
std::optional<text::ParseError> parse_pair(text::Cursor& in) {
  const auto start = in;
  const auto name = parse_string(in);
  if (name.has_error()) return name.error();
  if (name->size() > 30) return start.error("a field name of at most 30 octets");
  if (!in.take_space()) return in.error("SP");
  const auto value = parse_nstring(in);
  if (value.has_error()) return value.error();
  if (*value && (*value)->size() > 1024) return start.error("a value of at most 1024 octets");
  return std::nullopt;
}

text::Parsed<Id> parse(text::Cursor& in, const Dialect&) {
  if (!in.take_space()) return in.error("SP and a list or NIL");
  if (in.take_word("NIL")) return Id{};
  if (!in.take('(')) return in.error("a list or NIL");
  if (in.take(')')) return Id{};
  unsigned pairs = 0;
  do {
    if (++pairs > 30) return in.error("at most 30 fields");
    if (const auto error = parse_pair(in)) return *error;
  } while (in.take_space());
  if (!in.take(')')) return in.error("')'");
  return Id{};
}

awaitable<Answer> run(Session& session, const Id&) {
  // No version: it would tell a stranger which holes to try.
  session.out().line(R"(* ID ("name" "Mailpod"))");
  co_return ok("ID completed");
}

}  // namespace

awaitable<Answer> id(Session& session, text::Cursor in) {
  return parse_and_run<Id>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
