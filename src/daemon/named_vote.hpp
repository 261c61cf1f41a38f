#pragma once

#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/vote_count.hpp>

namespace mailpod::daemon {

/// The vote that a pod showed (`vote.show`) to somebody who will sign a ballot for the one called `name`: what of it a
/// ballot must fit. Only the file that opened the vote is believed, and only if its identity begins with `name`, at
/// least 16 digits of it: for fewer the pod could make another vote that fits. Errors: vote_unknown, those of
/// parse_vote.
governance::Verdict<governance::Poll> named_vote(const nlohmann::json& shown, std::string_view name);

/// What that file asks, for whoever is about to sign: a line each of the vote, its title, and who or what it is about.
std::string question_of(const governance::Poll& poll);

}  // namespace mailpod::daemon
