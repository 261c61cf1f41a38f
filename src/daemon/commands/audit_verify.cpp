#include <algorithm>

#include <nlohmann/json.hpp>

#include <mailpod/governance/audit_examination.hpp>
#include <mailpod/governance/note.hpp>
#include <mailpod/governance/registry.hpp>

#include "../commands.hpp"
#include "../configuration.hpp"
#include "../pod_folder.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What anybody can do with a copy of a pod's audit/ and governance/: no pod, no lock, no key.
namespace mailpod::daemon {
namespace {

using governance::AuditQuestions;
using governance::AuditReport;
using governance::Complaint;
using governance::Errc;
using governance::Verdict;
using nlohmann::json;

constexpr std::uint64_t largest_minisig = 4096;

/// Identity of charter 1: as it is named, or as the pod's own configuration has it, or of a copy the one that lies
/// there.
Verdict<governance::Hash> pin_of(base::Disk& disk, const PodFolder& folder, const AuditOptions& options) {
  if (!options.charter.empty()) {
    const auto octets = base::unhex(options.charter);
    const auto hash = octets ? base::byte_array<32>(*octets) : std::nullopt;
    if (hash) return *hash;
    return Complaint{Errc::bad_value, options.charter, 0, "is no SHA-256", "write it in hexadecimal, 64 digits"};
  }
  if (options.folder.empty()) {
    const auto configuration = read_configuration(disk, folder.path);
    if (!configuration.has_value()) return configuration.error();
    return configuration->charter;
  }
  const auto first = base::join(folder.governance(), "charter-0001.toml");
  if (!disk.status(first))
    return Complaint{Errc::missing_key, first, 0, "there is no charter beside the log",
                     "copy governance/ with audit/: charters say whose signatures count"};
  const auto pin = governance::identity(base::read_file(disk, first, governance::largest_signed_file));
  remark("NOTE   the first charter is {}: compare it with what its founders printed (--charter)\n",
         base::hex(base::octets(pin)));
  return pin;
}

/// The pod's keys and everybody who ever was a maintainer, as the charters have it.
Verdict<AuditQuestions> questions_of(base::Disk& disk, const PodFolder& folder, const AuditOptions& options) {
  const auto pin = pin_of(disk, folder, options);
  if (!pin.has_value()) return pin.error();
  const auto registry = governance::Registry::open({disk, folder.governance(), *pin, std::nullopt});
  if (!registry.has_value()) return registry.error();
  const auto roster = (*registry)->gate().roster();
  const auto& charters = roster->charters();
  AuditQuestions questions;
  questions.pod = charters.latest().pod;
  for (const auto& key : charters.pod_keys()) questions.keys.push_back(key);
  if (questions.keys.empty())
    return Complaint{Errc::missing_key, folder.governance(), 0, "no charter names the pod's key",
                     "let the next charter name it: pod_key below [federation]"};
  for (std::uint64_t seq = 1; seq <= charters.size(); ++seq) {
    for (const auto& maintainer : charters.charter(seq).maintainers) {
      const auto& known = questions.maintainers;
      if (std::ranges::find(known, maintainer.key, &governance::Maintainer::key) == known.end())
        questions.maintainers.push_back(maintainer);
    }
  }
  for (const auto& path : options.seen) {
    if (!disk.status(path))
      return Complaint{Errc::missing_key, path, 0, "there is no such file", "name a checkpoint that you kept"};
    governance::SignedFile kept{path, base::read_file(disk, path, governance::largest_note), {}};
    const auto beside = path + ".minisig";
    if (disk.status(beside)) kept.minisigs.push_back(base::read_file(disk, beside, largest_minisig));
    questions.kept.push_back(std::move(kept));
  }
  return questions;
}

json report_json(const AuditReport& report) {
  json out{{"first", report.first},
           {"last", report.last},
           {"sound", report.faults.empty()},
           {"faults", json::array()},
           {"checkpoints", report.checkpoints},
           {"not_compared", report.not_compared},
           {"countersignatures", json::array()}};
  for (const auto& fault : report.faults)
    out["faults"].push_back({{"file", fault.file}, {"what", fault.what}, {"remedy", fault.remedy}});
  for (const auto& one : report.countersignatures)
    out["countersignatures"].push_back({{"entries", one.entries}, {"maintainer", one.maintainer}, {"key", one.key}});
  return out;
}

void say_report(const AuditReport& report) {
  for (const auto& fault : report.faults) say("FAULT  {}\n", fault.text());
  if (report.last == 0) {
    say("NOTE   there is no entry\n");
    return;
  }
  if (report.faults.empty()) say("OK     entries {} to {}; all as the pod signed them\n", report.first, report.last);
  for (const auto& one : report.countersignatures)
    say("OK     {} countersigned a checkpoint of {}\n", one.maintainer, one.entries);
  for (const auto entries : report.not_compared)
    say("NOTE   a kept checkpoint of {} is not compared: the entries that lead on from it were removed, as the "
        "charter's log_days says\n",
        entries);
  if (report.uncovered() <= report.last)
    say("NOTE   entries {} to {} no maintainer has countersigned: `mailpod audit sign`\n", report.uncovered(),
        report.last);
}

}  // namespace

int audit_verify(const AuditOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const PodFolder folder{options.folder.empty() ? options.common.pod : options.folder};
  const auto questions = questions_of(machine.disk, folder, options);
  if (!questions.has_value()) {
    complain(questions.error());
    return 2;
  }
  const auto report = governance::examine_audit(machine.disk, folder.audit(), *questions);
  if (options.common.output == Output::json) {
    say("{}\n", report_json(report).dump(2));
  } else {
    say_report(report);
  }
  return report.faults.empty() && report.not_compared.empty() ? 0 : 1;
}

}  // namespace mailpod::daemon
