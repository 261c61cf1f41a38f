#include <nlohmann/json.hpp>

#include <mailpod/governance/act.hpp>
#include <mailpod/governance/ledger_examination.hpp>

#include "../commands.hpp"
#include "../ledger_copy.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What anybody can do with a copy of a ledger: no pod, no lock, no key.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using governance::LedgerQuestions;
using governance::LedgerReport;
using nlohmann::json;

LedgerCopy copy_of(const LedgerOptions& options) {
  return {options.common.pod, options.folder, options.charter, options.key};
}

governance::Verdict<LedgerQuestions> asked_by(base::Disk& disk, const LedgerOptions& options) {
  auto asked = questions_of(disk, copy_of(options));
  if (!asked.has_value()) return asked;
  LedgerQuestions& questions = *asked;
  for (const auto& witness : options.witnesses) {
    auto key = governance::parse_verifier_key(witness, witness);
    if (!key.has_value()) return key.error();
    questions.witnesses.push_back(std::move(*key));
  }
  for (const auto& path : options.seen) {
    if (!disk.status(path))
      return Complaint{Errc::missing_key, path, 0, "there is no such file", "name a checkpoint that you kept"};
    questions.since.push_back({path, base::read_file(disk, path, governance::largest_note)});
  }
  if (!options.address.empty()) {
    const auto octets = base::unhex(options.salt);
    const auto salt = octets ? base::byte_array<32>(*octets) : std::nullopt;
    if (!salt) return Complaint{Errc::bad_value, options.salt, 0, "is no salt", "write it in hexadecimal, 64 digits"};
    questions.commitment = governance::address_commitment(*salt, options.address);
  }
  return asked;
}

json report_json(const LedgerReport& report) {
  json out{{"origin", report.origin},         {"leaves", report.head.size},     {"charters", report.charters},
           {"checkpoint", report.checkpoint}, {"sound", report.faults.empty()}, {"faults", json::array()},
           {"cosignatures", json::array()},   {"committed", report.committed},  {"forked", report.fork.has_value()}};
  out["key"] = report.signer ? json(report.signer->str()) : json();
  out["charter"] = report.charter ? json(base::hex(base::octets(*report.charter))) : json();
  for (const auto& fault : report.faults)
    out["faults"].push_back({{"file", fault.file}, {"what", fault.what}, {"remedy", fault.remedy}});
  for (const auto& [witness, seconds] : report.cosignatures)
    out["cosignatures"].push_back({{"witness", witness.str()}, {"seconds", seconds}});
  return out;
}

void say_report(const LedgerReport& report, const LedgerOptions& options, base::Time now) {
  for (const auto& fault : report.faults) say("FAULT  {}\n", fault.text());
  if (report.faults.empty())
    say("OK     {} leaves of {}, charters among them: {}; all as the pod signed them\n", report.head.size,
        report.origin, report.charters);
  if (report.charter && options.charter.empty() && !options.folder.empty())
    say("NOTE   the first charter is {}: compare it with what its founders printed (--charter)\n",
        base::hex(base::octets(*report.charter)));
  for (const auto& [witness, seconds] : report.cosignatures)
    say("OK     {} cosigned {} hours ago\n", witness.name,
        std::chrono::duration_cast<std::chrono::hours>(now - base::from_seconds(seconds)).count());
  if (options.address.empty()) return;
  for (const auto leaf : report.committed) say("OK     leaf {} commits to {}\n", leaf, options.address);
  if (report.committed.empty()) say("FAULT  no leaf commits to {} with this salt\n", options.address);
}

}  // namespace

int ledger_verify(const LedgerOptions& options) {
  const Workplace workplace;
  const auto machine = workplace.machine();
  const auto questions = asked_by(machine.disk, options);
  if (!questions.has_value()) {
    complain(questions.error());
    return 2;
  }
  const auto report = governance::examine_ledger(machine.disk, copy_of(options).governance(), *questions);
  if (options.common.output == Output::json) {
    say("{}\n", report_json(report).dump(2));
  } else {
    say_report(report, options, machine.clock.now());
  }
  if (report.fork && !options.fork.empty()) {
    base::replace_file(machine.disk, options.fork, write_proof(*report.fork));
    remark("{} proves it to anybody: `mailpod ledger fork`, by the keys that signed the two\n", options.fork);
  }
  return report.faults.empty() && (options.address.empty() || !report.committed.empty()) ? 0 : 1;
}

int ledger_fork(const LedgerOptions& options) {
  const Workplace workplace;
  auto& disk = workplace.machine().disk;
  std::vector<governance::VerifierKey> keys;
  for (const auto& text : options.keys) {
    auto key = governance::parse_verifier_key(text, text);
    if (!key.has_value()) return complain(key.error());
    if (!keys.empty() && key->name != keys.front().name)
      return complain({Errc::wrong_pod, text, 0, "is not of " + keys.front().name, "name the keys of one ledger"});
    keys.push_back(std::move(*key));
  }
  if (!disk.status(options.file))
    return complain({Errc::missing_key, options.file, 0, "there is no such file", "name a proof of a fork"});
  const auto proof =
      governance::parse_fork_proof(base::read_file(disk, options.file, 4 * governance::largest_note), options.file);
  if (!proof.has_value()) return complain(proof.error());
  const auto proved = governance::proves_fork(*proof, keys, options.file);
  if (!proved.has_value()) return complain(proved.error());
  say("PROVED  {} signed two checkpoints that contradict each other\n", keys.front().name);
  return 0;
}

}  // namespace mailpod::daemon
