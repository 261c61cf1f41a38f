#include <cerrno>
#include <cstdio>
#include <system_error>

#include <nlohmann/json.hpp>

#include <mailpod/base/bytes.hpp>
#include <mailpod/crypto/keys.hpp>

#include "../code_key.hpp"
#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// One-time codes beside the password.
namespace mailpod::daemon {
namespace {

using governance::Verdict;
using nlohmann::json;

Verdict<json> ask(Office& office, const std::string& operation, json arguments) {
  return with_code_if_wanted(std::move(arguments), [&](json given) { return office.ask(operation, std::move(given)); });
}

void say_backup_codes(const TotpOptions& options, json& answer) {
  if (options.common.output == Output::json) {
    say("{}\n", answer.dump(2));
  } else {
    for (const auto& code : answer.at("backup_codes")) say("{}\n", code.get<std::string>());
    remark("Back-up codes, for when the authenticator is not at hand: shown once, each good for once.\n");
  }
  for (auto& code : answer.at("backup_codes")) crypto::wipe(code.get_ref<std::string&>());
}

/// What the authenticator is to say beside the member's name: the domain that was typed, or else whom we ask.
Verdict<std::string> issuer_for(const OpenPod::Machine& machine, const TotpOptions& options) {
  if (const auto at = options.name.rfind('@'); at != std::string::npos) return options.name.substr(at + 1);
  if (!options.common.at.empty()) return options.common.at.substr(0, options.common.at.find(':'));
  const auto configuration = read_configuration(machine.disk, options.common.pod);
  if (!configuration.has_value()) return configuration.error();
  return configuration->domain;
}

}  // namespace

/// The authenticator is shown the key first, and shows in return that it has it: nobody is locked out by a mistake.
int totp_enable(const TotpOptions& options) {
  auto secret = read_secret("password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  const auto machine = workplace.machine();
  Office office(machine, options.common);
  const auto issuer = issuer_for(machine, options);
  if (!issuer.has_value()) return complain(issuer.error());
  auto key = draw_code_key(machine.entropy);
  auto uri = write_code_uri(*issuer, options.name, key);
  say("{}\n", uri);
  crypto::wipe(uri);
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
  remark("Give this to the authenticator (`qrencode -t UTF8` draws it), then type the code that it shows.\n");
  auto code = read_secret("code");
  if (!code.has_value()) return complain(code.error());
  auto enabled = ask(
      office, "totp.enable",
      {{"address", options.name}, {"secret", std::move(*secret)}, {"key", base::hex(key)}, {"code", std::move(*code)}});
  crypto::wipe(key);
  if (!enabled.has_value()) return complain(enabled.error());
  say_backup_codes(options, *enabled);
  return 0;
}

int totp_disable(const TotpOptions& options) {
  auto secret = read_secret("password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto disabled = ask(office, "totp.disable", {{"address", options.name}, {"secret", std::move(*secret)}});
  if (!disabled.has_value()) return complain(disabled.error());
  say("{}\n", options.common.output == Output::json ? disabled->dump(2) : "no codes are asked for any more");
  return 0;
}

int totp_status(const TotpOptions& options) {
  auto secret = read_secret("password or app password of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto status = ask(office, "totp.status", {{"address", options.name}, {"secret", std::move(*secret)}});
  if (!status.has_value()) return complain(status.error());
  if (options.common.output == Output::json) {
    say("{}\n", status->dump(2));
  } else if (status->at("enabled").get<bool>()) {
    say("codes are asked for; {} back-up codes left\n", status->at("backup_codes_left").get<std::size_t>());
  } else {
    say("no codes are asked for\n");
  }
  return 0;
}

}  // namespace mailpod::daemon
