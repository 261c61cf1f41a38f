#pragma once

#include <mailpod/governance/act.hpp>

#include "maintainer_keys.hpp"
#include "office.hpp"

namespace mailpod::daemon {

/// The charter under which an act is made now: asked of the pod.
governance::Verdict<governance::Charter> charter_in_force(Office& office);

/// An act of `kind` about `member`, valid for a day from now; the caller fills in what the kind asks for beside.
governance::Act make_act(const OpenPod::Machine& machine, const governance::Charter& charter,
                         governance::Act::Kind kind, MemberId member);

/// What a command line calls an address: whole, or a local part of the pod's own domain.
governance::Verdict<members::Address> full_address(const std::string& given, const governance::Charter& charter);

/// A signed file as the control protocol carries it.
nlohmann::json file_json(const governance::SignedFile& file);

}  // namespace mailpod::daemon
