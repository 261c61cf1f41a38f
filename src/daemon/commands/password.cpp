#include <cerrno>
#include <cstdio>
#include <system_error>

#include <nlohmann/json.hpp>

#include <mailpod/crypto/keys.hpp>

#include "../commands.hpp"
#include "../office.hpp"
#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"

// A member forgot their password, or wants another; and what lies in their drawer for that day.
namespace mailpod::daemon {
namespace {

using governance::Verdict;
using nlohmann::json;

Verdict<json> ask(Office& office, const std::string& operation, json arguments) {
  return with_code_if_wanted(std::move(arguments), [&](json given) { return office.ask(operation, std::move(given)); });
}

/// Prints the code, and only then has the earlier ones destroyed.
int hand_over(Office& office, const PasswordOptions& options, json& answer) {
  auto& code = answer.at("recovery_code").get_ref<std::string&>();
  if (options.common.output == Output::json) {
    say("{}\n", answer.dump(2));
  } else {
    say("{}\n", code);
    remark("This is the new recovery code, shown once. Keep it on paper, away from your devices.\n");
  }
  if (std::fflush(stdout) != 0) throw std::system_error(errno, std::generic_category(), "standard output");
  json told{{"address", options.name}, {"recovery_code", code}};
  crypto::wipe(code);
  bool ended = false;
  try {
    ended = office.ask("recovery-code.told", std::move(told)).has_value();
  } catch (const std::system_error&) {
    // The daemon is gone; all else is done.
  }
  remark("{}\n", ended ? "Earlier ones are worth nothing any more."
                       : "Earlier ones go on working; `mailpod recovery-code` ends them.");
  return 0;
}

}  // namespace

int password(const PasswordOptions& options) {
  auto secret = read_secret("old password, app password or recovery code of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  auto chosen = read_new_password();
  if (!chosen.has_value()) return complain(chosen.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  auto changed = ask(office, "password.change",
                     {{"address", options.name}, {"secret", std::move(*secret)}, {"new_password", std::move(*chosen)}});
  if (!changed.has_value()) return complain(changed.error());
  if (changed->contains("recovery_code")) return hand_over(office, options, *changed);
  say("{}\n", options.common.output == Output::json ? changed->dump(2) : "changed");
  return 0;
}

int recovery_code(const PasswordOptions& options) {
  auto secret = read_secret("password, app password or recovery code of " + options.name);
  if (!secret.has_value()) return complain(secret.error());
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  auto made = ask(office, "recovery-code.new", {{"address", options.name}, {"secret", std::move(*secret)}});
  if (!made.has_value()) return complain(made.error());
  return hand_over(office, options, *made);
}

}  // namespace mailpod::daemon
