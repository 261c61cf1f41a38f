#include "vault_errand.hpp"

#include <thread>

#include <nlohmann/json.hpp>

#include <unistd.h>

#include <mailpod/base/log.hpp>
#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {

using nlohmann::json;

governance::Verdict<std::string> secret_of(const VaultOptions& options) {
  return read_secret("password or app password of " + options.member);
}

bool brings_secret(const VaultOptions& options) {
  return options.key == VaultOptions::Key::asked || !options.common.at.empty();
}

namespace {

governance::Verdict<json> run_once(Office& office, const std::string& what, json arguments) {
  constexpr std::chrono::milliseconds pause{50};
  arguments["what"] = what;
  const auto begun = office.ask("vault.begin", std::move(arguments));
  if (!begun.has_value()) return begun.error();
  const bool watched = ::isatty(STDERR_FILENO) == 1;
  bool drawn = false;
  for (;;) {
    auto look = office.ask("vault.look", {{"errand", begun->at("errand")}});
    if (!look.has_value()) return look.error();
    auto& reply = look->at("reply");
    if (reply.is_null()) {
      if (watched) remark("\r{} of {} ", look->at("done").get<std::uint64_t>(), look->at("of").get<std::uint64_t>());
      drawn = watched;
      std::this_thread::sleep_for(pause);
      continue;
    }
    if (drawn) remark("\r\x1b[K");
    if (reply.contains("answer"))
      return governance::Verdict<json>(boost::system::in_place_value, std::move(reply["answer"]));
    const auto& complaint = reply.at("complaint");
    return governance::Complaint{governance::Errc::bad_value, complaint.at("file"), complaint.at("line"),
                                 complaint.at("what"), complaint.at("remedy")};
  }
}

}  // namespace

governance::Verdict<json> run_errand(Office& office, const std::string& what, json arguments) {
  return with_code_if_wanted(std::move(arguments),
                             [&](json given) { return run_once(office, what, std::move(given)); });
}

bool consents(const VaultOptions& options, std::string_view question) {
  if (options.consent == VaultOptions::Consent::given) return true;
  remark("{} Type yes to go on: ", question);
  std::string answer;
  return read_line(answer) && answer == "yes";
}

void say_fault(const json& fault) {
  const auto text = [&](const char* key) { return fault.at(key).get<std::string>(); };
  const auto detail = text("detail");
  say("{}: {}{}\n", text("place"), text("what"), detail.empty() || detail == text("place") ? "" : " (" + detail + ")");
  if (fault.contains("date"))
    say("    the message: {} octets, of {}\n", fault.at("octets").get<std::uint64_t>(), text("date"));
  say("    lost: {}\n    to do: {}\n", text("means"), text("remedy"));
}

namespace {

constexpr int could_not_look = 2;

/// How many faults; -1 if it could not be looked at.
int verify_one(const VaultOptions& options, Office& office, json arguments, json& all) {
  auto verified = run_errand(office, "verify", std::move(arguments));
  if (!verified.has_value()) {
    complain(verified.error());
    return -1;
  }
  const auto& faults = verified->at("faults");
  const int count = static_cast<int>(faults.size());
  if (options.common.output == Output::text) {
    for (const auto& fault : faults) say_fault(fault);
    const auto address = verified->at("address").get<std::string>();
    if (verified->at("unlocked").get<bool>()) {
      say("{}: {} messages and {} files looked at; {} faults\n", address, verified->at("messages").get<std::uint64_t>(),
          verified->at("files").get<std::uint64_t>(), count);
    } else {
      say("{}: {} files looked at, none opened; {} faults\n", address, verified->at("files").get<std::uint64_t>(),
          count);
    }
  }
  all.push_back(std::move(*verified));
  return count;
}

/// Everybody's who may have mail.
governance::Verdict<std::vector<std::string>> everybody(Office& office) {
  const auto listed = office.ask("member.list", json::object());
  if (!listed.has_value()) return listed.error();
  std::vector<std::string> members;
  for (const auto& member : listed->at("members")) {
    const auto progress = member.at("progress").get<std::string>();
    if (progress == "enrolled" || progress == "invited") members.push_back(member.at("member"));
  }
  return members;
}

void say_size(std::string_view what, std::uint64_t octets) {
  say("{:<14} {}\n", what, octets);
}

}  // namespace

int vault_verify(const VaultOptions& options) {
  json arguments = json::object();
  if (brings_secret(options)) {
    if (options.everybody)
      return complain({governance::Errc::bad_value, "vault verify", 0, "--unlock and --at are for one member",
                       "name whose mail it is"}),
             could_not_look;
    auto secret = secret_of(options);
    if (!secret.has_value()) return complain(secret.error()), could_not_look;
    arguments["secret"] = std::move(*secret);
  }
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  std::vector<std::string> members{options.member};
  if (options.everybody) {
    auto all = everybody(office);
    if (!all.has_value()) return complain(all.error()), could_not_look;
    members = std::move(*all);
  }
  json all = json::array();
  int status = 0;
  for (const auto& member : members) {
    arguments["member"] = member;
    const int faults = verify_one(options, office, arguments, all);
    status = std::max(status, faults < 0 ? could_not_look : faults > 0 ? 1 : 0);
  }
  if (options.common.output == Output::json) say("{}\n", json{{"vaults", all}}.dump(2));
  return status;
}

int vault_stats(const VaultOptions& options) {
  json arguments{{"member", options.member}};
  if (brings_secret(options)) {
    auto secret = secret_of(options);
    if (!secret.has_value()) return complain(secret.error());
    arguments["secret"] = std::move(*secret);
  }
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto measured = run_errand(office, "stats", std::move(arguments));
  if (!measured.has_value()) return complain(measured.error());
  if (options.common.output == Output::json) {
    say("{}\n", measured->dump(2));
    return 0;
  }
  const auto number = [&](const char* key) { return measured->at(key).get<std::uint64_t>(); };
  say("{}  {}\n", measured->at("address").get<std::string>(), measured->at("member").get<std::string>());
  say("messages       {} files, {} octets; {} octets are sealed in them\n", number("messages"), number("octets"),
      number("padded_octets"));
  say("waiting        {} in new/, {} in tmp/\n", number("waiting"), number("unfinished"));
  say("journal        {} octets in {} segments", number("journal_octets"), number("segments"));
  if (number("set_aside_octets") > 0) say(", {} octets set aside", number("set_aside_octets"));
  say("\n");
  say_size("search", number("search_octets"));
  std::string slots;
  for (const auto& [type, count] : measured->at("slots").items())
    slots += fmt::format("{}{} {}", slots.empty() ? "" : ", ", count.get<std::size_t>(), type);
  say("{:<14} {}\n", "key slots", slots.empty() ? "none" : slots);
  say("{:<14} {} files that nobody vouches for\n", "quarantine", number("quarantined"));
  if (!measured->contains("mailboxes")) return 0;
  for (const auto& mailbox : measured->at("mailboxes")) {
    say("mailbox        {}: {} messages, {} unseen, {} octets\n",
        base::printable(mailbox.at("name").get<std::string>(), 1000), mailbox.at("messages").get<std::uint64_t>(),
        mailbox.at("unseen").get<std::uint64_t>(), mailbox.at("octets").get<std::uint64_t>());
  }
  say("mail           {} octets", number("mail_octets"));
  if (measured->contains("overhead_percent")) say("; keeping it takes {} % more", number("overhead_percent"));
  say("\n{:<14} about {} octets live, {} dead (`mailpod vault compact` gives them back)\n", "of the journal",
      number("live_octets"), number("dead_octets"));
  return 0;
}

}  // namespace mailpod::daemon
