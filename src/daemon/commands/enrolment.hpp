#pragma once

#include <nlohmann/json_fwd.hpp>

#include "../commands.hpp"
#include "../office.hpp"

namespace mailpod::daemon {

/// What a newcomer chooses, as the operation takes it, without address and code: a password, from standard input, and
/// what the options say. The caller wipes it.
governance::Verdict<nlohmann::json> chosen_secrets(const EnrolOptions& options);

/// Has each of `enrolments` enrol, says what they are given, and has the pod told that they were. The exit status.
int enrol_by(Office& office, nlohmann::json enrolments, const EnrolOptions& options);

}  // namespace mailpod::daemon
