#include "settings_table.hpp"

#include <algorithm>

#include <mailpod/base/bytes.hpp>

#include "authentication_settings.hpp"
#include "conversation_settings.hpp"
#include "guard_settings.hpp"
#include "sending_settings.hpp"
#include "setting_kinds.hpp"
#include "strangers_settings.hpp"
#include "web_settings.hpp"

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

/// One of the characters that people put between name and detail, or nothing. A full stop would part names of people.
bool is_separator(std::string_view text) {
  constexpr std::string_view usual = "+-_=~";
  return text.empty() || (text.size() == 1 && usual.find(text.front()) != std::string_view::npos);
}

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

void add_addresses(Rows& rows) {
  rows.push_back(text(
      "addresses", "separator", is_separator, "one of + - _ = ~, or nothing",
      [](auto& c) -> auto& { return c.separator; },
      "What stands before it in an address names a member, what follows is theirs to choose: alice+news reaches alice. "
      "Empty: there are no such addresses."));
}

Setting searched_attachments() {
  using message::Searched;
  return {
      "vaults",
      "search_attachments",
      "SEARCH reads attachments too that carry text (RTF, OpenDocument, Office Open XML, JSON and the like), and the "
      "names of all. If it changes, indexes are made anew as vaults are opened.",
      Setting::Presence::optional,
      [](Configuration& into, const Value& value) -> std::optional<std::string> {
        const auto* given = std::get_if<bool>(&value);
        if (given == nullptr) return "true or false";
        into.vault.searched = *given ? Searched::attachments : Searched::texts;
        return std::nullopt;
      },
      [](const Configuration& from) -> Value { return from.vault.searched == Searched::attachments; }};
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
  rows.push_back(searched_attachments());
  rows.push_back(number(
      "vaults", "mailboxes", {10, 1'000'000}, [](auto& c) -> auto& { return c.vault.mailboxes; }, "Of one member."));
  rows.push_back(number(
      "vaults", "mailbox_levels", {2, 100}, [](auto& c) -> auto& { return c.vault.mailbox_levels; },
      "Of one mailbox name."));
  rows.push_back(number(
      "vaults", "mailbox_name_octets", {64, 4096}, [](auto& c) -> auto& { return c.vault.mailbox_name_octets; },
      "Of one mailbox name."));
  rows.push_back(number(
      "vaults", "annotation_octets", {1024, 60'000}, [](auto& c) -> auto& { return c.vault.annotation_octets; },
      "Of one annotation (IMAP METADATA)."));
  rows.push_back(number(
      "vaults", "annotations", {10, 10'000}, [](auto& c) -> auto& { return c.vault.annotations; },
      "Of one mailbox, or of the vault itself."));
  rows.push_back(number(
      "vaults", "annotations_octets", {64 * kib, gib}, [](auto& c) -> auto& { return c.vault.annotations_octets; },
      "All annotations of a member: they lie in memory while the vault is open, and in each checkpoint."));
}

void add_quota(Rows& rows) {
  rows.push_back(seconds(
      "quota", "grace_seconds", {0, 365 * 86'400}, [](auto& c) -> auto& { return c.quota.grace; },
      "For so long a full vault still takes mail; then senders are told to try again later (452)."));
  rows.push_back(number(
      "quota", "grace_percent", {0, 100}, [](auto& c) -> auto& { return c.quota.grace_percent; },
      "And no further beyond its quota."));
  rows.push_back(seconds(
      "quota", "refuse_after_seconds", {0, 3650 * 86'400}, [](auto& c) -> auto& { return c.quota.refuse_after; },
      "Full for so long, it refuses mail for good (552). 0: never."));
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
  add_listener(rows, "listen.pop3", &Configuration::pop3);
  add_listener(rows, "listen.pop3s", &Configuration::pop3s);
  add_listener(rows, "listen.members", &Configuration::members);
  add_listener(rows, "listen.http", &Configuration::http);
  add_listener(rows, "listen.https", &Configuration::https);
  add_addresses(rows);
  add_conversation_settings(rows);
  add_web_settings(rows);
  add_sending_settings(rows);
  add_authentication_settings(rows);
  add_strangers_settings(rows);
  add_vaults(rows);
  add_quota(rows);
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
    {"listen.pop3", "INBOX for programs that know no IMAP, STLS first (RFC 1939). The usual port is 110."},
    {"listen.pop3s", "The same with TLS from the first octet (RFC 8314 §3.1). The usual port is 995."},
    {"listen.members",
     "Where members look after their own affairs, TLS from the first octet: `mailpod --at HOST app-password add …`. "
     "The "
     "usual port is 4194."},
    {"listen.http", "What is public about the pod, in clear; docs/http.md. The usual port is 80."},
    {"listen.https",
     "The same by TLS from the first octet: charter, ledger, MTA-STS, what mail programs look for. The usual port is "
     "443; certificates are those of [tls], and must be for the names that `mailpod check` says."},
    {"smtp", "What one SMTP session may do."},
    {"imap", "What one IMAP session may do."},
    {"pop3", "What one POP3 session may do."},
    {"http", "What one HTTP connection may do."},
    {"web", "What the pod says of itself by HTTP."},
    {"sending",
     "Mail from members to other servers (RFC 5321 §5). Its state: `mailpod queue list`. Changes count from the next "
     "start on."},
    {"dns", "How other servers are found. Changes count from the next start on."},
    {"authentication",
     "What mail to port 25 must show about where it comes from (SPF, DKIM, DMARC). What was found stands in its "
     "header; "
     "what it meets is: `accept`, into INBOX; `junk`, into Junk, with the reason; `refuse`, 550."},
    {"strangers",
     "How examined mail is met of those whom nobody here knows: no member wrote to them, no charter names them, and no "
     "good mail came from their domain. docs/strangers.md."},
    {"vaults", "The members' encrypted stores."},
    {"quota", "How mail for full vaults is met; how much a vault may hold is the charter's to say."},
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
