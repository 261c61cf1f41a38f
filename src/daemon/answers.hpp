#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/error.hpp>

#include "commands.hpp"

namespace mailpod::daemon {

/// Tells of a change that was made: `DONE WHAT`, where WHAT is the answer's `field`, or with --json the answer itself;
/// else the complaint. The exit status that goes with it.
int say_done(const Common& common, const governance::Verdict<nlohmann::json>& changed, std::string_view done,
             std::string_view field);

}  // namespace mailpod::daemon
