#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/charter.hpp>

namespace mailpod::daemon {

/// A charter to start from: one of config/charters by its name, or a charter's file by its path.
governance::Verdict<governance::Charter> charter_template(base::Disk& disk, const std::string& name_or_path);

/// Takes over rules and text; whose pod it is, its times, maintainers, threshold, keys, pods and addresses stay.
void adopt_rules(governance::Charter& into, const governance::Charter& from);

}  // namespace mailpod::daemon
