#include <nlohmann/json.hpp>

#include <mailpod/base/log.hpp>
#include <mailpod/crypto/keys.hpp>

#include "../one_time_code.hpp"
#include "../terminal.hpp"
#include "../workplace.hpp"
#include "vault_errand.hpp"

// What changes a vault. Each asks for one of its member's secrets, and what cannot be taken back is asked for again.
namespace mailpod::daemon {
namespace {

using governance::Complaint;
using governance::Errc;
using nlohmann::json;

Complaint not_wanted() {
  return {Errc::bad_value, "", 0, "nothing was done", "answer yes, or give --yes"};
}

/// The secret is wiped with it.
struct Asked {
  explicit Asked(std::string given) : secret(std::move(given)) {}
  ~Asked() { crypto::wipe(secret); }
  Asked(const Asked&) = delete;
  Asked& operator=(const Asked&) = delete;
  json arguments(const VaultOptions& options) const { return {{"member", options.member}, {"secret", secret}}; }
  std::string secret;
};

/// Reads the secret, then does one thing.
int change(const VaultOptions& options, const std::string& what, const json& more, int (*conclude)(const json& done)) {
  auto secret = secret_of(options);
  if (!secret.has_value()) return complain(secret.error());
  const Asked asked(std::move(*secret));
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  auto arguments = asked.arguments(options);
  arguments.update(more);
  const auto done = run_errand(office, what, std::move(arguments));
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
    return 0;
  }
  return conclude(*done);
}

void say_slots(const json& slots) {
  for (const auto& slot : slots) {
    say("  {}  {:<9}  {}\n", slot.at("slot").get<std::string>(), slot.at("type").get<std::string>(),
        slot.at("name").get<std::string>());
  }
}

std::string plan_for(const VaultOptions& options) {
  std::string plan = "What loses nothing is mended.";
  if (options.drop_lost) plan += " Messages that are lost are expunged.";
  if (options.empty_quarantine) plan += " What was put aside is deleted for good.";
  return plan;
}

}  // namespace

int vault_repair(const VaultOptions& options) {
  auto secret = secret_of(options);
  if (!secret.has_value()) return complain(secret.error());
  const Asked asked(std::move(*secret));
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  if (options.consent == VaultOptions::Consent::asked) {
    const auto verified = run_errand(office, "verify", asked.arguments(options));
    if (!verified.has_value()) return complain(verified.error());
    if (verified->at("faults").empty()) {
      say("nothing is wrong\n");
      return 0;
    }
    for (const auto& fault : verified->at("faults")) say_fault(fault);
    if (!consents(options, plan_for(options))) return complain(not_wanted());
  }
  auto arguments = asked.arguments(options);
  arguments["drop_lost"] = options.drop_lost;
  arguments["empty_quarantine"] = options.empty_quarantine;
  const auto repaired = run_errand(office, "repair", std::move(arguments));
  if (!repaired.has_value()) return complain(repaired.error());
  if (options.common.output == Output::json) {
    say("{}\n", repaired->dump(2));
    return 0;
  }
  for (const auto& act : repaired->at("acts")) {
    const auto text = [&](const char* key) { return act.at(key).get<std::string>(); };
    const auto done = text("done");
    say("{:<7} {}: {}; {}", text("outcome"), text("place"), text("what"), done.empty() ? text("remedy") : done);
    if (act.contains("date")) say(", of {}", text("date"));
    say("\n");
  }
  if (options.empty_quarantine)
    say("deleted {} files that were put aside\n", repaired->at("emptied").get<std::size_t>());
  if (repaired->at("acts").empty()) say("nothing is wrong\n");
  return 0;
}

int vault_compact(const VaultOptions& options) {
  return change(options, "compact", json::object(), [](const json& done) {
    say("journal {} octets before, {} after\n", done.at("before").get<std::uint64_t>(),
        done.at("after").get<std::uint64_t>());
    return 0;
  });
}

int vault_reindex(const VaultOptions& options) {
  return change(options, "reindex", json::object(), [](const json& done) {
    say("{} messages indexed, {} octets\n", done.at("documents").get<std::uint64_t>(),
        done.at("octets").get<std::uint64_t>());
    return 0;
  });
}

int vault_rekey(const VaultOptions& options) {
  auto secret = secret_of(options);
  if (!secret.has_value()) return complain(secret.error());
  const Asked asked(std::move(*secret));
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  if (options.consent == VaultOptions::Consent::asked) {
    const auto others = with_code_if_wanted(asked.arguments(options),
                                            [&](json given) { return office.ask("vault.others", std::move(given)); });
    if (!others.has_value()) return complain(others.error());
    say("The vault gets new keys. The secret that was given goes on; these are revoked, and have to be made anew:\n");
    say_slots(others->at("others"));
    if (!consents(options, "All sessions end.")) return complain(not_wanted());
  }
  const auto done = run_errand(office, "rekey", asked.arguments(options));
  if (!done.has_value()) return complain(done.error());
  if (options.common.output == Output::json) {
    say("{}\n", done->dump(2));
    return 0;
  }
  say("new keys; revoked:\n");
  say_slots(done->at("revoked"));
  remark("What the thief has read, or copied together with a key, stays known to them.\n");
  return 0;
}

int vault_archive_set(const VaultOptions& options) {
  return change(options, "archive", {{"recipient", options.recipient}}, [](const json& done) {
    say("sealed to {} too, from now on\n", done.at("recipient").get<std::string>());
    return 0;
  });
}

int vault_archive_clear(const VaultOptions& options) {
  return change(options, "archive", {{"recipient", ""}}, [](const json&) {
    say("sealed to the member alone, from now on\n");
    return 0;
  });
}

int vault_archive_show(const VaultOptions& options) {
  json arguments{{"member", options.member}};
  if (brings_secret(options)) {
    auto secret = secret_of(options);
    if (!secret.has_value()) return complain(secret.error());
    arguments["secret"] = std::move(*secret);
  }
  const Workplace workplace;
  Office office(workplace.machine(), options.common);
  const auto shown = with_code_if_wanted(
      std::move(arguments), [&](json given) { return office.ask("vault.archive-show", std::move(given)); });
  if (!shown.has_value()) return complain(shown.error());
  if (options.common.output == Output::json) {
    say("{}\n", shown->dump(2));
    return 0;
  }
  const auto& recipient = shown->at("recipient");
  say("{}\n", recipient.is_null() ? "none" : recipient.get<std::string>());
  return 0;
}

}  // namespace mailpod::daemon
