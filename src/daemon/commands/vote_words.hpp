#pragma once

#include <nlohmann/json_fwd.hpp>

#include "../commands.hpp"

namespace mailpod::daemon {

/// Prints what is known of a vote (admin::vote_json) for people: what it asks, who may vote, what it came to.
void say_vote(const nlohmann::json& vote);
/// The same in one line.
void say_vote_line(const nlohmann::json& vote);

}  // namespace mailpod::daemon
