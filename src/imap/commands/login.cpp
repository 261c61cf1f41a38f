#include "../grammar.hpp"
#include "../login_claim.hpp"
#include "commands.hpp"

// RFC 3501 §6.2.3.
namespace mailpod::imap::commands {
namespace {

text::Parsed<sasl::OwnedClaim> parse(text::Cursor& in, const Dialect&) {
  if (!in.take_space()) return in.error("SP and a user name");
  auto name = parse_astring(in);
  if (name.has_error()) return name.error();
  if (!in.take_space()) return in.error("SP and a password");
  auto password = parse_astring(in);
  if (password.has_error()) return password.error();
  return sasl::OwnedClaim({}, std::move(*name), std::move(*password));
}

awaitable<Answer> run(Session& session, const sasl::OwnedClaim& claim) {
  if (!session.stream().secure()) co_return privacy_required();
  auto logging_in = log_in_with(session, claim);
  co_return co_await std::move(logging_in);
}

}  // namespace

awaitable<Answer> login(Session& session, text::Cursor in) {
  return parse_and_run<sasl::OwnedClaim>(session, in, parse, run);
}

}  // namespace mailpod::imap::commands
