#pragma once

#include <string>

#include <nlohmann/json.hpp>

#include <mailpod/governance/error.hpp>

namespace mailpod::admin {

/// `{"complaint": …}`, as it goes over the wire.
nlohmann::json reply_of(const governance::Complaint& complaint);
nlohmann::json refusal(std::string what, std::string remedy);

}  // namespace mailpod::admin
