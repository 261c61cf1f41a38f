#include "audit_folder.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "lines.hpp"

namespace mailpod::governance {
namespace {

constexpr std::size_t digits = 12;
constexpr std::string_view segment_suffix = ".log";
constexpr std::string_view checkpoint_suffix = ".checkpoint";
constexpr std::string_view countersignature_suffix = ".minisig";
constexpr std::size_t length_of_key_id = 16;
constexpr std::uint64_t largest_minisig = 4096;

/// The number in front of a name; nothing if it does not begin with twelve digits.
std::optional<std::uint64_t> number_of(std::string_view name) {
  if (name.size() < digits) return std::nullopt;
  std::uint64_t number = 0;
  for (const char c : name.substr(0, digits)) {
    if (c < '0' || c > '9') return std::nullopt;
    number = number * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return number == 0 ? std::nullopt : std::optional(number);
}

}  // namespace

std::uint64_t AuditFolder::segment_after(std::uint64_t number) const {
  const auto next = std::ranges::upper_bound(segments, number);
  return next == segments.end() ? 0 : *next;
}

std::string audit_segment_name(std::uint64_t first) {
  return fmt::format("{:012}{}", first, segment_suffix);
}

std::string audit_checkpoint_name(std::uint64_t entries) {
  return fmt::format("{:012}{}", entries, checkpoint_suffix);
}

AuditFolder list_audit(base::Disk& disk, const std::string& folder) {
  AuditFolder list;
  if (!disk.status(folder)) return list;
  for (const auto& file : disk.list(folder)) {
    const std::string_view name = file.name;
    const auto number = number_of(name);
    if (!number) continue;
    const auto rest = name.substr(digits);
    if (rest == segment_suffix) list.segments.push_back(*number);
    if (rest == checkpoint_suffix) list.checkpoints.push_back(*number);
    const bool is_countersignature = rest.size() == 1 + length_of_key_id + countersignature_suffix.size() &&
                                     rest.starts_with('.') && rest.ends_with(countersignature_suffix);
    if (is_countersignature) list.countersignatures.emplace(*number, file.name);
  }
  std::ranges::sort(list.segments);
  std::ranges::sort(list.checkpoints);
  return list;
}

std::vector<AuditEntry> read_audit_segment(base::Disk& disk, const std::string& path) {
  const auto octets = base::read_file(disk, path, largest_audit_segment);
  std::vector<AuditEntry> entries;
  std::string_view rest = octets;
  while (!rest.empty()) {
    const auto end = rest.find('\n');
    const auto line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
    rest.remove_prefix(line.size());
    if (auto entry = parse_audit_entry(line, path); entry.has_value()) entries.push_back(std::move(*entry));
  }
  return entries;
}

Verdict<AuditCheckpoint> parse_audit_checkpoint(std::string octets, std::string_view pod, std::string_view file_name) {
  auto note = parse_note(octets, file_name);
  if (!note.has_value()) return note.error();
  auto checkpoint = parse_checkpoint(note->text, file_name);
  if (!checkpoint.has_value()) return checkpoint.error();
  if (checkpoint->origin != audit_origin(pod))
    return Complaint{Errc::wrong_pod, std::string(file_name), 0, "is of " + checkpoint->origin,
                     "name a checkpoint of " + audit_origin(pod)};
  return AuditCheckpoint{std::move(octets), std::move(*note), std::move(*checkpoint)};
}

SignedFile read_countersigned(base::Disk& disk, const std::string& folder, const AuditFolder& list,
                              std::uint64_t entries) {
  SignedFile file;
  file.name = base::join(folder, audit_checkpoint_name(entries));
  file.octets = base::read_file(disk, file.name, largest_note);
  std::vector<std::string> names;
  const auto [from, to] = list.countersignatures.equal_range(entries);
  for (auto at = from; at != to; ++at) names.push_back(at->second);
  std::ranges::sort(names);
  for (const auto& name : names)
    file.minisigs.push_back(base::read_file(disk, base::join(folder, name), largest_minisig));
  return file;
}

}  // namespace mailpod::governance
