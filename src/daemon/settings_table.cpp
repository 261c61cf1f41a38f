#include "settings_table.hpp"

#include <algorithm>

#include <mailpod/base/bytes.hpp>

#include "guard_settings.hpp"
#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > 253) return false;
  std::size_t label = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool ordinary = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (c == '.') {
      if (label == 0 || label > 63 || text[i - 1] == '-') return false;
      label = 0;
    } else {
      if (!ordinary && (c != '-' || label == 0)) return false;
      ++label;
    }
  }
  return label > 0 && label <= 63 && text.back() != '-';
}

bool is_domain_or_empty(std::string_view text) {
  return text.empty() || is_domain(text);
}

bool is_path(std::string_view text) {
  return !text.empty() && text.size() <= 4096 && text.find('\0') == std::string_view::npos;
}

bool is_path_or_empty(std::string_view text) {
  return text.empty() || is_path(text);
}

bool is_numeric_address(std::string_view text) {
  constexpr std::string_view of_addresses = "0123456789abcdefABCDEF.:";
  return !text.empty() && text.size() <= 45 && text.find_first_not_of(of_addresses) == std::string_view::npos;
}

/// `address` or `address@port`.
bool is_dns_server(std::string_view text) {
  const auto at = text.find('@');
  const auto port = at == std::string_view::npos ? "53" : text.substr(at + 1);
  const bool numeric = !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == port.npos;
  return numeric && is_numeric_address(text.substr(0, at));
}

/// One of the characters that people put between name and detail, or nothing. A full stop would part names of people.
bool is_separator(std::string_view text) {
  constexpr std::string_view usual = "+-_=~";
  return text.empty() || (text.size() == 1 && usual.find(text.front()) != std::string_view::npos);
}

constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;

Setting charter_pin() {
  return {"pod",
          "charter",
          "SHA-256 of charter 1, as `mailpod init` printed it: where trust in everything else begins.",
          Setting::Presence::required,
          [](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::string>(&value);
            const auto raw = given != nullptr ? base::unhex(*given) : std::nullopt;
            const auto hash = raw ? base::byte_array<32>(*raw) : std::nullopt;
            if (!hash) return "64 hexadecimal digits";
            into.charter = *hash;
            return std::nullopt;
          },
          [](const Configuration& from) -> Value { return base::hex(base::octets(from.charter)); }};
}

constexpr std::string_view level_names[] = {"debug", "info", "warning", "error"};

Setting log_level() {
  return {"log",
          "level",
          "debug, info, warning or error: this and what is graver.",
          Setting::Presence::optional,
          [](Configuration& into, const Value& value) -> std::optional<std::string> {
            const auto* given = std::get_if<std::string>(&value);
            const auto* const found = std::ranges::find(level_names, given != nullptr ? *given : "");
            if (found == std::end(level_names)) return R"(one of "debug", "info", "warning", "error")";
            into.log_level = static_cast<base::Log::Level>(found - std::begin(level_names));
            return std::nullopt;
          },
          [](const Configuration& from) -> Value {
            return std::string(level_names[static_cast<std::size_t>(from.log_level)]);
          }};
}

using Rows = std::vector<Setting>;

void add_pod(Rows& rows) {
  rows.push_back(required(text(
      "pod", "domain", is_domain, "a domain in lower case", [](auto& c) -> auto& { return c.domain; },
      "The domain of the pod's addresses.")));
  rows.push_back(text(
      "pod", "host_name", is_domain_or_empty, "a host name in lower case, or nothing",
      [](auto& c) -> auto& { return c.host_name; },
      "This machine's name in greetings and Received fields. Empty: the domain."));
  rows.push_back(charter_pin());
  rows.push_back(text(
      "pod", "server_key", is_path, "a path", [](auto& c) -> auto& { return c.server_key; },
      "Opens directory and queue, never mail. Relative to this folder; better on another disk, or `credential:NAME`, "
      "which systemd brings (LoadCredential=)."));
}

void add_tls(Rows& rows) {
  rows.push_back(files(
      "tls", "certificates", [](auto& c) -> auto& { return c.certificates; },
      "PEM files, each a certificate and its intermediates. The first answers clients that ask for no name of ours."));
  rows.push_back(files(
      "tls", "keys", [](auto& c) -> auto& { return c.keys; },
      "The private key of each certificate, in the same order."));
}

void add_listener(Rows& rows, std::string_view section, net::Listener::Settings Configuration::* member) {
  rows.push_back(text(
      section, "address", is_numeric_address, "a numeric IPv4 or IPv6 address",
      [member](auto& c) -> auto& { return (c.*member).address; }, "`::` answers IPv4 and IPv6."));
  rows.push_back(
      number(section, "port", {0, 65535}, [member](auto& c) -> auto& { return (c.*member).port; }, "0: not served."));
  rows.push_back(number(
      section, "connections", {1, 1'000'000}, [member](auto& c) -> auto& { return (c.*member).max_connections; },
      "At once."));
  rows.push_back(number(
      section, "connections_per_address", {1, 1'000'000},
      [member](auto& c) -> auto& { return (c.*member).max_per_address; }, "Of one IPv4 address or IPv6 /64."));
  rows.push_back(milliseconds(
      section, "handshake_timeout_milliseconds", {100, 600'000},
      [member](auto& c) -> auto& { return (c.*member).handshake_timeout; }, "For the whole TLS handshake."));
  rows.push_back(number(
      section, "backlog", {1, 65535}, [member](auto& c) -> auto& { return (c.*member).backlog; },
      "Connections the kernel keeps waiting for us."));
  rows.push_back(networks(
      section, "proxies", [member](auto& c) -> auto& { return (c.*member).proxies; },
      "Addresses or networks of proxies, whose connections must begin with a PROXY header (version 1 or 2)."));
}

void add_local_listener(Rows& rows, std::string_view section, net::Listener::Settings Configuration::* member) {
  rows.push_back(text(
      section, "path", is_path_or_empty, "a path, or nothing", [member](auto& c) -> auto& { return (c.*member).path; },
      "A socket, mode 0660. Who hands mail in must be in the daemon's group and able to enter the socket's folder, "
      "which this one is to nobody else. Relative to this folder. Empty: not served."));
  rows.push_back(number(
      section, "connections", {1, 1'000'000}, [member](auto& c) -> auto& { return (c.*member).max_connections; },
      "At once."));
  rows.push_back(number(
      section, "backlog", {1, 65535}, [member](auto& c) -> auto& { return (c.*member).backlog; },
      "Connections the kernel keeps waiting for us."));
}

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

void add_addresses(Rows& rows) {
  rows.push_back(text(
      "addresses", "separator", is_separator, "one of + - _ = ~, or nothing",
      [](auto& c) -> auto& { return c.separator; },
      "What stands before it in an address names a member, what follows is theirs to choose: alice+news reaches alice. "
      "Empty: there are no such addresses."));
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
      "imap", "set_ranges", {100, 1'000'000}, [](auto& c) -> auto& { return c.imap_session.set_ranges; },
      "Of one sequence set."));
  rows.push_back(number(
      "imap", "output_octets", {kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.output; },
      "Replies collected before they are written."));
  rows.push_back(number(
      "imap", "read_slice_octets", {64 * kib, 16 * mib}, [](auto& c) -> auto& { return c.imap_session.read_slice; },
      "Of a body, read in one piece of work."));
}

void add_sending(Rows& rows) {
  rows.push_back(flag(
      "sending", "enabled", [](auto& c) -> auto& { return c.sending_enabled; },
      "false: members' mail to other servers is answered 451, and what is queued waits."));
  rows.push_back(number(
      "sending", "port", {1, 65535}, [](auto& c) -> auto& { return c.sending.port; },
      "Of other servers: 25 everywhere but in trials."));
  rows.push_back(flag(
      "sending", "loopback", [](auto& c) -> auto& { return c.sending.loopback; },
      "Send to addresses of this machine's loopback too, where DNS says so: only for trials."));
  rows.push_back(number(
      "sending", "connections", {1, 10'000}, [](auto& c) -> auto& { return c.sending.connections; },
      "At once, to all destinations, that speak with a server."));
  rows.push_back(number(
      "sending", "hanging_connections", {10, 50'000}, [](auto& c) -> auto& { return c.sending.hanging_connections; },
      "Beside those, at once: to hosts that have not answered yet, and are probably dead."));
  rows.push_back(number(
      "sending", "connections_per_destination", {1, 1'000},
      [](auto& c) -> auto& { return c.sending.connections_per_destination; }, "At once, to one domain."));
  rows.push_back(number(
      "sending", "messages_per_connection", {1, 10'000},
      [](auto& c) -> auto& { return c.sending.messages_per_connection; }, "Then it is closed and another one opened."));
  rows.push_back(number(
      "sending", "recipients_per_message", {1, 1000}, [](auto& c) -> auto& { return c.sending.recipients_per_message; },
      "Of one server at once; what every server takes (RFC 5321 §4.5.3.1.8)."));
  rows.push_back(number(
      "sending", "hosts", {1, 100}, [](auto& c) -> auto& { return c.sending.hosts; },
      "Addresses of one destination tried in one attempt. RFC 5321 §5.1."));
  rows.push_back(steps_of_seconds(
      "sending", "retry_seconds", {1, 7 * 86'400}, [](auto& c) -> auto& { return c.sending.timetable.steps; },
      "How long to wait after the first attempt, the second, …; the last repeats. RFC 5321 §4.5.4.1."));
  rows.push_back(seconds(
      "sending", "warn_after_seconds", {1, 30 * 86'400},
      [](auto& c) -> auto& { return c.sending.timetable.warn_after; },
      "After that long its sender is told, once, that a message still waits."));
  rows.push_back(seconds(
      "sending", "give_up_after_seconds", {1, 30 * 86'400},
      [](auto& c) -> auto& { return c.sending.timetable.give_up_after; },
      "After that long a message goes back to its sender."));
  rows.push_back(milliseconds(
      "sending", "connect_milliseconds", {100, 600'000}, [](auto& c) -> auto& { return c.sending.connect_limit; },
      "For one address to answer."));
  rows.push_back(milliseconds(
      "sending", "idle_milliseconds", {0, 300'000}, [](auto& c) -> auto& { return c.sending.idle_connection; },
      "How long a connection is kept for another message."));
  rows.push_back(number(
      "sending", "returned_octets", {0, 16 * mib}, [](auto& c) -> auto& { return c.sending.returned_octets; },
      "Of a message, in a report about it; of a longer one the header alone is returned."));
  rows.push_back(text(
      "sending", "authorities", is_path_or_empty, "a path, or nothing",
      [](auto& c) -> auto& { return c.sending_authorities; },
      "PEM file of those who say whose a server's certificate is, for mail that demands it (REQUIRETLS). Empty: those "
      "of this machine."));
  const auto timeout = [&rows](std::string_view name, std::chrono::milliseconds smtp::ClientSettings::* member,
                               std::string_view comment) {
    rows.push_back(seconds(
        "sending", name, {1, 86'400}, [member](auto& c) -> auto& { return c.sending.client.*member; }, comment));
  };
  timeout("greeting_timeout_seconds", &smtp::ClientSettings::greeting, "RFC 5321 §4.5.3.2, as the four that follow.");
  timeout("command_timeout_seconds", &smtp::ClientSettings::command, "For the answer to each command.");
  timeout("data_begin_timeout_seconds", &smtp::ClientSettings::data_begin, "For the answer to DATA.");
  timeout("data_block_timeout_seconds", &smtp::ClientSettings::data_block, "For each block of a message to go out.");
  timeout("data_end_timeout_seconds", &smtp::ClientSettings::data_end, "For the answer to a whole message.");
  timeout("transaction_timeout_seconds", &smtp::ClientSettings::transaction,
          "For a whole message to go out, to a server that is slow within all of these.");
}

void add_dns(Rows& rows) {
  rows.push_back(texts(
      "dns", "servers", is_dns_server, "resolvers, each `address` or `address@port`",
      [](auto& c) -> auto& { return c.dns.servers; },
      "Resolvers to ask, such as \"127.0.0.1\" or \"127.0.0.1@5353\". Empty: those of /etc/resolv.conf."));
  rows.push_back(text(
      "dns", "trust_anchor", is_path_or_empty, "a path, or nothing",
      [](auto& c) -> auto& { return c.dns.trust_anchor; },
      "A file of DNSKEY or DS records, such as /usr/share/dns/root.key, by which DNSSEC is validated. Empty: no."));
  rows.push_back(milliseconds(
      "dns", "timeout_milliseconds", {100, 600'000}, [](auto& c) -> auto& { return c.dns.time_limit; },
      "For one question with all its retries."));
  rows.push_back(number(
      "dns", "cache_octets", {64 * kib, gib}, [](auto& c) -> auto& { return c.dns.cache_size; }, "Of answers kept."));
}

void add_vaults(Rows& rows) {
  rows.push_back(seconds(
      "vaults", "linger_seconds", {0, 86'400}, [](auto& c) -> auto& { return c.vault_linger; },
      "A vault's keys are zeroed so long after its last session."));
  rows.push_back(milliseconds(
      "vaults", "flush_milliseconds", {10, 10'000}, [](auto& c) -> auto& { return c.flush_every; },
      "Flag changes are durable after this; all other changes before their OK."));
  rows.push_back(number(
      "vaults", "checkpoint_tail_octets", {64 * kib, gib}, [](auto& c) -> auto& { return c.vault.checkpoint_tail; },
      "Journal written since the last checkpoint, before a new one is made."));
  rows.push_back(number(
      "vaults", "rewrite_above_octets", {64 * kib, 64 * gib}, [](auto& c) -> auto& { return c.vault.rewrite_above; },
      "A journal of this size, most of it about what is gone, is written anew."));
  rows.push_back(number(
      "vaults", "merge_group", {1, 4096}, [](auto& c) -> auto& { return c.vault.merge_group; },
      "Arrivals committed together."));
  rows.push_back(seconds(
      "vaults", "unfinished_seconds", {3600, 30 * 86'400}, [](auto& c) -> auto& { return c.vault.unfinished_age; },
      "After that long, a file whose writing was interrupted is removed."));
  rows.push_back(number(
      "vaults", "index_generation", {0, 100'000}, [](auto& c) -> auto& { return c.vault.index_generation; },
      "Messages that one file of the search index holds. 0: there is no index, and SEARCH reads all messages."));
  rows.push_back(number(
      "vaults", "mailboxes", {10, 1'000'000}, [](auto& c) -> auto& { return c.vault.mailboxes; }, "Of one member."));
  rows.push_back(number(
      "vaults", "mailbox_levels", {2, 100}, [](auto& c) -> auto& { return c.vault.mailbox_levels; },
      "Of one mailbox name."));
  rows.push_back(number(
      "vaults", "mailbox_name_octets", {64, 4096}, [](auto& c) -> auto& { return c.vault.mailbox_name_octets; },
      "Of one mailbox name."));
}

void add_passwords(Rows& rows) {
  rows.push_back(number(
      "passwords", "argon2_passes", {1, 100}, [](auto& c) -> auto& { return c.argon2.passes; },
      "Of human passwords set from now on (RFC 9106); app passwords need none."));
  rows.push_back(number(
      "passwords", "argon2_memory_octets", {8 * mib, 4 * gib}, [](auto& c) -> auto& { return c.argon2.memory; },
      "Of human passwords set from now on."));
  rows.push_back(number(
      "passwords", "at_once", {1, 256}, [](auto& c) -> auto& { return c.argon2_at_once; },
      "Checks of human passwords that run at the same time."));
  rows.push_back(number(
      "passwords", "waiting", {0, 10'000}, [](auto& c) -> auto& { return c.argon2_waiting; },
      "Checks that may wait; further ones are told to try again later."));
}

void add_process(Rows& rows) {
  rows.push_back(
      number("process", "loops", {0, 256}, [](auto& c) -> auto& { return c.loops; }, "Event loops. 0: one a core."));
  rows.push_back(
      number("process", "threads", {1, 1024}, [](auto& c) -> auto& { return c.pool; }, "For disk and passwords."));
  rows.push_back(number(
      "process", "open_files", {256, 16'777'216}, [](auto& c) -> auto& { return c.open_files; },
      "Asked of the kernel at start, as far as its hard limit goes."));
  rows.push_back(milliseconds(
      "process", "stop_milliseconds", {100, 60'000}, [](auto& c) -> auto& { return c.stop_grace; },
      "How long sessions may take to end when the daemon is told to stop."));
}

void add_log(Rows& rows) {
  rows.push_back(log_level());
  rows.push_back(text(
      "log", "file", is_path_or_empty, "a path, or nothing", [](auto& c) -> auto& { return c.log_file; },
      "Beside standard error. Relative to this folder. Empty: standard error alone."));
}

Rows make_rows() {
  Rows rows;
  add_pod(rows);
  add_tls(rows);
  add_listener(rows, "listen.smtp", &Configuration::smtp);
  add_listener(rows, "listen.submission", &Configuration::submission);
  add_listener(rows, "listen.submissions", &Configuration::submissions);
  add_local_listener(rows, "listen.lmtp", &Configuration::lmtp);
  add_listener(rows, "listen.imap", &Configuration::imap);
  add_listener(rows, "listen.imaps", &Configuration::imaps);
  add_addresses(rows);
  add_messages(rows);
  add_smtp(rows);
  add_imap(rows);
  add_sending(rows);
  add_dns(rows);
  add_vaults(rows);
  add_guard_settings(rows);
  add_passwords(rows);
  add_process(rows);
  add_log(rows);
  for (auto& row : rows) {
    if (is_settled_at_start(row)) row.counts = Setting::Counts::from_start;
  }
  return rows;
}

struct SectionComment {
  std::string_view section;
  std::string_view comment;
};
constexpr SectionComment section_comments[] = {
    {"tls", "Read again at each reload: renew, then `mailpod reload`."},
    {"listen.smtp", "Mail from other servers, for members only (RFC 5321)."},
    {"listen.submission", "Mail from members, STARTTLS first (RFC 6409)."},
    {"listen.submissions", "Mail from members, TLS from the first octet (RFC 8314 §3.3)."},
    {"listen.lmtp", "Mail that another server of this machine hands in, for members only (RFC 2033)."},
    {"listen.imap", "Members' mail, STARTTLS first (RFC 3501)."},
    {"listen.imaps", "Members' mail, TLS from the first octet (RFC 8314 §3.2)."},
    {"smtp", "What one SMTP session may do."},
    {"imap", "What one IMAP session may do."},
    {"sending",
     "Mail from members to other servers (RFC 5321 §5). Its state: `mailpod queue list`. Changes count from the next "
     "start on."},
    {"dns", "How other servers are found. Changes count from the next start on."},
    {"vaults", "The members' encrypted stores."},
    {"guard", "How often who may do what. In memory, of a fixed size; a restart forgets it."},
    {"log", "Lines without subject, body, credential or mail address; client IP addresses are logged."},
};

}  // namespace

std::span<const Setting> settings() {
  static const Rows rows = make_rows();
  return rows;
}

std::string_view section_comment(std::string_view section) {
  for (const auto& row : section_comments) {
    if (row.section == section) return row.comment;
  }
  return {};
}

}  // namespace mailpod::daemon
