#include "conversation_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

void add_messages(Rows& rows) {
  rows.push_back(number(
      "messages", "size_octets", {64 * kib, 2 * gib}, [](auto& c) -> auto& { return c.message_size; },
      "The largest message, by SMTP or IMAP. The charter's message_mib may say less."));
  rows.push_back(number(
      "messages", "header_octets", {64 * kib, 64 * mib}, [](auto& c) -> auto& { return c.header_size; },
      "A message's own header; more is refused."));
  rows.push_back(number(
      "messages", "hops", {10, 1000}, [](auto& c) -> auto& { return c.hops; },
      "Received fields; more is taken for a loop (RFC 5321 §6.3)."));
  rows.push_back(number(
      "messages", "memory_octets", {16 * kib, 64 * mib}, [](auto& c) -> auto& { return c.letter_memory; },
      "Of one message on its way in; what is larger waits in a sealed file without a name."));
  rows.push_back(number(
      "messages", "memory_of_all_octets", {mib, 1024 * gib}, [](auto& c) -> auto& { return c.spool_memory; },
      "Of all messages on their way in together."));
}

void add_smtp(Rows& rows) {
  rows.push_back(number(
      "smtp", "recipients", {100, 100'000}, [](auto& c) -> auto& { return c.smtp_session.recipients; },
      "Of one message; RFC 5321 §4.5.3.1.8 asks for at least 100."));
  rows.push_back(number(
      "smtp", "command_line_octets", {512, 64 * kib}, [](auto& c) -> auto& { return c.smtp_session.command_line; },
      "RFC 5321 §4.5.3.1.4 and what the extensions add."));
  rows.push_back(number(
      "smtp", "auth_line_octets", {12'288, 64 * kib}, [](auto& c) -> auto& { return c.smtp_session.auth_line; },
      "RFC 4954 §4.3."));
  rows.push_back(seconds(
      "smtp", "timeout_seconds", {1, 3600}, [](auto& c) -> auto& { return c.smtp_session.timeout; },
      "For each command, block of data and reply. RFC 5321 §4.5.3.2.7 asks for five minutes."));
  rows.push_back(number(
      "smtp", "slowest_data_octets", {1, mib}, [](auto& c) -> auto& { return c.smtp_session.slowest_data; },
      "Of a message, that must come within timeout_seconds."));
  rows.push_back(milliseconds(
      "smtp", "greeting_pause_milliseconds", {0, 60'000},
      [](auto& c) -> auto& { return c.smtp_session.greeting_pause; },
      "On port 25, how long a client must wait for the greeting without a word: spam engines do not."));
  rows.push_back(networks(
      "smtp", "xclient", [](auto& c) -> auto& { return c.smtp_session.xclient; },
      "Addresses or networks of proxies that may say by XCLIENT whom they speak for."));
  rows.push_back(milliseconds(
      "smtp", "linger_milliseconds", {0, 60'000}, [](auto& c) -> auto& { return c.smtp_session.linger; },
      "For the rest of a message that was refused half-way."));
  rows.push_back(number(
      "smtp", "errors", {1, 10'000}, [](auto& c) -> auto& { return c.smtp_session.errors; },
      "Refused commands of one session, then 421."));
  rows.push_back(number(
      "smtp", "refused_recipients", {1, 100'000}, [](auto& c) -> auto& { return c.smtp_session.refused_recipients; },
      "Of one session, then 421: harvesting addresses ends here."));
  rows.push_back(number(
      "smtp", "idle_commands", {1, 100'000}, [](auto& c) -> auto& { return c.smtp_session.idle_commands; },
      "RSET, NOOP and the like since the last message, then 421."));
  rows.push_back(number(
      "smtp", "logins", {1, 100}, [](auto& c) -> auto& { return c.smtp_session.logins; },
      "Failed ones of one session, then 421."));
  rows.push_back(number(
      "smtp", "messages", {1, 1'000'000}, [](auto& c) -> auto& { return c.smtp_session.messages; },
      "Of one session, then 421."));
}

void add_imap(Rows& rows) {
  rows.push_back(seconds(
      "imap", "login_timeout_seconds", {5, 3600}, [](auto& c) -> auto& { return c.imap_session.login_timeout; },
      "From the greeting to the login."));
  rows.push_back(seconds(
      "imap", "idle_timeout_seconds", {1800, 86'400}, [](auto& c) -> auto& { return c.imap_session.idle_timeout; },
      "RFC 9051 §5.4 demands at least 30 minutes."));
  rows.push_back(seconds(
      "imap", "data_timeout_seconds", {5, 3600}, [](auto& c) -> auto& { return c.imap_session.data_timeout; },
      "Within one command, and for our replies."));
  rows.push_back(number(
      "imap", "command_before_login_octets", {1024, mib},
      [](auto& c) -> auto& { return c.imap_session.command_before_login; }, "One command with its literals."));
  rows.push_back(number(
      "imap", "line_octets", {8 * kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.line; },
      "One line of a command."));
  rows.push_back(number(
      "imap", "command_octets", {64 * kib, 64 * mib}, [](auto& c) -> auto& { return c.imap_session.command; },
      "One command with its literals, APPEND's message aside."));
  rows.push_back(number(
      "imap", "literal_octets", {4 * kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.literal; },
      "One literal other than APPEND's message."));
  rows.push_back(number(
      "imap", "commands_before_login", {10, 100'000},
      [](auto& c) -> auto& { return c.imap_session.commands_before_login; },
      "Of any kind, then the connection is closed."));
  rows.push_back(number(
      "imap", "bad_before_login", {1, 1000}, [](auto& c) -> auto& { return c.imap_session.bad_before_login; },
      "Refused commands, then the connection is closed."));
  rows.push_back(number(
      "imap", "bad_after_login", {1, 100'000}, [](auto& c) -> auto& { return c.imap_session.bad_after_login; },
      "The same after login, in a row."));
  rows.push_back(number(
      "imap", "unauthenticates", {0, 1'000'000}, [](auto& c) -> auto& { return c.imap_session.unauthenticates; },
      "Of one connection, by which it changes from member to member (RFC 8437); 0: UNAUTHENTICATE is not offered."));
  rows.push_back(number(
      "imap", "search_depth", {4, 1000}, [](auto& c) -> auto& { return c.imap_session.search_depth; },
      "Parentheses, NOT and OR within each other."));
  rows.push_back(number(
      "imap", "search_keys", {10, 100'000}, [](auto& c) -> auto& { return c.imap_session.search_keys; },
      "Of one SEARCH."));
  rows.push_back(number(
      "imap", "fetch_items", {10, 10'000}, [](auto& c) -> auto& { return c.imap_session.fetch_items; },
      "Of one FETCH."));
  rows.push_back(number(
      "imap", "header_fields", {10, 10'000}, [](auto& c) -> auto& { return c.imap_session.header_fields; },
      "Of one HEADER.FIELDS."));
  rows.push_back(number(
      "imap", "append_parts", {1, 100'000}, [](auto& c) -> auto& { return c.imap_session.append_parts; },
      "Messages and parts of messages that one APPEND may bring."));
  rows.push_back(number(
      "imap", "set_ranges", {100, 1'000'000}, [](auto& c) -> auto& { return c.imap_session.set_ranges; },
      "Of one sequence set."));
  rows.push_back(number(
      "imap", "saved_messages", {1000, 100'000'000}, [](auto& c) -> auto& { return c.imap_session.saved_messages; },
      "Of one COPY or APPEND, which take all or none of them (RFC 9738 asks for at least 1000)."));
  rows.push_back(number(
      "imap", "notifications", {100, 1'000'000}, [](auto& c) -> auto& { return c.imap_session.notifications; },
      "Mailboxes that change at once; more is too much to tell by NOTIFY (RFC 5465 §5.8)."));
  rows.push_back(number(
      "imap", "output_octets", {kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.output; },
      "Replies collected before they are written."));
  rows.push_back(number(
      "imap", "read_slice_octets", {64 * kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.read_slice; },
      "Of a body, read in one piece of work."));
}

void add_pop3(Rows& rows) {
  rows.push_back(seconds(
      "pop3", "login_timeout_seconds", {5, 3600}, [](auto& c) -> auto& { return c.pop3_session.login_timeout; },
      "From the greeting to the login."));
  rows.push_back(seconds(
      "pop3", "idle_timeout_seconds", {600, 86'400}, [](auto& c) -> auto& { return c.pop3_session.idle_timeout; },
      "RFC 1939 §3 demands at least 10 minutes."));
  rows.push_back(seconds(
      "pop3", "data_timeout_seconds", {5, 3600}, [](auto& c) -> auto& { return c.pop3_session.data_timeout; },
      "Within one command, and for our replies."));
  rows.push_back(number(
      "pop3", "line_before_login_octets", {12'288, 64 * kib},
      [](auto& c) -> auto& { return c.pop3_session.line_before_login; },
      "One command, or one response within AUTH (RFC 5034 §4)."));
  rows.push_back(number(
      "pop3", "line_octets", {255, 64 * kib}, [](auto& c) -> auto& { return c.pop3_session.line; },
      "One command after the login; RFC 2449 §4 allows 255."));
  rows.push_back(number(
      "pop3", "commands_before_login", {10, 100'000},
      [](auto& c) -> auto& { return c.pop3_session.commands_before_login; },
      "Of any kind, then the connection is closed."));
  rows.push_back(number(
      "pop3", "bad_before_login", {1, 1000}, [](auto& c) -> auto& { return c.pop3_session.bad_before_login; },
      "Refused commands, then the connection is closed."));
  rows.push_back(number(
      "pop3", "bad_after_login", {1, 100'000}, [](auto& c) -> auto& { return c.pop3_session.bad_after_login; },
      "Commands that are none, in a row, after the login."));
  rows.push_back(number(
      "pop3", "output_octets", {kib, 16 * mib}, [](auto& c) -> auto& { return c.pop3_session.output; },
      "Replies collected before they are written."));
  rows.push_back(number(
      "pop3", "read_slice_octets", {64 * kib, 16 * mib}, [](auto& c) -> auto& { return c.pop3_session.read_slice; },
      "Of a message, read in one piece of work."));
}

}  // namespace

void add_conversation_settings(std::vector<Setting>& rows) {
  add_messages(rows);
  add_smtp(rows);
  add_imap(rows);
  add_pop3(rows);
}

}  // namespace mailpod::daemon
