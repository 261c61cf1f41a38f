#include <algorithm>

#include <nlohmann/json.hpp>

#include <sys/resource.h>

#include "../certificate.hpp"
#include "../commands.hpp"
#include "../office.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// Findings, one line each: `OK    what`, `NOTE  what; advice`, `FAULT what; remedy`.
class Report {
public:
  void ok(const std::string& what) { say("OK     {}\n", what); }
  void note(const std::string& what, const std::string& advice) { say("NOTE   {}; {}\n", what, advice); }
  void fault(const std::string& what, const std::string& remedy) {
    say("FAULT  {}; {}\n", what, remedy);
    ++faults_;
  }
  void fault(const governance::Complaint& complaint) {
    say("FAULT  {}\n", complaint.text());
    ++faults_;
  }
  int status() const { return faults_ == 0 ? 0 : 1; }

private:
  int faults_ = 0;
};

void check_memory(Report& report) {
  rlimit limit{};
  constexpr rlim_t wanted = rlim_t{8} * 1024 * 1024;  // octets: some 250,000 keys
  if (::getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur < wanted) {
    report.note("only " + std::to_string(limit.rlim_cur / 1024) + " KiB of memory may be locked for keys",
                "raise it for many open vaults: LimitMEMLOCK=8M in the unit, or `ulimit -l`");
  } else {
    report.ok("memory for keys may be locked");
  }
}

void check_server_key(Report& report, const OpenPod::Machine& machine, const PodFolder& folder,
                      const Configuration& configuration) {
  const auto path = folder.at(configuration.server_key);
  const auto status = machine.disk.status(path);
  if (!status) return report.fault(path + ": the server key is not there", "bring it back, or write it from paper");
  if ((status->mode & 077U) != 0) return report.fault(path + ": others may read the server key", "chmod 600 it");
  if (path.starts_with(folder.path + "/")) {
    report.note(path + ": the server key lies beside the data it seals",
                "who steals this disk reads the pod's addresses and queued mail; see pod.server_key");
  } else {
    report.ok("the server key lies elsewhere");
  }
}

void check_certificate(Report& report, const OpenPod::Machine& machine, const std::string& path) {
  constexpr std::uint64_t largest = 1024 * 1024;  // octets
  constexpr std::chrono::days soon{14};
  if (!machine.disk.status(path)) return report.fault(path + ": there is no certificate", "see [tls]");
  const auto expiry = expiry_of(base::read_file(machine.disk, path, largest));
  const auto now = machine.clock.now();
  if (!expiry) return report.fault(path + ": this is no PEM certificate", "see [tls]");
  if (*expiry <= now) return report.fault(path + ": the certificate has expired", "renew it, then restart");
  if (*expiry <= now + soon) return report.note(path + ": the certificate expires within 14 days", "renew it");
  report.ok(path + " is valid");
}

void check_charter(Report& report, const OpenPod::Machine& machine, Office& office) {
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return report.fault(shown.error());
  const auto charter = governance::parse_charter(shown->at("text").get<std::string>(), "the charter in force");
  if (!charter.has_value()) return report.fault(charter.error());
  const auto now = machine.clock.now();
  if (charter->expired(now)) {
    report.fault("charter " + std::to_string(charter->seq) + " has expired: nobody can be admitted or suspended",
                 "agree on the next: `mailpod charter new`");
  } else {
    report.ok("charter " + std::to_string(charter->seq) + " is in force until " +
              shown->at("expires").get<std::string>());
  }
  for (const auto* role : {"postmaster", "abuse"}) {
    const auto officers = members::role_recipients(role, *charter, now).value();
    const auto is_admitted = [&](MemberId officer) {
      const auto member = office.ask("member.show", {{"who", officer.str()}});
      return member.has_value() && member->contains("admitted");
    };
    if (std::ranges::none_of(officers, is_admitted)) {
      return report.fault("mail to postmaster and abuse reaches nobody",
                          "admit a maintainer: `mailpod member admit NAME --maintainer NAME`");
    }
  }
  report.ok("mail to postmaster and abuse reaches a maintainer");
}

void check_pod(Report& report, const OpenPod::Machine& machine, const PodFolder& folder) {
  Office office(machine, folder);
  const auto status = office.ask("status", json::object());
  if (!status.has_value()) return report.fault(status.error());
  report.ok("keys, directory, charters and acts agree");
  check_charter(report, machine, office);
  if (status->at("running").get<bool>()) {
    report.ok("a daemon runs, process " + std::to_string(status->at("process").get<std::uint32_t>()));
  } else {
    report.note("no daemon runs", "start one: `mailpod serve`");
  }
}

}  // namespace

int check(const Common& common) {
  Report report;
  const Workplace workplace;
  const auto machine = workplace.machine();
  const PodFolder folder{common.pod};
  const auto configuration = read_configuration(machine.disk, folder.path);
  if (!configuration.has_value()) {
    report.fault(configuration.error());
    return report.status();
  }
  report.ok(folder.configuration() + " can be read");
  check_memory(report);
  check_server_key(report, machine, folder, *configuration);
  for (const auto& certificate : configuration->certificates)
    check_certificate(report, machine, folder.at(certificate));
  if (!configuration->sending_enabled)
    report.note("mail to other servers is not sent", "it is where sending.enabled = true");
  check_pod(report, machine, folder);
  return report.status();
}

}  // namespace mailpod::daemon
