#include <mailpod/governance/audit_examination.hpp>

#include <algorithm>
#include <charconv>
#include <deque>
#include <iterator>
#include <map>

#include <fmt/format.h>

#include "audit_folder.hpp"
#include "toml_text.hpp"

namespace mailpod::governance {
namespace {

constexpr std::size_t most_faults = 1000;
constexpr std::string_view remedy = "compare with another copy, and find out who could write here";

std::string entries_text(std::uint64_t from, std::uint64_t to) {
  return from == to ? fmt::format("entry {} was", from) : fmt::format("entries {} to {} were", from, to);
}

class Examination {
public:
  Examination(base::Disk& disk, const std::string& folder, const AuditQuestions& questions)
      : disk_(disk), folder_(folder), questions_(questions), list_(list_audit(disk, folder)) {}

  AuditReport run() {
    for (const auto segment : list_.segments) examine_segment(segment);
    for (const auto& [entries, name] : list_.countersignatures) {
      if (!std::ranges::binary_search(list_.checkpoints, entries))
        fault(base::join(folder_, name), fmt::format("countersigns checkpoint {}, which is not there", entries));
    }
    for (const auto entries : list_.checkpoints)
      examine_checkpoint(read_countersigned(disk_, folder_, list_, entries), entries);
    for (const auto& kept : questions_.kept) examine_checkpoint(kept, std::nullopt);
    examine_beginning();
    return std::move(report_);
  }

private:
  void fault(std::string file, std::string what) {
    if (report_.faults.size() < most_faults)
      report_.faults.push_back({Errc::ledger_damaged, std::move(file), 0, std::move(what), std::string(remedy)});
  }

  void examine_segment(std::uint64_t first) {
    path_ = base::join(folder_, audit_segment_name(first));
    const auto octets = base::read_file(disk_, path_, largest_audit_segment);
    std::string_view rest = octets;
    while (!rest.empty()) {
      const auto end = rest.find('\n');
      const auto line = rest.substr(0, end == std::string_view::npos ? rest.size() : end + 1);
      rest.remove_prefix(line.size());
      examine_line(line, first);
    }
  }

  void examine_line(std::string_view line, std::uint64_t first) {
    const auto entry = parse_audit_entry(line, path_);
    if (!entry.has_value()) {
      const auto number = report_.last == 0 ? first : report_.last + 1;
      fault(path_, fmt::format("entry {} is not what was written: it cannot be read", number));
      // Its neighbours say by themselves whether they are in their places.
      note(number, std::nullopt);
      return;
    }
    place(*entry);
    if (!signed_by_the_pod(*entry)) {
      fault(path_, fmt::format("entry {} is not what was written: it is not signed by the pod", entry->number));
    } else if (entry->event.kind == AuditEvent::Kind::removed) {
      removed_through_ = std::max(removed_through_, removed_through(entry->event));
    }
    note(entry->number, audit_hash(line));
    times(*entry);
  }

  /// That it stands behind the one it was written behind.
  void place(const AuditEntry& entry) {
    if (report_.last == 0) {
      report_.first = entry.number;
      before_first_ = entry.before;
      return;
    }
    const auto expected = report_.last + 1;
    if (entry.number > expected) {
      fault(path_, entries_text(expected, entry.number - 1) + " taken out");
    } else if (entry.number < expected) {
      fault(path_,
            fmt::format("entry {} stands behind entry {}: put in another order, or twice", entry.number, report_.last));
    } else if (last_hash_ && *last_hash_ != entry.before) {
      fault(path_,
            fmt::format("entry {} is not the one behind which entry {} was written", report_.last, entry.number));
    }
  }

  void note(std::uint64_t number, std::optional<Hash> hash) {
    if (report_.first == 0) report_.first = number;
    report_.last = std::max(report_.last, number);
    last_hash_ = hash;
    if (hash) hashes_[number] = *hash;
  }

  void times(const AuditEntry& entry) {
    if (report_.from == base::Time{}) report_.from = entry.at;
    if (entry.at < report_.to) fault(path_, fmt::format("entry {} is older than the one before", entry.number));
    report_.to = std::max(report_.to, entry.at);
  }

  static std::uint64_t removed_through(const AuditEvent& event) {
    std::uint64_t through = 0;
    const auto digits = event.field("through");
    std::from_chars(digits.data(), digits.data() + digits.size(), through);
    return through;
  }

  bool signed_by_the_pod(const AuditEntry& entry) {
    for (auto key = key_; key < questions_.keys.size(); ++key) {
      if (!is_signed_by(entry, questions_.keys[key], questions_.pod)) continue;
      key_ = key;
      return true;
    }
    return false;
  }

  void examine_checkpoint(const SignedFile& file, std::optional<std::uint64_t> named) {
    const auto read = parse_audit_checkpoint(file.octets, questions_.pod, file.name);
    if (!read.has_value()) {
      report_.faults.push_back(read.error());
      return;
    }
    const auto& head = read->checkpoint.head;
    const bool is_ours = std::ranges::any_of(questions_.keys, [&](const auto& key) {
      return is_signed_by(read->note, {audit_origin(questions_.pod), VerifierKey::Kind::note, key}, file.name)
          .has_value();
    });
    if (!is_ours) return fault(file.name, "is not signed by the pod");
    if (named && *named != head.size) return fault(file.name, fmt::format("is of {} entries", head.size));
    const auto who = countersigners(file, head.size);
    const bool is_comparable = head.size + 1 >= report_.first;
    if (!is_comparable && !named) report_.not_compared.push_back(head.size);
    const bool fits = is_comparable && compare(file, head, who);
    if (fits) report_.checkpoints.push_back(head.size);
    heads_.emplace(head.size, head.root);
  }

  /// As words, for what follows; each is a countersignature of the report.
  std::string countersigners(const SignedFile& file, std::uint64_t entries) {
    if (file.minisigs.empty()) return {};
    const auto comment = audit_comment(questions_.pod, entries, identity(file.octets));
    const auto signers = verified_signers(file, comment, questions_.maintainers);
    if (!signers.has_value()) {
      report_.faults.push_back(signers.error());
      return {};
    }
    std::string names;
    for (const auto& key : *signers) {
      const auto maintainer = std::ranges::find(questions_.maintainers, key, &Maintainer::key);
      names += (names.empty() ? "" : " and ") + maintainer->name;
      report_.countersignatures.push_back({entries, maintainer->name, key.id_text()});
    }
    return names;
  }

  bool compare(const SignedFile& file, const TreeHead& head, const std::string& who) {
    const auto by = who.empty() ? std::string("the pod signed") : who + " countersigned";
    if (head.size > report_.last) {
      fault(file.name,
            fmt::format("{} cut off: {} a checkpoint of {}", entries_text(report_.last + 1, head.size), by, head.size));
      return false;
    }
    const auto found = hashes_.find(head.size);
    const bool is_before_all = head.size + 1 == report_.first;
    const bool fits = is_before_all ? before_first_ == head.root : found != hashes_.end() && found->second == head.root;
    if (!fits) fault(file.name, fmt::format("entry {} or one before it is not what {}", head.size, by));
    return fits;
  }

  /// Where it does not begin with its first entry, a checkpoint must say what came before, and the pod that it took
  /// that out.
  void examine_beginning() {
    if (report_.first <= 1) return;
    const auto gone = entries_text(1, report_.first - 1);
    if (!heads_.contains(report_.first - 1)) {
      fault(folder_, gone + " taken out, and no checkpoint stands in for them");
    } else if (removed_through_ < report_.first - 1) {
      fault(folder_, gone + " taken out, and not by the pod");
    }
  }

  base::Disk& disk_;
  const std::string& folder_;
  const AuditQuestions& questions_;
  AuditFolder list_;
  AuditReport report_;
  std::string path_;
  std::optional<Hash> last_hash_;
  Hash before_first_{};
  std::map<std::uint64_t, Hash> hashes_;  // of each entry
  std::map<std::uint64_t, Hash> heads_;   // of each checkpoint
  std::uint64_t removed_through_ = 0;     // by the pod's own word
  std::size_t key_ = 0;
};

}  // namespace

std::uint64_t AuditReport::uncovered() const {
  std::uint64_t covered = 0;
  for (const auto& one : countersignatures) covered = std::max(covered, one.entries);
  return std::max(covered + 1, first);
}

AuditReport examine_audit(base::Disk& disk, const std::string& folder, const AuditQuestions& questions) {
  return Examination(disk, folder, questions).run();
}

std::vector<AuditEntry> read_audit(base::Disk& disk, const std::string& folder, std::size_t most) {
  std::deque<AuditEntry> entries;
  for (const auto segment : list_audit(disk, folder).segments) {
    for (auto& entry : read_audit_segment(disk, base::join(folder, audit_segment_name(segment)))) {
      entries.push_back(std::move(entry));
      if (entries.size() > most) entries.pop_front();
    }
  }
  return {std::make_move_iterator(entries.begin()), std::make_move_iterator(entries.end())};
}

}  // namespace mailpod::governance
