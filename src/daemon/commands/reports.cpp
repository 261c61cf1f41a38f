#include <algorithm>
#include <system_error>

#include <fmt/chrono.h>
#include <nlohmann/json.hpp>

#include <mailpod/base/disk.hpp>
#include <mailpod/base/log.hpp>
#include <mailpod/reports/summary.hpp>

#include "../commands.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What reports of other servers come to: files alone, no pod, no daemon.
namespace mailpod::daemon {
namespace {

using nlohmann::json;
using reports::Summary;

constexpr std::uint64_t largest_file = 64 * 1024 * 1024;

/// A message, or what was attached to one.
Result<std::vector<reports::Report>> read_reports(const std::string& octets) {
  auto alone = reports::parse_report(octets);
  if (alone) return std::vector<reports::Report>{std::move(*alone)};
  auto within = reports::reports_in(octets);
  // Where there is none within, it was to be one itself. A message may be larger than any report.
  if (!within && within.error() == reports::Errc::no_report) return alone.error();
  return within;
}

struct Read {
  Summary summary;
  std::map<std::string, std::string> unread;  ///< by file: why
  std::uint64_t repeated = 0;
};

void read_file(base::Disk& disk, const std::string& file, Read& into) {
  try {
    const auto found = read_reports(base::read_file(disk, file, largest_file));
    if (!found) into.unread[file] = found.error().message();
    if (!found) return;
    for (const auto& report : *found) into.repeated += into.summary.add(report) ? 0 : 1;
  } catch (const std::system_error& failure) {
    into.unread[file] = failure.code().message();
  }
}

json json_of(const Read& read) {
  json dmarc = json::array();
  json tls = json::array();
  json complaints = json::object();
  for (const auto& [domain, all] : read.summary.dmarc()) {
    json sources = json::array();
    for (const auto& [address, source] : all.sources) {
      sources.push_back({{"address", address}, {"messages", source.messages}, {"dispositions", source.dispositions}});
    }
    dmarc.push_back({{"domain", domain},
                     {"policy", all.policy},
                     {"organizations", all.organizations},
                     {"begins", base::to_seconds(all.begins)},
                     {"ends", base::to_seconds(all.ends)},
                     {"passed", all.passed},
                     {"failed", all.failed},
                     {"sources", sources}});
  }
  for (const auto& [policy, all] : read.summary.tls()) {
    json named = json::array();
    for (const auto& [failure, sessions] : all.named) {
      named.push_back({{"result", failure.first}, {"host", failure.second}, {"sessions", sessions}});
    }
    tls.push_back({{"domain", policy.first},
                   {"policy", policy.second},
                   {"organizations", all.organizations},
                   {"succeeded", all.successes},
                   {"failed", all.failures},
                   {"failures", named}});
  }
  for (const auto& [type, count] : read.summary.complaints()) complaints[type] = count;
  return {{"reports", read.summary.reports()}, {"repeated", read.repeated}, {"dmarc", dmarc}, {"tls", tls},
          {"complaints", complaints},          {"unread", read.unread}};
}

std::string joined(const std::map<std::string, std::uint64_t>& counts) {
  std::string out;
  for (const auto& [name, count] : counts) {
    out += fmt::format("{}{} {}", out.empty() ? "" : ", ", base::printable(name), count);
  }
  return out;
}

void say_dmarc(const std::string& domain, const Summary::Dmarc& all) {
  say("DMARC  {} (p={}), {} to {}: {} messages pass, {} do not; {} organizations\n", base::printable(domain),
      base::printable(all.policy), fmt::format("{:%F}", std::chrono::floor<std::chrono::seconds>(all.begins)),
      fmt::format("{:%F}", std::chrono::floor<std::chrono::seconds>(all.ends)), all.passed, all.failed,
      all.organizations.size());
  for (const auto& [address, source] : all.sources) {
    say("{:>12}  from {}: {}\n", source.messages, base::printable(address), joined(source.dispositions));
  }
}

void say_tls(const std::pair<std::string, std::string>& policy, const Summary::Tls& all) {
  say("TLS    {} ({}): {} sessions went well, {} failed; {} organizations\n", base::printable(policy.first),
      base::printable(policy.second), all.successes, all.failures, all.organizations.size());
  for (const auto& [failure, sessions] : all.named) {
    say("{:>12}  {} {}\n", sessions, base::printable(failure.first), base::printable(failure.second));
  }
}

}  // namespace

int reports_show(const ReportsOptions& options) {
  const Workplace workplace;
  Read read;
  for (const auto& file : options.files) read_file(workplace.machine().disk, file, read);
  if (options.common.output == Output::json) {
    say("{}\n", json_of(read).dump(2, ' ', true, json::error_handler_t::replace));
  } else {
    for (const auto& [domain, all] : read.summary.dmarc()) say_dmarc(domain, all);
    for (const auto& [policy, all] : read.summary.tls()) say_tls(policy, all);
    if (!read.summary.complaints().empty()) say("COMPLAINTS  {}\n", joined(read.summary.complaints()));
    if (read.repeated > 0) remark("{} came twice, and count once\n", read.repeated);
    for (const auto& [file, why] : read.unread) remark("mailpod: {}: {}\n", base::printable(file), why);
  }
  return read.unread.empty() ? 0 : 1;
}

}  // namespace mailpod::daemon
