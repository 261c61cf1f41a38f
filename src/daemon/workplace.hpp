#pragma once

#include <memory>

#include "open_pod.hpp"

namespace mailpod::daemon {

/// The machine as a command finds it: its disk, clock, entropy, a silent log and locked memory for keys.
class Workplace {
public:
  Workplace();
  OpenPod::Machine machine() const;

private:
  std::unique_ptr<base::Disk> disk_;
  std::unique_ptr<crypto::KeyArena> arena_;
};

}  // namespace mailpod::daemon
