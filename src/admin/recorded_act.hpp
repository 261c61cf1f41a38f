#pragma once

#include <nlohmann/json.hpp>

#include <mailpod/admin/desk.hpp>
#include <mailpod/governance/act.hpp>

namespace mailpod::admin {

/// Has the signed file under `act` judged and recorded. It must be of `kind`, so that the operation's name says what
/// was done: else throws BadRequest. Errors: those of parse_act and of Admissions::record.
governance::Verdict<governance::Act> record_act(const Premises& premises, const nlohmann::json& arguments,
                                                governance::Act::Kind kind);

}  // namespace mailpod::admin
