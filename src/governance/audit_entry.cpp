#include <mailpod/governance/audit_entry.hpp>

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include <mailpod/crypto/digest.hpp>
#include <mailpod/text/base64.hpp>
#include <mailpod/text/cursor.hpp>

#include "lines.hpp"
#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

using Kind = AuditEvent::Kind;
using Names = std::string_view;

constexpr std::array start_fields{Names("version"), Names("after"), Names("configuration"), Names("changed")};
constexpr std::array<Names, 0> no_fields{};
constexpr std::array configuration_fields{Names("sha256"), Names("changed"), Names("at-restart")};
constexpr std::array operation_fields{Names("name"), Names("by"), Names("member"), Names("file"), Names("reason")};
constexpr std::array slot_fields{Names("change"), Names("slot"), Names("by"), Names("member")};
constexpr std::array key_fields{Names("name"), Names("by"), Names("reason")};
constexpr std::array record_fields{Names("entry"), Names("leaf"), Names("type")};
constexpr std::array logins_fields{Names("day"), Names("member"), Names("count")};
constexpr std::array refused_fields{Names("day"), Names("count")};
constexpr std::array sealed_fields{Names("what"), Names("times")};
constexpr std::array clock_fields{Names("ahead"), Names("behind")};
constexpr std::array retention_fields{Names("rule"), Names("days"), Names("member"), Names("messages")};
constexpr std::array countersigned_fields{Names("entries"), Names("key")};
constexpr std::array removed_fields{Names("through"), Names("days")};
constexpr std::array gap_fields{Names("lost"), Names("since"), Names("reason")};
constexpr std::array torn_fields{Names("octets")};
constexpr std::array broken_fields{Names("from"), Names("to")};

constexpr std::array table{
    AuditKind{Kind::start, "start", start_fields},
    AuditKind{Kind::stop, "stop", no_fields},
    AuditKind{Kind::configuration, "configuration", configuration_fields},
    AuditKind{Kind::operation, "operation", operation_fields},
    AuditKind{Kind::slot, "slot", slot_fields},
    AuditKind{Kind::key, "key", key_fields},
    AuditKind{Kind::record, "record", record_fields},
    AuditKind{Kind::logins, "logins", logins_fields},
    AuditKind{Kind::refused_logins, "refused-logins", refused_fields},
    AuditKind{Kind::sealed, "sealed", sealed_fields},
    AuditKind{Kind::clock, "clock", clock_fields},
    AuditKind{Kind::retention, "retention", retention_fields},
    AuditKind{Kind::countersigned, "countersigned", countersigned_fields},
    AuditKind{Kind::removed, "removed", removed_fields},
    AuditKind{Kind::gap, "gap", gap_fields},
    AuditKind{Kind::torn, "torn", torn_fields},
    AuditKind{Kind::broken, "broken", broken_fields},
};

constexpr std::size_t longest_value = 512;
constexpr std::size_t length_of_time = std::string_view("2026-01-01T00:00:00Z").size();

bool is_value(std::string_view value) {
  return !value.empty() && value.size() <= longest_value &&
         std::ranges::all_of(value, [](char c) { return text::octets::vchar.contains(c); });
}

/// All that stands before the signature, the space between them included.
std::string signed_part(const AuditEntry& entry) {
  std::string out = fmt::format("{} {} {} ", entry.number, time_text(entry.at), row_of(entry.event.kind).name);
  for (const auto& [name, value] : entry.event.fields) out += fmt::format("{}={} ", name, value);
  return out + base::hex(base::octets(entry.before)) + " ";
}

std::string message_of(const AuditEntry& entry, std::string_view pod) {
  return base::Encoder().var("mailpod/v1/audit").var(pod).var(signed_part(entry)).take();
}

std::optional<base::Time> parse_time(std::string_view text) {
  if (text.size() != length_of_time) return std::nullopt;
  const auto number = [&](std::size_t at, std::size_t digits) {
    int value = 0;
    for (const char c : text.substr(at, digits)) {
      if (c < '0' || c > '9') return -1;
      value = value * 10 + (c - '0');
    }
    return value;
  };
  const int year = number(0, 4);
  const int month = number(5, 2);
  const int day = number(8, 2);
  const int hour = number(11, 2);
  const int minute = number(14, 2);
  const int second = number(17, 2);
  if (year < 1970 || month < 1 || day < 1 || hour < 0 || minute < 0 || second < 0) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                         std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  return base::Time(std::chrono::sys_days(date)) + std::chrono::hours(hour) + std::chrono::minutes(minute) +
         std::chrono::seconds(second);
}

/// The words of a line, each followed by the one space or the LF that ends it.
std::vector<std::string_view> words_of(std::string_view line) {
  std::vector<std::string_view> words;
  while (true) {
    const auto space = line.find(' ');
    words.push_back(line.substr(0, space));
    if (space == std::string_view::npos) return words;
    line.remove_prefix(space + 1);
  }
}

bool take_fields(AuditEvent& event, std::span<const std::string_view> words) {
  const auto& names = row_of(event.kind).fields;
  auto next = names.begin();
  for (const auto word : words) {
    const auto equals = word.find('=');
    if (equals == std::string_view::npos) return false;
    const auto name = word.substr(0, equals);
    const auto value = word.substr(equals + 1);
    const auto row = std::find(next, names.end(), name);
    if (row == names.end() || !is_value(value)) return false;
    next = row + 1;
    event.fields.emplace_back(name, value);
  }
  return true;
}

}  // namespace

std::string_view AuditEvent::field(std::string_view name) const {
  const auto found = std::ranges::find(fields, name, [](const auto& field) { return std::string_view(field.first); });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::span<const AuditKind> audit_kinds() {
  return table;
}

const AuditKind& row_of(AuditEvent::Kind kind) {
  return table.at(static_cast<std::size_t>(kind));
}

std::string audit_value(std::string_view text) {
  if (text.empty()) return "-";
  std::string value(text.substr(0, longest_value));
  for (char& c : value) {
    if (!text::octets::vchar.contains(c)) c = c == ' ' ? '-' : '?';
  }
  return value;
}

std::string write_audit_entry(const AuditEntry& entry) {
  return signed_part(entry) + text::write_base64(base::octets(entry.signature)) + "\n";
}

Verdict<AuditEntry> parse_audit_entry(std::string_view line, std::string_view file_name) {
  const Complaint wrong{Errc::not_canonical, std::string(file_name), 0, "is no entry of an audit log",
                        "compare with another copy of the log"};
  if (line.size() > longest_audit_line || !line.ends_with('\n')) return wrong;
  const auto words = words_of(line.substr(0, line.size() - 1));
  if (words.size() < 5) return wrong;
  const auto number = parse_count(words[0]);
  const auto at = parse_time(words[1]);
  const auto row = std::ranges::find(table, words[2], &AuditKind::name);
  const auto before = base::unhex(words[words.size() - 2]);
  const auto signature = text::parse_base64(words.back());
  if (!number || *number == 0 || !at || row == table.end() || !before || !signature) return wrong;
  const auto hash = base::byte_array<32>(*before);
  const auto sealed = base::byte_array<64>(*signature);
  if (!hash || !sealed) return wrong;
  AuditEntry entry{*number, *at, {row->kind, {}}, *hash, *sealed};
  if (!take_fields(entry.event, std::span(words).subspan(3, words.size() - 5))) return wrong;
  if (write_audit_entry(entry) != line) return wrong;
  return entry;
}

Hash audit_hash(std::string_view line) {
  return crypto::sha256(line);
}

crypto::Signature sign_audit_entry(const crypto::SigningKey& key, std::string_view pod, const AuditEntry& entry) {
  return key.sign(message_of(entry, pod));
}

bool is_signed_by(const AuditEntry& entry, const crypto::PublicKey& key, std::string_view pod) {
  return crypto::verify(key, message_of(entry, pod), entry.signature);
}

std::string audit_origin(std::string_view pod) {
  return std::string(pod) + "/audit";
}

std::string audit_comment(std::string_view pod, std::uint64_t entries, const Hash& identity) {
  return fmt::format("mailpod audit pod={} entries={} sha256={}", pod, entries, base::hex(base::octets(identity)));
}

}  // namespace mailpod::governance
