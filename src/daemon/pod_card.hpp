#pragma once

#include <mailpod/governance/card.hpp>

#include "configuration.hpp"
#include "open_pod.hpp"

namespace mailpod::daemon {

/// What the pod says of itself to others, signed by its key: the charter in force, its names, its limits. The same all
/// day, so that whoever has a copy can keep it; valid for thirty days. Any thread.
governance::Note pod_card(OpenPod& pod, const Configuration& configuration);

}  // namespace mailpod::daemon
