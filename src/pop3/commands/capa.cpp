#include <mailpod/sasl/authentication.hpp>

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

/// RFC 2449 §6.7. What a member says of their own mailbox is theirs to know.
std::string expiry(Session& session) {
  const auto days = session.settings().days_kept;
  return days == 0 ? " NEVER" : " " + std::to_string(days);
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
