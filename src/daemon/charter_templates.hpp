#pragma once

#include <string>

#include <mailpod/base/disk.hpp>
#include <mailpod/governance/charter.hpp>

namespace mailpod::daemon {

/// A charter to start from: one of config/charters by its name, or a charter's file by its path.
governance::Verdict<governance::Charter> charter_template(base::Disk& disk, const std::string& name_or_path);

/// Whether it stands in a template, in the place of a founder's own: whoever has its other half could govern the pods
/// that left it there.
bool holds_a_place(const crypto::minisign::PublicKey& key);

/// Takes over rules and text; whose pod it is, its times, maintainers, threshold, keys, pods and addresses stay.
void adopt_rules(governance::Charter& into, const governance::Charter& from);

}  // namespace mailpod::daemon
