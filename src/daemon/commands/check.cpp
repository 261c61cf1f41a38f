#include <algorithm>

#include <nlohmann/json.hpp>

#include <mailpod/members/directory.hpp>
#include <mailpod/text/ascii.hpp>

#include "../checks/checks.hpp"
#include "../commands.hpp"
#include "../office.hpp"
#include "../publication.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// That somebody reads what is sent to postmaster and abuse.
void check_roles(Findings& findings, Office& office, const governance::Charter& charter, base::Time now) {
  for (const auto* role : {"postmaster", "abuse"}) {
    const auto officers = members::role_recipients(role, charter, now).value();
    const auto is_admitted = [&](MemberId officer) {
      const auto member = office.ask("member.show", {{"who", officer.str()}});
      return member.has_value() && member->contains("admitted");
    };
    if (std::ranges::none_of(officers, is_admitted)) {
      return findings.fault("mail to postmaster and abuse reaches nobody",
                            "admit a maintainer: `mailpod member admit NAME --maintainer NAME`");
    }
  }
  findings.ok("mail to postmaster and abuse reaches a maintainer");
}

/// Signed files go to governance@ before all else, so nobody gets mail by that name.
void check_governance_address(Findings& findings, Office& office) {
  constexpr std::string_view taken = "governance@";
  std::vector<std::string> names;
  const auto members = office.ask("member.list", json::object());
  if (!members.has_value()) return findings.fault(members.error());
  for (const auto& member : members->at("members")) {
    for (const auto& address : member.at("addresses")) names.push_back(address);
  }
  const auto groups = office.ask("group.list", json::object());
  if (!groups.has_value()) return findings.fault(groups.error());
  for (const auto& group : groups->at("groups")) names.push_back(group.at("address"));
  for (const auto& name : names) {
    if (text::lower(name).starts_with(taken))
      findings.fault("mail to " + name + " does not reach whose address that is: signed files are sent there",
                     "give them another address, and take this one away");
  }
}

/// What the world should find in DNS.
governance::Verdict<Published> published(Office& office, const Configuration& configuration) {
  Published published{{}, configuration.name(), {}, {}};
  const auto domains = office.ask("domain.list", json::object());
  if (!domains.has_value()) return domains.error();
  for (const auto& domain : domains->at("domains")) published.domains.push_back(domain.at("domain"));
  if (configuration.https.port != 0 && configuration.web.mta_sts != web::Settings::MtaSts::none)
    published.mta_sts = web::mta_sts_record(web_settings(configuration));
  const auto keys = office.ask("dkim.records", {{"state", "active"}});
  if (!keys.has_value()) return keys.error();
  for (const auto& key : keys->at("keys")) published.dkim.push_back({key.at("name"), key.at("text")});
  return published;
}

/// Files that lay in mailboxes and that nobody vouches for.
void check_quarantine(Findings& findings, Office& office) {
  const auto listed = office.ask("vault.quarantined", json::object());
  if (!listed.has_value()) return findings.fault(listed.error());
  for (const auto& one : listed->at("quarantined")) {
    const auto name = one.at("address").get<std::string>();
    findings.note(std::to_string(one.at("files").get<std::size_t>()) + " files in the mail of " + name +
                      " were put aside, because nobody vouches for them",
                  "find out where they came from (`mailpod vault verify " + name + "` names them)");
  }
}

/// That each act is in the ledger, and, where the charter names witnesses, that one wrote under it of late.
void check_ledger(Findings& findings, Office& office, const governance::Charter& charter, base::Time now) {
  constexpr std::chrono::days of_late{60};
  const auto shown = office.ask("ledger.show", json::object());
  if (!shown.has_value()) return findings.fault(shown.error());
  const auto leaves = shown->at("leaves").get<std::uint64_t>();
  if (leaves < shown->at("entries").get<std::uint64_t>())
    return findings.fault("acts in force are not in the ledger yet",
                          "mend the disk; the next act enters them, or a restart");
  findings.ok("the ledger has " + std::to_string(leaves) + " leaves: charters and acts");
  if (charter.federation.witnesses.empty()) return;
  std::uint64_t newest = 0;
  for (const auto& witness : shown->at("witnesses")) {
    const auto& last = witness.at("last");
    if (!last.is_null()) newest = std::max(newest, last.get<std::uint64_t>());
  }
  if (base::from_seconds(newest) + of_late < now)
    findings.note("no witness has cosigned the ledger for 60 days, and the charter names some",
                  "send one the checkpoint: docs/ledger.md, \"Witnesses\"");
}

/// A charter that lets in few must name them, and they must be able to show who they are.
void check_federation(Findings& findings, Office& office, const governance::Charter& charter,
                      const Configuration& configuration) {
  if (charter.federation.policy != governance::Charter::Federate::allow) return;
  if (!configuration.authentication.enabled)
    findings.fault(
        "the charter takes mail only of those it allows, and nobody can show that they are: all is put off (451)",
        "set authentication.enabled = true");
  const auto listed = office.ask("federation.list", json::object());
  if (!listed.has_value()) return findings.fault(listed.error());
  const auto& entries = listed->at("entries");
  const bool anybody =
      std::ranges::any_of(entries, [](const json& entry) { return entry.at("exchanges").get<bool>(); });
  if (anybody) return;
  findings.note("mail is exchanged with nobody: the charter's policy is `allow`, and it allows no domain",
                "`mailpod federation federate DOMAIN`, or name them in the next charter");
}

/// That this is the program which the maintainers agreed to run, if they agreed to one.
void check_program(Findings& findings, const json& status) {
  const auto agreed = status.find("agreed");
  if (agreed == status.end()) return;
  const auto version = agreed->at("version").get<std::string>();
  if (agreed->at("runs").get<bool>())
    return findings.ok("the program is the one that the maintainers agreed to run: " + version);
  findings.note("the maintainers agreed to run another program: " + version + ", SHA-256 " +
                    agreed->at("program").get<std::string>(),
                "install that one, or have the maintainers agree to this one: `mailpod upgrade`");
}

void check_pod(Findings& findings, const Surroundings& pod) {
  Common here;
  here.pod = pod.folder.path;
  Office office(pod.machine, here);
  const auto status = office.ask("status", json::object());
  std::optional<std::uint32_t> daemon;
  if (status.has_value() && status->at("running").get<bool>()) daemon = status->at("process").get<std::uint32_t>();
  check_swap(findings, "/", daemon);
  if (!status.has_value()) return findings.fault(status.error());
  findings.ok("keys, directory, charters and acts agree");
  const auto now = pod.machine.clock.now();
  const auto shown = office.ask("charter.show", json::object());
  if (!shown.has_value()) return findings.fault(shown.error());
  const auto charter = governance::parse_charter(shown->at("text").get<std::string>(), "the charter in force");
  if (!charter.has_value()) return findings.fault(charter.error());
  check_charter(findings, *charter, now);
  check_federation(findings, office, *charter, pod.configuration);
  check_roles(findings, office, *charter, now);
  check_governance_address(findings, office);
  for (const auto& member : status->at("braked")) {
    const auto name = member.get<std::string>();
    findings.note("mail that " + name + " sends is held by the brake",
                  "see `mailpod queue list`; then `mailpod queue release --member " + name + "`, or `queue drop`");
  }
  check_quarantine(findings, office);
  check_program(findings, *status);
  check_ledger(findings, office, *charter, now);
  const auto records = published(office, pod.configuration);
  if (!records.has_value()) return findings.fault(records.error());
  check_web_certificates(findings, pod, records->domains);
  check_dns(findings, pod, *records);
  if (daemon) {
    findings.ok("a daemon runs, process " + std::to_string(*daemon));
  } else {
    check_ports(findings, pod);
    findings.note("no daemon runs", "start one: `mailpod serve`");
  }
}

Findings look_at(const Common& common) {
  Findings findings;
  const Workplace workplace;
  const auto machine = workplace.machine();
  const PodFolder folder{common.pod};
  const auto configuration = read_configuration(machine.disk, folder.path);
  if (!configuration.has_value()) {
    findings.fault(configuration.error());
    return findings;
  }
  findings.ok(folder.configuration() + " can be read");
  const Surroundings pod{machine, folder, *configuration};
  check_memory(findings);
  check_secrets(findings, pod);
  check_certificates(findings, pod);
  check_disk(findings, pod);
  check_clock(findings);
  check_lists(findings, pod);
  if (!configuration->sending_enabled)
    findings.note("mail to other servers is not sent", "it is where sending.enabled = true");
  check_pod(findings, pod);
  return findings;
}

std::string_view word_for(Findings::Kind kind) {
  switch (kind) {
    case Findings::Kind::ok:
      return "OK";
    case Findings::Kind::note:
      return "NOTE";
    case Findings::Kind::fault:
      return "FAULT";
  }
  return "FAULT";
}

}  // namespace

int check(const Common& common) {
  const auto findings = look_at(common);
  json all = json::array();
  for (const auto& [kind, what, advice] : findings.all()) {
    if (common.output == Output::json) {
      all.push_back({{"finding", word_for(kind)}, {"what", what}, {"advice", advice}});
    } else {
      say("{:<6} {}{}{}\n", word_for(kind), what, advice.empty() ? "" : "; ", advice);
    }
  }
  if (common.output == Output::json) say("{}\n", json{{"findings", all}}.dump(2));
  return findings.any_fault() ? 1 : 0;
}

}  // namespace mailpod::daemon
