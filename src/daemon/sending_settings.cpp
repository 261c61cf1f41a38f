#include "sending_settings.hpp"

#include "setting_kinds.hpp"

namespace mailpod::daemon {
namespace {

/// `address` or `address@port`.
bool is_dns_server(std::string_view text) {
  const auto at = text.find('@');
  const auto port = at == std::string_view::npos ? "53" : text.substr(at + 1);
  const bool numeric =
      !port.empty() && port.size() <= 5 && port.find_first_not_of("0123456789") == std::string_view::npos;
  return numeric && is_numeric_address(text.substr(0, at));
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
  rows.push_back(flag(
      "sending", "private_networks", [](auto& c) -> auto& { return c.private_networks; },
      "Ask other domains' web servers (MTA-STS, cards of pods) at private and other addresses that are not of the "
      "internet too: only for trials."));
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
      "PEM file of those who say whose a server's certificate is, where that is demanded (REQUIRETLS, MTA-STS). Empty: "
      "those of this machine."));
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
      "A file of DNSKEY or DS records, such as /usr/share/dns/root.key, by which DNSSEC is validated. Empty: no, "
      "and no DANE."));
  rows.push_back(milliseconds(
      "dns", "timeout_milliseconds", {100, 600'000}, [](auto& c) -> auto& { return c.dns.time_limit; },
      "For one question with all its retries."));
  rows.push_back(number(
      "dns", "cache_octets", {64 * kib, gib}, [](auto& c) -> auto& { return c.dns.cache_size; }, "Of answers kept."));
}

}  // namespace

void add_sending_settings(std::vector<Setting>& rows) {
  add_sending(rows);
  add_dns(rows);
}

}  // namespace mailpod::daemon
