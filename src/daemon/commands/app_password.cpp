#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

namespace mailpod::daemon {
namespace {

using nlohmann::json;

/// Asks with one of the member's own secrets, from standard input.
governance::Verdict<json> ask_with_secret(const AppPasswordOptions& options, const std::string& operation,
                                          json arguments) {
  auto secret = read_secret("password or app password of " + options.name);
  if (!secret.has_value()) return secret.error();
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  arguments["address"] = options.name;
  arguments["secret"] = std::move(*secret);
  return with_code_if_wanted(std::move(arguments), [&](json given) { return office.ask(operation, std::move(given)); });
}

std::string where(const AppPasswordOptions& options) {
  if (options.kind == AppPasswordOptions::Kind::send_only) return "to SMTP, to send mail,";
  return options.scopes.empty() ? "to IMAP and SMTP" : fmt::format("for {}", fmt::join(options.scopes, " and "));
}

/// What is not plain about a slot: an end, or less than all scopes.
std::string limits_of(const json& slot) {
  std::string out;
  if (slot.contains("scopes") && slot.at("scopes").size() < 4 && !slot.at("scopes").empty()) {
    out += "  for";
    for (const auto& scope : slot.at("scopes")) out += " " + scope.get<std::string>();
  }
  if (slot.contains("expires")) out += "  until " + slot.at("expires").get<std::string>().substr(0, 10);
  return out;
}

}  // namespace

int app_password_add(const AppPasswordOptions& options) {
  json wish{{"name", options.slot}, {"send_only", options.kind == AppPasswordOptions::Kind::send_only}};
  if (!options.scopes.empty()) wish["scopes"] = options.scopes;
  if (options.days) wish["days"] = *options.days;
  auto added = ask_with_secret(options, "app-password.add", std::move(wish));
  if (!added.has_value()) return complain(added.error());
  auto& password = added->at("password").get_ref<std::string&>();
  if (options.common.output == Output::json) {
    say("{}\n", added->dump(2));
  } else {
    say("{}\n", password);
    remark("It is shown once, and logs in {} as {}.\n", where(options), options.name);
  }
  crypto::wipe(password);
  return 0;
}

int app_password_list(const AppPasswordOptions& options) {
  const auto listed = ask_with_secret(options, "app-password.list", json::object());
  if (!listed.has_value()) return complain(listed.error());
  if (options.common.output == Output::json) {
    say("{}\n", listed->dump(2));
    return 0;
  }
  for (const auto& slot : listed->at("slots")) {
    say("{}  {:<9}  {}  last used {}{}\n", slot.at("slot").get<std::string>(), slot.at("type").get<std::string>(),
        slot.at("name").get<std::string>(), slot.value("last_used", "never"), limits_of(slot));
  }
  return 0;
}

int app_password_revoke(const AppPasswordOptions& options) {
  const auto revoked = ask_with_secret(options, "app-password.revoke", {{"slot", options.slot}});
  if (!revoked.has_value()) return complain(revoked.error());
  say("revoked\n");
  return 0;
}

}  // namespace mailpod::daemon
