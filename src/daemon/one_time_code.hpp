#pragma once

#include <functional>

#include <nlohmann/json_fwd.hpp>

#include <mailpod/governance/error.hpp>

namespace mailpod::daemon {

/// Does what `ask` does with `arguments`, among them a member's `secret`; and once more with a one-time code, from
/// standard input, where that secret asks for one. Scripts give it as the last line.
governance::Verdict<nlohmann::json> with_code_if_wanted(
    nlohmann::json arguments, const std::function<governance::Verdict<nlohmann::json>(nlohmann::json)>& ask);

}  // namespace mailpod::daemon
