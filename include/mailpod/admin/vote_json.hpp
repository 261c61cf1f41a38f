#pragma once

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/roster.hpp>

namespace mailpod::admin {

/// What everybody may know of a vote; with its result, if it has one.
nlohmann::json vote_json(const governance::RecordedVote& vote, base::Time now);

}  // namespace mailpod::admin
