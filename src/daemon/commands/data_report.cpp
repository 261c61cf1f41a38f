#include <nlohmann/json.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// What a pod stores about one member, for them to read.
namespace mailpod::daemon {
namespace {

using governance::Verdict;
using nlohmann::json;

constexpr std::string_view what_there_is_not = R"(
What the pod does not have:
  your mail in a form that anybody can read but you: it opens by your secrets
  your passwords: of them it keeps what tells whether one is right
  the times and addresses of single logins: numbers by day
  what was deleted, but in backups that whoever runs the machine has made
Beside this report: the log of the machine has IP addresses and your member id;
how long it is kept is up to whoever runs it. `mailpod export` gives you your mail.
)";

Verdict<json> ask(const MemberOptions& options) {
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  json arguments{{"address", options.names.front()}};
  if (!options.proves_themselves) return office.ask("member.data-report", std::move(arguments));
  auto secret = read_secret("password or app password of " + options.names.front());
  if (!secret.has_value()) return secret.error();
  arguments["secret"] = std::move(*secret);
  return with_code_if_wanted(std::move(arguments),
                             [&](json given) { return office.ask("member.data-report", std::move(given)); });
}

std::string plain(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

/// `name=value  name=value` of whatever is no list.
std::string fields_of(const json& item) {
  if (!item.is_object()) return plain(item);
  std::string out;
  for (const auto& [name, value] : item.items()) {
    if (name == "text") continue;
    out += (out.empty() ? "" : "  ") + name + "=" + plain(value);
  }
  return out;
}

void say_list(const json& report, const char* title, const char* name) {
  if (!report.contains(name)) return;
  const auto& list = report.at(name);
  say("\n{} ({})\n", title, list.size());
  for (const auto& item : list) {
    say("  {}\n", fields_of(item));
    if (!item.is_object() || !item.contains("text")) continue;
    const auto text = item.at("text").get<std::string>();
    for (std::size_t at = 0; at < text.size();) {
      const auto end = std::min(text.find('\n', at), text.size());
      say("    | {}\n", text.substr(at, end - at));
      at = end + 1;
    }
  }
  if (const auto all = std::string(name) + "_in_all"; report.contains(all)) say("  … {} in all\n", plain(report[all]));
}

void say_report(const json& report) {
  say("What this pod stores about {}\n\n", report.at("member").get<std::string>());
  for (const auto& [name, value] : report.items()) {
    if (!value.is_array() && !value.is_object()) say("{:<20}{}\n", name, plain(value));
  }
  say("{:<20}{}\n", "slots", fields_of(report.at("slots")));
  if (report.contains("forward") && report.at("forward").is_object())
    say("{:<20}{}\n", "forward", fields_of(report.at("forward")));
  say_list(report, "Addresses, and by which salts to prove that an act is about them", "commitments");
  if (!report.contains("commitments")) say_list(report, "Addresses", "addresses");
  say_list(report, "Charters accepted", "consent");
  say_list(report, "What opens the vault", "secrets");
  say_list(report, "Groups", "groups");
  say_list(report, "In the public record: acts, joining, vouches, ballots", "record");
  say_list(report, "Mail on its way out", "queue");
  say_list(report, "In the audit log", "audit");
  say("{}", what_there_is_not);
}

}  // namespace

int member_data_report(const MemberOptions& options) {
  const auto report = ask(options);
  if (!report.has_value()) return complain(report.error());
  if (options.common.output == Output::json) {
    say("{}\n", report->dump(2));
  } else {
    say_report(*report);
  }
  return 0;
}

}  // namespace mailpod::daemon
