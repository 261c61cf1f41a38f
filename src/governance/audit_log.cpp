#include <mailpod/governance/audit_log.hpp>

#include <algorithm>
#include <cerrno>
#include <ranges>
#include <system_error>

#include <fmt/format.h>

#include <mailpod/governance/charter.hpp>

#include "audit_folder.hpp"
#include "file_batch.hpp"
#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

using Kind = AuditEvent::Kind;

base::Time in_seconds(base::Time time) {
  return std::chrono::floor<std::chrono::seconds>(time);
}

}  // namespace

AuditLog::AuditLog(Source source) : source_(std::move(source)) {}

void AuditLog::write(std::span<const AuditEvent> events) {
  const std::lock_guard lock(mutex_);
  try {
    prepare();
    append(events);
  } catch (const std::system_error& failure) {
    if (lost_ == 0) {
      lost_since_ = in_seconds(source_.clock.now());
      lost_why_ = failure.code().message();
      source_.log.error("audit behind reason=\"{}\"", base::printable(failure.what()));
    }
    lost_ += events.size();
    // What lies there is looked at again before anything is added to it.
    prepared_ = false;
    failed_ = true;
  }
}

TreeHead AuditLog::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

std::string AuditLog::ended_by() {
  const std::lock_guard lock(mutex_);
  const auto segments = list_audit(source_.disk, source_.folder).segments;
  for (const auto segment : std::views::reverse(segments)) {
    const auto entries = read_audit_segment(source_.disk, in(audit_segment_name(segment)));
    for (const auto& entry : std::views::reverse(entries)) {
      if (entry.event.kind == Kind::stop) return "stop";
      if (entry.event.kind == Kind::start) return "kill";
    }
  }
  return "first";
}

void AuditLog::prepare() {
  if (prepared_) return;
  if (!source_.disk.status(source_.folder)) source_.disk.make_directory(source_.folder);
  // Perhaps made by a process that was killed before its name was durable.
  source_.disk.sync_directory(parent_of(source_.folder));
  base::remove_temporaries(source_.disk, source_.folder);
  read_end();
  mend();
  prepared_ = true;
  failed_ = false;
}

/// The newest segment with an entry; what lies behind it without one is of a crash.
void AuditLog::read_end() {
  segment_.clear();
  const auto segments = list_audit(source_.disk, source_.folder).segments;
  for (const auto first : std::views::reverse(segments)) {
    if (read_segment(first)) return;
  }
  head_ = {};
}

/// Whether there was an entry in it.
bool AuditLog::read_segment(std::uint64_t first) {
  const auto path = in(audit_segment_name(first));
  const auto octets = base::read_file(source_.disk, path, largest_audit_segment);
  std::size_t good = 0;
  std::uint64_t number = first - 1;
  TreeHead read;
  while (good < octets.size()) {
    const auto end = octets.find('\n', good);
    if (end == std::string::npos) break;
    const auto line = std::string_view(octets).substr(good, end + 1 - good);
    const auto entry = parse_audit_entry(line, path);
    if (!entry.has_value() || entry->number != number + 1) break;
    if (read.size != 0 && entry->before != read.root) break;
    // What we could not write whole may be in memory alone, and would never be synced.
    if (failed_ && entry->number > source_.known.size) break;
    const TreeHead next{entry->number, audit_hash(line)};
    if (next.size == source_.known.size && next != source_.known) break;
    number = next.size;
    read = next;
    last_at_ = entry->at;
    good = end + 1;
  }
  // What is remembered was durable: only what came after it can be torn.
  const bool may_be_torn = number >= source_.known.size;
  const bool is_torn = good < octets.size() || octets.empty();
  if (is_torn && may_be_torn) set_torn_aside(path, octets, good);
  if (good == 0) return false;
  head_ = read;
  if (good == octets.size() || may_be_torn) {
    segment_ = path;
    size_ = good;
  }
  return true;
}

/// Never acknowledged; kept all the same, under a name that no reader takes for a segment's.
void AuditLog::set_torn_aside(const std::string& path, std::string_view octets, std::size_t good) {
  if (!octets.empty()) base::replace_file(source_.disk, fmt::format("{}.{}.torn", path, good), octets.substr(good));
  if (good == 0) {
    source_.disk.unlink(path);
    source_.disk.sync_directory(source_.folder);
  } else {
    const auto file = source_.disk.open(path, base::Disk::Open::read_write);
    file->truncate(good);
    file->sync();
  }
  if (!octets.empty()) found_.push_back({Kind::torn, {{"octets", fmt::format("{}", octets.size() - good)}}});
}

/// Goes on behind what is remembered, whatever lies there, so that a place that was cut out stays one for good.
void AuditLog::mend() {
  const auto& known = source_.known;
  if (known.size == 0 || head_.size > known.size || head_ == known) return;
  source_.log.error("audit broken found={} known={}", head_.size, known.size);
  const auto from = std::min(head_.size + 1, known.size);
  const AuditEvent hole{Kind::broken, {{"from", fmt::format("{}", from)}, {"to", fmt::format("{}", known.size)}}};
  if (std::ranges::find(found_, hole) == found_.end()) found_.push_back(hole);
  head_ = known;
  segment_.clear();
}

std::string AuditLog::lines_of(std::span<const AuditEvent> events) {
  std::string lines;
  TreeHead head = head_;
  base::Time at = std::max(last_at_, in_seconds(source_.clock.now()));
  const auto add = [&](const AuditEvent& event) {
    AuditEntry entry{head.size + 1, at, event, head.root, {}};
    entry.signature = sign_audit_entry(source_.key, source_.pod, entry);
    const auto line = write_audit_entry(entry);
    head = {entry.number, audit_hash(line)};
    lines += line;
  };
  for (const auto& event : found_) add(event);
  if (lost_ != 0)
    add({Kind::gap,
         {{"lost", fmt::format("{}", lost_)}, {"since", time_text(lost_since_)}, {"reason", audit_value(lost_why_)}}});
  for (const auto& event : events) add(event);
  return lines;
}

bool AuditLog::begins_new_segment(base::Time at) const {
  return segment_.empty() || size_ >= full_audit_segment || base::to_day(at) != base::to_day(last_at_);
}

void AuditLog::append(std::span<const AuditEvent> events) {
  if (events.empty()) return;
  const auto at = std::max(last_at_, in_seconds(source_.clock.now()));
  const auto lines = lines_of(events);
  if (begins_new_segment(at)) {
    if (head_.size != 0) sign_checkpoint();
    begin_segment(lines);
  } else {
    extend_segment(lines);
  }
  // The last of them says what all of them are.
  const auto last = lines.rfind('\n', lines.size() - 2);
  const auto line = std::string_view(lines).substr(last == std::string::npos ? 0 : last + 1);
  head_ = {head_.size + static_cast<std::uint64_t>(std::ranges::count(lines, '\n')), audit_hash(line)};
  last_at_ = at;
  found_.clear();
  lost_ = 0;
  source_.known = head_;
  try {
    source_.remember(head_);
  } catch (const std::system_error& failure) {
    source_.log.error("audit not remembered reason=\"{}\"", base::printable(failure.what()));
  }
}

void AuditLog::begin_segment(std::string_view lines) {
  segment_.clear();
  const auto path = in(audit_segment_name(head_.size + 1));
  const auto file = source_.disk.open(path, base::Disk::Open::create_new);
  file->write_at(0, lines);
  file->sync();
  source_.disk.sync_directory(source_.folder);
  segment_ = path;
  size_ = lines.size();
}

void AuditLog::extend_segment(std::string_view lines) {
  const auto file = source_.disk.open(segment_, base::Disk::Open::read_write);
  if (file->size() != size_)
    throw std::system_error(EIO, std::generic_category(), segment_ + " was changed by somebody else");
  file->write_at(size_, lines);
  file->sync();
  size_ += lines.size();
}

void AuditLog::sign_checkpoint() {
  Checkpoint checkpoint{audit_origin(source_.pod), head_, {}};
  Note note{checkpoint.text(), {}};
  note.signatures.push_back(sign_note(source_.key, checkpoint.origin, note.text));
  base::replace_file(source_.disk, in(audit_checkpoint_name(head_.size)), note.str());
}

Verdict<SignedFile> AuditLog::checkpoint() {
  const std::lock_guard lock(mutex_);
  prepare();
  if (head_.size == 0)
    return Complaint{Errc::ledger_shorter, source_.folder, 0, "has no entry yet", "start the daemon first"};
  const auto path = in(audit_checkpoint_name(head_.size));
  if (!source_.disk.status(path)) sign_checkpoint();
  return SignedFile{audit_checkpoint_name(head_.size), base::read_file(source_.disk, path, largest_note), {}};
}

Verdict<crypto::minisign::PublicKey> AuditLog::countersign(std::uint64_t entries, const std::string& minisig,
                                                           std::span<const Maintainer> maintainers) {
  const std::lock_guard lock(mutex_);
  const auto path = in(audit_checkpoint_name(entries));
  if (!source_.disk.status(path))
    return Complaint{Errc::missing_key, path, 0, "there is no such checkpoint", "sign one that `audit sign` printed"};
  const SignedFile file{path, base::read_file(source_.disk, path, largest_note), {minisig}};
  const auto comment = audit_comment(source_.pod, entries, identity(file.octets));
  const auto signers = verified_signers(file, comment, maintainers);
  if (!signers.has_value()) return signers.error();
  const auto& key = signers->front();
  base::replace_file(source_.disk, in(fmt::format("{:012}.{}.minisig", entries, key.id_text())), minisig);
  return key;
}

base::Time AuditLog::last_time_of(std::uint64_t segment) {
  const auto path = in(audit_segment_name(segment));
  const auto octets = base::read_file(source_.disk, path, largest_audit_segment);
  const auto before = octets.size() < 2 ? std::string::npos : octets.rfind('\n', octets.size() - 2);
  const auto line = std::string_view(octets).substr(before == std::string::npos ? 0 : before + 1);
  const auto entry = parse_audit_entry(line, path);
  // What cannot be read is evidence, and stays.
  return entry.has_value() ? entry->at : base::Time::max();
}

void AuditLog::remove_older_than(std::chrono::days days) {
  const std::lock_guard lock(mutex_);
  prepare();
  const auto list = list_audit(source_.disk, source_.folder);
  const auto oldest = source_.clock.now() - days;
  std::vector<std::uint64_t> old;
  std::uint64_t through = 0;
  for (const auto segment : list.segments) {
    const auto next = list.segment_after(segment);
    if (next == 0 || !std::ranges::binary_search(list.checkpoints, next - 1)) break;
    if (last_time_of(segment) >= oldest) break;
    old.push_back(segment);
    through = next - 1;
  }
  if (old.empty()) return;
  // Said first: what is gone without the pod's word was taken by somebody else.
  const AuditEvent event{Kind::removed,
                         {{"through", fmt::format("{}", through)}, {"days", fmt::format("{}", days.count())}}};
  append(std::span(&event, 1));
  for (const auto segment : old) {
    source_.disk.unlink(in(audit_segment_name(segment)));
    // One after the other, so that a power loss leaves no hole.
    source_.disk.sync_directory(source_.folder);
  }
  forget_checkpoints_before(through);
}

void AuditLog::forget_checkpoints_before(std::uint64_t first) {
  const auto list = list_audit(source_.disk, source_.folder);
  for (const auto checkpoint : list.checkpoints) {
    if (checkpoint >= first || list.countersignatures.contains(checkpoint)) continue;
    source_.disk.unlink(in(audit_checkpoint_name(checkpoint)));
  }
}

}  // namespace mailpod::governance
