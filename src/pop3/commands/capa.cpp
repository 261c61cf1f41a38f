#include <fmt/format.h>

#include <mailpod/sasl/authentication.hpp>
#include <mailpod/store/retention.hpp>

#include "commands.hpp"

// RFC 2449 §5 and §6.
namespace mailpod::pop3::commands {
namespace {

bool always(Session&) {
  return true;
}
bool over_tls(Session& session) {
  return session.stream().secure();
}
bool before_tls(Session& session) {
  return !session.stream().secure() && session.stream().offers_tls();
}

/// A member may say so little, of what was read.
constexpr std::uint32_t fewest_days = 1;

/// RFC 2449 §6.7: members can say themselves how long their mail is kept, so a program that has not logged in is told
/// the least that anybody can say; then what counts for this member's INBOX.
std::string expiry(Session& session) {
  if (!session.is_logged_in()) return fmt::format(" {} USER", fewest_days);
  const auto state = session.vault().state();
  const auto own = store::own_retention(*state, *state->find("INBOX"));
  std::uint32_t least = 0;
  for (const auto days : {session.settings().days_kept, own.days, own.after_download ? fewest_days : 0U}) {
    if (days != 0 && (least == 0 || days < least)) least = days;
  }
  return least == 0 ? " NEVER" : fmt::format(" {}", least);
}

struct Row {
  std::string_view name;
  bool (*is_offered)(Session& session);
};

constexpr Row rows[] = {
    {"TOP", always},        {"USER", over_tls},         {"SASL", over_tls},  // RFC 5034; with its mechanisms
    {"RESP-CODES", always}, {"AUTH-RESP-CODE", always},                      // RFC 3206
    {"PIPELINING", always}, {"EXPIRE", always},         {"UIDL", always},   {"IMPLEMENTATION Mailpod", always},
    {"STLS", before_tls},  // RFC 2595
};

awaitable<Reply> run(Session& session, const NoArguments&) {
  session.begin_lines("Capabilities follow");
  for (const auto& row : rows) {
    if (!row.is_offered(session)) continue;
    auto line = std::string(row.name);
    if (line == "SASL") line += ' ' + sasl::Authentication::offered(session.ports().credentials, session.stream(), {});
    if (line == "EXPIRE") line += expiry(session);
    session.out().line(line);
  }
  session.end_lines();
  co_return given();
}

}  // namespace

awaitable<Reply> capa(Session& session, text::Cursor in) {
  return parse_and_run<NoArguments>(session, in, parse_no_arguments, run);
}

}  // namespace mailpod::pop3::commands
