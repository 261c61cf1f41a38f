#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/error.hpp>

#include "../commands.hpp"
#include "../office.hpp"

/// What the commands below `vault` share.
namespace mailpod::daemon {

/// One of the member's own secrets, from standard input.
governance::Verdict<std::string> secret_of(const VaultOptions& options);
/// Whether what could be looked at without one is looked at with it: as asked for, and from elsewhere always.
bool brings_secret(const VaultOptions& options);
/// Has it done, and waits for it; on a terminal it says how far it is.
governance::Verdict<nlohmann::json> run_errand(Office& office, const std::string& what, nlohmann::json arguments);
/// Asks on standard error, unless --yes was given.
bool consents(const VaultOptions& options, std::string_view question);
/// Place, what is wrong, what it means, what to do.
void say_fault(const nlohmann::json& fault);

}  // namespace mailpod::daemon
